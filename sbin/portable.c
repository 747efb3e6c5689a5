/* portable - records as they leave an installation and come into another one */
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "base/random.h"
#include "base/shape.h"
#include "crypto/aead.h"
#include "sbin/archive.h"
#include "sbin/portable.h"

enum { SECRET = 52 };	/* characters of a new client secret */

/* What an archive without secrets has. A kind that is not named here may hold secrets. */
static const bool plain[KV_NKINDS] = {
	[KV_POOL] = true, [KV_DOMAIN] = true, [KV_POOL_DOMAIN] = true, [KV_CLIENT] = true,
	[KV_CLIENT_POOL] = true, [KV_USER] = true, [KV_ALIAS] = true, [KV_GROUP] = true,
	[KV_MEMBER] = true, [KV_GROUP_MEMBER] = true, [KV_RESOURCE] = true,
};

/* As what the members named Sealed of a kind are sealed; bound: to the parts of the key. */
static const struct {
	const char *purpose;
	bool bound;
} seals[KV_NKINDS] = {
	[KV_KEY] = { "signing key", true },
	[KV_CLIENT] = { "client secret", false },
	[KV_OUTBOX] = { "outbox", false },
	[KV_TICKET] = { "ticket", false },
	[KV_FACTOR] = { "authenticator", false },
};

bool
portable_is_plain(enum kv_kind kind)
{
	return plain[kind];
}

const char *
portable_spell(struct arena *mem, const struct kv_key *key)
{
	char *s = arena_dupn(mem, key->data, key->n);
	size_t i;

	for (i = 0; i + 1 < key->n; i++)
		if ((unsigned char)s[i] < 0x20)
			s[i] = ' ';
	return arena_printf(mem, "%s %s", kv_kinds[key->kind].name, key->n > 1 ? s + 1 : "");
}

/*
 * Secrets: one walk over a document, with what to do at each member named Sealed.
 */

struct walk {
	struct rq *rq;
	const struct kv_key *key;
	/* A new value for the member, or NULL to leave it out. */
	int (*at)(struct walk *walk, const char *sealed, const char **value_r);
	bool secrets;
	size_t made;
};

static const char *
purpose(struct walk *walk)
{
	struct arena *mem = walk->rq->mem;
	enum kv_kind kind = walk->key->kind;

	if (!seals[kind].bound)
		return seals[kind].purpose;
	return arena_printf(mem, "%s %s %s", seals[kind].purpose, kv_part(mem, walk->key, 0),
	    kv_part(mem, walk->key, 1));
}

static int
open_one(struct walk *walk, const char *sealed, const char **value_r)
{
	unsigned char *data;
	size_t n;

	*value_r = NULL;
	if (!walk->secrets)
		return 0;
	if (aead_open(walk->rq, purpose(walk), sealed, &data, &n) != 0)
		return fault(walk->rq, "the secret of %s does not open",
		    portable_spell(walk->rq->mem, walk->key));
	*value_r = base64(walk->rq->mem, data, n);
	return 0;
}

static int
seal_one(struct walk *walk, const char *opened, const char **value_r)
{
	unsigned char *data;
	size_t n;

	*value_r = NULL;
	if (!base64_decode(walk->rq->mem, opened, strlen(opened), &data, &n))
		return archive_refuse(walk->rq, "%s: its secret is not one",
		    portable_spell(walk->rq->mem, walk->key));
	return aead_seal(walk->rq, purpose(walk), data, n, value_r);
}

static int walk_value(struct walk *walk, const struct json *value, const struct json **new_r);

static int
walk_object(struct walk *walk, const struct json *object, const struct json **new_r)
{
	struct json *new = json_object(walk->rq->mem);
	const struct json *value;
	struct json_member m;
	const char *text;
	int r = 0;

	for (m = json_first(object); r == 0 && m.name != NULL; m = json_next(m)) {
		if (strcmp(m.name, "Sealed") == 0 && json_as_text(m.value) != NULL) {
			if ((r = walk->at(walk, json_as_text(m.value), &text)) == 0)
				json_set_text(new, m.name, text);
		} else if ((r = walk_value(walk, m.value, &value)) == 0) {
			json_set(new, m.name, value);
		}
	}
	*new_r = new;
	return r;
}

static int
walk_value(struct walk *walk, const struct json *value, const struct json **new_r)
{
	struct json *list;
	const struct json *one;
	size_t i;
	int r = 0;

	*new_r = value;
	if (json_type(value) == JSON_OBJECT)
		return walk_object(walk, value, new_r);
	if (json_type(value) != JSON_ARRAY)
		return 0;
	list = json_array(walk->rq->mem);
	for (i = 0; r == 0 && i < json_count(value); i++)
		if ((r = walk_value(walk, json_at(value, i), &one)) == 0)
			json_add(list, one);
	*new_r = list;
	return r;
}

static bool
has_sealed(const struct shape *shape)
{
	int i;

	for (i = 0; shape != NULL && i < shape->n; i++)
		if (strncmp(shape->members[i].name, "Sealed", 6) == 0 ||
		    (shape->members[i].shape != shape && has_sealed(shape->members[i].shape)))
			return true;
	return false;
}

bool
portable_is_known(enum kv_kind kind)
{
	return seals[kind].purpose != NULL || !has_sealed(shape_find(kv_kinds[kind].shape));
}

static int
opened(struct rq *rq, const struct kv_key *key, const struct json *doc, bool secrets,
    const struct json **doc_r)
{
	struct walk walk = { .rq = rq, .key = key, .at = open_one, .secrets = secrets };

	*doc_r = doc;
	if (!portable_is_known(key->kind))
		return fault(rq, "nobody knows how the secrets of a %s are sealed",
		    kv_kinds[key->kind].name);
	if (doc == NULL || seals[key->kind].purpose == NULL)
		return 0;
	return walk_object(&walk, doc, doc_r);
}

/*
 * Lines.
 */

int
portable_from(struct rq *rq, const struct record *record, bool secrets,
    const struct json **line_r)
{
	struct json *line = json_object(rq->mem), *key = json_array(rq->mem);
	const struct json *doc;
	const char *part;
	int i, r;

	*line_r = line;
	if ((r = opened(rq, record->key, record->doc, secrets, &doc)) != 0)
		return r;
	json_set_text(line, "Kind", kv_kinds[record->key->kind].name);
	for (i = 0; (part = kv_part(rq->mem, record->key, i)) != NULL; i++)
		json_add_text(key, part);
	json_set(line, "Key", key);
	if (record->seen->expires != 0)
		json_set_int(line, "Expires", record->seen->expires);
	json_set(line, "Doc", doc);
	return 0;
}

static int
parts_of(enum kv_kind kind)
{
	const char *p = kv_kinds[kind].key;
	int n = *p != '\0';

	while ((p = strchr(p, ' ')) != NULL) {
		p++;
		n++;
	}
	return n;
}

/* kv_key takes as many parts as are written there; no kind has more. */
static const struct kv_key *
key_of(struct rq *rq, enum kv_kind kind, struct words parts)
{
	const char *at[4] = { NULL };
	size_t i;

	for (i = 0; i < parts.n && i < 4; i++)
		at[i] = parts.at[i];
	return kv_key(rq->mem, kind, at[0], at[1], at[2], at[3], NULL);
}

static bool
find_kind(const char *name, enum kv_kind *kind_r)
{
	int i;

	for (i = 0; i < KV_NKINDS; i++)
		if (i != KV_META && text_equal(kv_kinds[i].name, name)) {
			*kind_r = (enum kv_kind)i;
			return true;
		}
	return false;
}

/* A document whose secrets were left out lacks what its shape needs; it is checked when it has
 * them again (record_put). */
static int
check_shape(struct rq *rq, const struct portable *portable, bool secrets)
{
	const char *name = kv_kinds[portable->kind].shape;

	if ((*name == '\0') != (portable->doc == NULL))
		return archive_refuse(rq, "%s: with a document or without, not as it has to be",
		    portable_spell(rq->mem, portable->key));
	if (portable->doc == NULL || (!secrets && seals[portable->kind].purpose != NULL) ||
	    shape_check(rq, shape_find(name), portable->doc) == 0)
		return 0;
	return archive_refuse(rq, "%s: %s", portable_spell(rq->mem, portable->key),
	    refusal_text(rq));
}

int
portable_read(struct rq *rq, const struct json *line, bool secrets, struct portable *portable_r)
{
	struct words parts = json_words(rq->mem, line, "Key");
	const struct json *doc = json_get(line, "Doc");

	if (!find_kind(json_text(line, "Kind"), &portable_r->kind))
		return archive_refuse(rq, "a record of an unknown kind: was the archive made by a "
		    "newer version?");
	if (parts.n != (size_t)parts_of(portable_r->kind) ||
	    parts.n != json_count(json_get(line, "Key")))
		return archive_refuse(rq, "a %s with a key of another form",
		    kv_kinds[portable_r->kind].name);
	portable_r->key = key_of(rq, portable_r->kind, parts);
	if (portable_r->key->n == 0)
		return archive_refuse(rq, "a %s with a key that is too long",
		    kv_kinds[portable_r->kind].name);
	portable_r->doc = json_type(doc) == JSON_OBJECT ? json_copy(rq->mem, doc) : NULL;
	portable_r->expires = json_int(line, "Expires", 0);
	return check_shape(rq, portable_r, secrets);
}

/* A client with a secret stays one: without it anybody could speak in its name. */
static void
renew_secrets(struct rq *rq, struct portable *portable, size_t *made_r)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	const struct json *rows = json_get(portable->doc, "ClientSecrets");
	struct json *all = json_array(rq->mem), *row;
	const char *secret;
	size_t i;

	if (portable->kind != KV_CLIENT || rows == NULL)
		return;
	for (i = 0; i < json_count(rows); i++) {
		row = json_copy(rq->mem, json_at(rows, i));
		if (!json_has(row, "Sealed")) {
			secret = random_text(rq->mem, SECRET, letters);
			json_set_text(row, "Sealed", base64(rq->mem, secret, strlen(secret)));
			++*made_r;
		}
		json_add(all, row);
	}
	json_set(portable->doc, "ClientSecrets", all);
}

int
portable_seal(struct rq *rq, struct portable *portable, size_t *made_r)
{
	struct walk walk = { .rq = rq, .key = portable->key, .at = seal_one, .secrets = true };
	const struct json *doc;
	int r;

	if (portable->doc == NULL || seals[portable->kind].purpose == NULL)
		return 0;
	renew_secrets(rq, portable, made_r);
	if ((r = walk_object(&walk, portable->doc, &doc)) == 0)
		portable->doc = json_copy(rq->mem, doc);
	return r;
}

/* Keys and secrets that came without are made here, and differ. */
static struct json *
without_own(struct rq *rq, const struct json *doc, bool secrets)
{
	struct json *copy = json_copy(rq->mem, doc);

	if (!secrets) {
		json_drop(copy, "SigningKeys");
		json_drop(copy, "AlgorithmKeys");
	}
	return copy;
}

int
portable_same(struct rq *rq, const struct portable *portable, const struct record *there,
    bool secrets, bool *same_r)
{
	const struct json *doc;
	int r;

	*same_r = portable->doc == NULL && there->doc == NULL;
	if (portable->doc == NULL || there->doc == NULL)
		return 0;
	if ((r = opened(rq, there->key, there->doc, secrets, &doc)) == 0)
		*same_r = json_equal(without_own(rq, portable->doc, secrets),
		    without_own(rq, doc, secrets));
	return r;
}

/*
 * References.
 */

struct portable_set {
	uint64_t *at;
	size_t n, size;			/* size: a power of two */
};

/* 0 stands for an empty place. */
static uint64_t
hash(const struct kv_key *key)
{
	uint64_t h = kv_hash(key);

	return h == 0 ? 1 : h;
}

static void
release(void *object)
{
	struct portable_set *set = object;

	free(set->at);
}

struct portable_set *
portable_set_new(struct rq *rq)
{
	struct portable_set *set = arena_alloc(rq->mem, sizeof(*set));

	arena_defer(rq->mem, release, set);
	return set;
}

static uint64_t *
place(const struct portable_set *set, uint64_t h)
{
	size_t i = (size_t)(h * 0x9e3779b97f4a7c15u >> 20) & (set->size - 1);

	while (set->at[i] != 0 && set->at[i] != h)
		i = (i + 1) & (set->size - 1);
	return &set->at[i];
}

static void
add(struct portable_set *set, uint64_t h)
{
	struct portable_set old = *set;
	size_t i;

	if (set->n * 2 >= set->size) {
		set->size = old.size == 0 ? 1024 : old.size * 2;
		if ((set->at = calloc(set->size, sizeof(*set->at))) == NULL)
			log_die("out of memory");
		for (i = 0; i < old.size; i++)
			if (old.at[i] != 0)
				*place(set, old.at[i]) = old.at[i];
		free(old.at);
	}
	if (*place(set, h) == 0)
		set->n++;
	*place(set, h) = h;
}

static bool
has(const struct portable_set *set, const struct kv_key *key)
{
	return set->size > 0 && *place(set, hash(key)) != 0;
}

/* Kinds that others refer to. */
static bool
is_parent(enum kv_kind kind)
{
	return kind == KV_POOL || kind == KV_CLIENT || kind == KV_USER || kind == KV_ALIAS ||
	    kind == KV_GROUP;
}

struct referring {
	struct rq *rq;
	struct portable_set *set;
	const struct kv_key *key;
	const char *missing;
};

static void
need(struct referring *r, const struct kv_key *to)
{
	if (r->missing == NULL && !has(r->set, to))
		r->missing = portable_spell(r->rq->mem, to);
}

/* Where the name of a part of a key says what it is: a pool, a person's sub, a group. A ticket of
 * somebody who was deleted is left to expire. */
static void
need_parts(struct referring *r)
{
	struct arena *mem = r->rq->mem;
	enum kv_kind kind = r->key->kind;
	struct words names = words_split(mem, kv_kinds[kind].key, ' ');
	const char *pool = kv_part(mem, r->key, 0), *part;
	size_t i;

	if (names.n == 0 || strcmp(names.at[0], "pool") != 0)
		return;
	if (kind != KV_POOL)
		need(r, kv_key(mem, KV_POOL, pool, NULL));
	for (i = 1; i < names.n && kind != KV_TICKET; i++) {
		part = kv_part(mem, r->key, (int)i);
		if (strcmp(names.at[i], "sub") == 0)
			need(r, kv_key(mem, KV_ALIAS, pool, "sub", part, NULL));
		if (strcmp(names.at[i], "group") == 0 && kind != KV_GROUP)
			need(r, kv_key(mem, KV_GROUP, pool, part, NULL));
	}
}

/* Where a document leads. */
static void
need_document(struct referring *r, const struct json *doc)
{
	const char *pool = json_text(doc, "UserPoolId"), *name = json_text(doc, "Username");
	struct arena *mem = r->rq->mem;
	const struct kv_key *folded;

	if (r->key->kind == KV_DOMAIN)
		need(r, kv_key(mem, KV_POOL, pool, NULL));
	if (r->key->kind == KV_CLIENT_POOL)
		need(r, kv_key(mem, KV_CLIENT, pool, kv_part(mem, r->key, 0), NULL));
	if (r->key->kind != KV_ALIAS)
		return;
	pool = kv_part(mem, r->key, 0);
	folded = kv_key(mem, KV_USER, pool, text_lower(mem, name), NULL);
	if (!has(r->set, folded))
		need(r, kv_key(mem, KV_USER, pool, name, NULL));
}

void
portable_refer(struct rq *rq, struct portable_set *set, enum kv_kind kind,
    const struct kv_key *key, const struct json *doc, const char **missing_r)
{
	struct referring r = { rq, set, key, NULL };

	need_parts(&r);
	if (doc != NULL)
		need_document(&r, doc);
	if (r.missing == NULL && is_parent(kind))
		add(set, hash(key));
	*missing_r = r.missing;
}
