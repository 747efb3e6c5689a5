/* user - people, the names that lead to them, and their password hashes */
#include <stddef.h>
#include <string.h>

#include "base/random.h"
#include "base/shape.h"
#include "store/factor.h"
#include "store/user.h"

static const struct bind user_table[] = {
	{ "Username", BIND_TEXT, offsetof(struct user, username) },
	{ "Sub", BIND_TEXT, offsetof(struct user, sub) },
	{ "UserStatus", BIND_TEXT, offsetof(struct user, status) },
	{ "Enabled", BIND_BOOL, offsetof(struct user, enabled) },
	{ "TokensNotBefore", BIND_INT, offsetof(struct user, tokens_not_before) },
	{ "Attributes", BIND_JSON, offsetof(struct user, attributes) },
	{ "UserMFASettingList", BIND_WORDS, offsetof(struct user, factors) },
	{ "PreferredMfaSetting", BIND_TEXT, offsetof(struct user, preferred_factor) },
	{ NULL, BIND_TEXT, 0 },
};

static void
user_fill(struct arena *mem, const struct json *doc, void *out)
{
	struct user *user = out;

	shape_bind(mem, user_table, doc, user);
	user->doc = doc;
}

const struct user *
user_view(struct rq *rq, const struct pool *pool, const struct json *doc)
{
	struct user *user = arena_alloc(rq->mem, sizeof(*user));

	user_fill(rq->mem, doc, user);
	user->pool = pool->id;
	return user;
}

static const struct user *
user_decode(struct arena *mem, const struct pool *pool, const struct record *record)
{
	struct user *user = parsed_struct(mem, record->parsed, sizeof(*user), user_fill);

	user->pool = pool->id;
	user->record = record;
	return user;
}

/* A name as keys spell it. */
static const char *
fold(struct arena *mem, const struct pool *pool, const char *name)
{
	return pool->case_sensitive ? name : text_lower(mem, name);
}

static const struct kv_key *
user_key(struct rq *rq, const struct pool *pool, const char *username)
{
	return kv_key(rq->mem, KV_USER, pool->id, fold(rq->mem, pool, username), NULL);
}

/* Telephone numbers and sub have no case; the rest follows the pool (idp-api.md 14.3). */
static const struct kv_key *
alias_key(struct rq *rq, const struct pool *pool, const char *attribute, const char *value)
{
	return kv_key(rq->mem, KV_ALIAS, pool->id, attribute, fold(rq->mem, pool, value), NULL);
}

int
user_get(struct rq *rq, const struct pool *pool, const char *username, const struct user **user_r)
{
	const struct record *record;
	int r;

	*user_r = NULL;
	if ((r = record_get(rq, user_key(rq, pool, username), &record)) != 0)
		return r;
	if (record != NULL)
		*user_r = user_decode(rq->mem, pool, record);
	return 0;
}

int
user_alias(struct rq *rq, const struct pool *pool, const char *attribute, const char *value,
    const char **username_r)
{
	const struct record *record;
	int r;

	*username_r = NULL;
	if ((r = record_get(rq, alias_key(rq, pool, attribute, value), &record)) != 0)
		return r;
	if (record != NULL)
		*username_r = json_text(record->doc, "Username");
	return 0;
}

static int
user_by_alias(struct rq *rq, const struct pool *pool, const char *attribute, const char *value,
    const struct user **user_r)
{
	const char *username;
	int r;

	*user_r = NULL;
	r = user_alias(rq, pool, attribute, value, &username);
	if (r != 0 || username == NULL)
		return r;
	return user_get(rq, pool, username, user_r);
}

int
user_find(struct rq *rq, const struct pool *pool, const char *name, bool by_sub,
    const struct user **user_r)
{
	const struct words lists[] = { pool->username_attributes, pool->alias_attributes };
	size_t i, j;
	int r;

	if ((r = user_get(rq, pool, name, user_r)) != 0 || *user_r != NULL)
		return r;
	for (i = 0; i < 2; i++)
		for (j = 0; j < lists[i].n; j++) {
			r = user_by_alias(rq, pool, lists[i].at[j], name, user_r);
			if (r != 0 || *user_r != NULL)
				return r;
		}
	return by_sub ? user_by_alias(rq, pool, "sub", name, user_r) : 0;
}

/*
 * Documents and attributes.
 */

static void
doc_touch(struct rq *rq, struct json *doc)
{
	json_set_real(doc, "UserLastModifiedDate", (double)rq->now / 1000.0);
}

struct json *
user_doc_new(struct rq *rq, const struct pool *pool, const char *username, const char *status)
{
	const char *sub = random_uuid(rq->mem);
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Username", username == NULL ? sub : fold(rq->mem, pool, username));
	json_set_text(doc, "Sub", sub);
	json_set_text(doc, "UserStatus", status);
	json_set_bool(doc, "Enabled", true);
	json_set(doc, "Attributes", json_array(rq->mem));
	json_set_real(doc, "UserCreateDate", (double)rq->now / 1000.0);
	doc_touch(rq, doc);
	return doc;
}

struct json *
user_doc_copy(struct rq *rq, const struct user *user)
{
	struct json *doc = json_copy(rq->mem, user->doc);

	doc_touch(rq, doc);
	return doc;
}

const char *
user_doc_attribute(const struct json *doc, const char *name)
{
	if (strcmp(name, "sub") == 0)
		return json_text(doc, "Sub");
	return json_text(json_find(json_get(doc, "Attributes"), "Name", name), "Value");
}

const char *
user_attribute(const struct user *user, const char *name)
{
	return user_doc_attribute(user->doc, name);
}

void
user_doc_set(struct rq *rq, struct json *doc, const char *name, const char *value)
{
	const struct json *old = json_get(doc, "Attributes");
	struct json *list = json_array(rq->mem), *entry = json_object(rq->mem);
	bool done = value == NULL;
	size_t i;

	json_set_text(entry, "Name", name);
	json_set_text(entry, "Value", value);
	for (i = 0; i < json_count(old); i++) {
		if (!text_equal(json_text(json_at(old, i), "Name"), name)) {
			json_add(list, json_at(old, i));
		} else if (!done) {
			json_add(list, entry);
			done = true;
		}
	}
	if (!done)
		json_add(list, entry);
	json_set(doc, "Attributes", list);
}

/*
 * What of a user leads to it besides the username. Of a pool with aliases, e-mail and telephone
 * number only once they are proven: otherwise anyone could claim a stranger's and stand in the way
 * (pages.md 7).
 */

enum { LONGEST_ALIAS = 512 };	/* bytes; a key has 1,000. A longer value is no sign-in name */

struct alias {
	const char *attribute;
	const struct kv_key *key;
};

static size_t
alias_add(struct rq *rq, const struct pool *pool, const char *attribute, const struct json *doc,
    struct alias *list, size_t n)
{
	const char *value = user_doc_attribute(doc, attribute);
	size_t i;

	if (value == NULL || value[0] == '\0' || strlen(value) > LONGEST_ALIAS || n == USER_ALIASES)
		return n;
	for (i = 0; i < n; i++)
		if (strcmp(list[i].attribute, attribute) == 0)
			return n;
	list[n].attribute = attribute;
	list[n].key = alias_key(rq, pool, attribute, value);
	return n + 1;
}

static bool
is_proven(struct rq *rq, const struct json *doc, const char *attribute)
{
	if (strcmp(attribute, "preferred_username") == 0)
		return true;
	return text_equal(user_doc_attribute(doc, arena_printf(rq->mem, "%s_verified", attribute)),
	    "true");
}

static size_t
aliases_of(struct rq *rq, const struct pool *pool, const struct json *doc, struct alias *list)
{
	size_t i, n;

	n = alias_add(rq, pool, "sub", doc, list, 0);
	for (i = 0; i < pool->username_attributes.n; i++)
		n = alias_add(rq, pool, pool->username_attributes.at[i], doc, list, n);
	for (i = 0; i < pool->alias_attributes.n; i++)
		if (is_proven(rq, doc, pool->alias_attributes.at[i]))
			n = alias_add(rq, pool, pool->alias_attributes.at[i], doc, list, n);
	return n;
}

void
user_aliases(struct rq *rq, const struct pool *pool, const struct json *doc,
    const struct kv_key *keys_r[USER_ALIASES], size_t *n_r)
{
	struct alias list[USER_ALIASES];
	size_t i;

	*n_r = aliases_of(rq, pool, doc, list);
	for (i = 0; i < *n_r; i++)
		keys_r[i] = list[i].key;
}

static bool
alias_in(const struct alias *one, const struct alias *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (one->key->n == list[i].key->n &&
		    memcmp(one->key->data, list[i].key->data, one->key->n) == 0)
			return true;
	return false;
}

/* Drops the aliases that only the old document has and takes those that only the new one has. One
 * that its owner gives up in this same request is taken over; the owner's record is among the
 * expectations already. */
static int
aliases_move(struct rq *rq, const struct pool *pool, const struct json *old,
    const struct json *new, const char *username)
{
	struct alias had[USER_ALIASES], has[USER_ALIASES];
	struct json *doc = json_object(rq->mem);
	size_t i, nhad, nhas;
	int r;

	nhad = old == NULL ? 0 : aliases_of(rq, pool, old, had);
	nhas = new == NULL ? 0 : aliases_of(rq, pool, new, has);
	json_set_text(doc, "Username", username);
	for (i = 0; i < nhad; i++)
		if (!alias_in(&had[i], has, nhas))
			kv_drop(rq, had[i].key);
	for (i = 0; i < nhas; i++) {
		if (alias_in(&has[i], had, nhad))
			continue;
		if (!kv_dropping(rq, has[i].key))
			kv_expect_absent(rq, has[i].key);
		if ((r = record_put(rq, has[i].key, doc, 0)) != 0)
			return r;
	}
	return 0;
}

int
user_create(struct rq *rq, const struct pool *pool, const struct json *doc)
{
	const char *username = json_text(doc, "Username");
	int r;

	if ((r = record_create(rq, user_key(rq, pool, username), doc, 0)) != 0)
		return r;
	return aliases_move(rq, pool, NULL, doc, username);
}

int
user_change(struct rq *rq, const struct pool *pool, const struct user *user, const struct json *doc)
{
	int r;

	if ((r = record_change(rq, user->record, doc, 0)) != 0)
		return r;
	return aliases_move(rq, pool, user->doc, doc, user->username);
}

/* Memberships name the sub and are dropped by their own module; sub is never used again. */
void
user_drop(struct rq *rq, const struct pool *pool, const struct user *user)
{
	record_take(rq, user->record);
	(void)aliases_move(rq, pool, user->doc, NULL, user->username);
	credential_drop(rq, pool->id, user->sub);
	factor_drop_all(rq, pool->id, user->sub);
}

int
user_list(struct rq *rq, const struct pool *pool, const char *after, size_t most,
    const struct user *const **users_r, size_t *n_r)
{
	const struct kv_key *from = after == NULL ? NULL : user_key(rq, pool, after);
	const struct record *records;
	const struct user **list;
	size_t i;
	int r;

	*users_r = NULL;
	r = record_scan(rq, kv_key(rq->mem, KV_USER, pool->id, NULL), from, most, &records, n_r);
	if (r != 0)
		return r;
	list = arena_array(rq->mem, *n_r, sizeof(*list));
	for (i = 0; i < *n_r; i++)
		list[i] = user_decode(rq->mem, pool, &records[i]);
	*users_r = list;
	return 0;
}

/*
 * Passwords.
 */

static const struct bind credential_table[] = {
	{ "Hash", BIND_TEXT, offsetof(struct credential, hash) },
	{ "Temporary", BIND_BOOL, offsetof(struct credential, temporary) },
	{ "Set", BIND_INT, offsetof(struct credential, set) },
	{ "Before", BIND_JSON, offsetof(struct credential, before) },
	{ NULL, BIND_TEXT, 0 },
};

static const struct kv_key *
credential_key(struct rq *rq, const char *pool, const char *sub)
{
	return kv_key(rq->mem, KV_CREDENTIAL, pool, sub, NULL);
}

int
credential_get(struct rq *rq, const char *pool, const char *sub,
    const struct credential **credential_r)
{
	const struct record *record;
	struct credential *credential;
	int r;

	*credential_r = NULL;
	r = record_get(rq, credential_key(rq, pool, sub), &record);
	if (r != 0 || record == NULL)
		return r;
	credential = arena_alloc(rq->mem, sizeof(*credential));
	shape_bind(rq->mem, credential_table, record->doc, credential);
	credential->record = record;
	*credential_r = credential;
	return 0;
}

int
credential_put(struct rq *rq, const char *pool, const char *sub, const char *hash, bool temporary,
    const struct json *before)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Hash", hash);
	json_set_bool(doc, "Temporary", temporary);
	json_set_int(doc, "Set", rq->now);
	if (before != NULL)
		json_set(doc, "Before", before);
	return record_put(rq, credential_key(rq, pool, sub), doc, 0);
}

void
credential_drop(struct rq *rq, const char *pool, const char *sub)
{
	kv_drop(rq, credential_key(rq, pool, sub));
}
