/* check - every record of the store, and every reference between records: tarn check
 *
 * A table of rules, one function for each kind of record. A rule that finds something says it and
 * collects what would mend it; the loop applies that or forgets it. The store may be in use: what
 * one look finds wrong is looked at again before it is said. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/shape.h"
#include "base/text.h"
#include "oidc/keyring.h"
#include "sbin/check.h"
#include "store/client.h"
#include "store/group.h"
#include "store/record.h"
#include "store/user.h"

enum {
	PIECE = 500,
};

struct check {
	struct rq *rq;			/* a fresh one for every piece */
	const char *sentence;		/* what is wrong with the present record, or NULL */
	const char *cure;
};

typedef int rule_fn(struct check *check, const struct record *record);

static int __attribute__((format(printf, 3, 4)))
found(struct check *check, const char *cure, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	check->sentence = arena_vprintf(check->rq->mem, fmt, ap);
	va_end(ap);
	check->cure = cure;
	return 0;
}

/* The key as a person reads it. */
static const char *
spell(struct arena *mem, const struct kv_key *key)
{
	char *s = arena_dupn(mem, key->data, key->n);
	size_t i;

	for (i = 0; i + 1 < key->n; i++)
		if ((unsigned char)s[i] < 0x20)
			s[i] = ' ';
	return key->n > 1 ? s + 1 : s;
}

static const char *
part(const struct check *check, const struct record *record, int i)
{
	return kv_part(check->rq->mem, record->key, i);
}

/* Removing is the cure of what leads nowhere. */
static int __attribute__((format(printf, 3, 4)))
stray(struct check *check, const struct record *record, const char *fmt, ...)
{
	const char *why;
	va_list ap;

	va_start(ap, fmt);
	why = arena_vprintf(check->rq->mem, fmt, ap);
	va_end(ap);
	record_take(check->rq, record);
	return found(check, "--mend removes it", "%s", why);
}

static int
exists(struct check *check, const struct kv_key *key, const struct record **record_r)
{
	return record_get(check->rq, key, record_r);
}

/* The first part of most keys is a pool. */
static int
in_pool(struct check *check, const struct record *record)
{
	const struct record *pool;
	int r;

	r = exists(check, kv_key(check->rq->mem, KV_POOL, part(check, record, 0), NULL), &pool);
	if (r == 0 && pool == NULL)
		return stray(check, record, "its pool %s does not exist", part(check, record, 0));
	return r;
}

/* kid: what is to sign these tokens, now or from some time on; NULL: nothing is. */
static int
check_signer(struct check *check, const struct pool *pool, const char *use, const char *kid)
{
	const struct signer *signer;
	int r;

	if (kid == NULL || (r = signer_get(check->rq, pool->id, kid, &signer)) != 0)
		return kid == NULL ? 0 : r;
	if (signer != NULL && (signer->retired == 0 || signer->retired > check->rq->now))
		return 0;
	return found(check, "tarn keys rotate --now makes new ones",
	    "it lacks the key to sign %s tokens with", use);
}

static int
check_pool(struct check *check, const struct record *record)
{
	const struct json *keys = json_get(record->doc, "SigningKeys");
	const char *id = part(check, record, 0);
	const struct pool *pool;
	int r;

	if (!text_equal(json_text(record->doc, "Id"), id))
		return found(check, "restore it from a backup", "it says it is pool %s",
		    json_text(record->doc, "Id"));
	if ((r = pool_get(check->rq, id, &pool)) != 0 || pool == NULL ||
	    (r = check_signer(check, pool, "ID", pool->id_key)) != 0 ||
	    (r = check_signer(check, pool, "access", pool->access_key)) != 0 ||
	    (r = check_signer(check, pool, "ID", json_text(keys, "NextId"))) != 0)
		return r;
	return check_signer(check, pool, "access", json_text(keys, "NextAccess"));
}

static int
check_key(struct check *check, const struct record *record)
{
	const char *kid = json_text(record->doc, "Kid");

	if (!text_equal(kid, part(check, record, 1)) ||
	    !text_equal(json_text(json_get(record->doc, "Jwk"), "kid"), kid))
		return found(check, "tarn keys rotate --now retires it", "its kid is %s", kid);
	return in_pool(check, record);
}

/* A document and the entry that lists it: the entry can be written again. */
static int
listed(struct check *check, const struct kv_key *key, const struct json *entry)
{
	const struct record *there;
	int r;

	if ((r = exists(check, key, &there)) != 0)
		return r;
	if (there != NULL && (entry == NULL || json_equal(there->doc, entry)))
		return 0;
	if ((r = record_put(check->rq, key, entry, 0)) != 0)
		return r;
	return found(check, "--mend writes it again", "its %s entry is %s",
	    kv_kinds[key->kind].name, there == NULL ? "missing" : "another's");
}

static int
check_domain(struct check *check, const struct record *record)
{
	const char *pool = json_text(record->doc, "UserPoolId");
	struct arena *mem = check->rq->mem;
	const struct record *there;
	int r;

	if ((r = exists(check, kv_key(mem, KV_POOL, pool, NULL), &there)) != 0)
		return r;
	if (there == NULL)
		return stray(check, record, "its pool %s does not exist", pool);
	return listed(check, kv_key(mem, KV_POOL_DOMAIN, pool, part(check, record, 0), NULL), NULL);
}

static int
check_pool_domain(struct check *check, const struct record *record)
{
	const struct domain *domain;
	int r;

	if ((r = domain_get(check->rq, part(check, record, 1), &domain)) != 0)
		return r;
	if (domain == NULL || !text_equal(domain->pool, part(check, record, 0)))
		return stray(check, record, "there is no such domain of the pool");
	return 0;
}

static int
check_client(struct check *check, const struct record *record)
{
	struct json *entry = json_object(check->rq->mem);
	const char *id = part(check, record, 1);
	int r;

	if ((r = in_pool(check, record)) != 0 || check->sentence != NULL)
		return r;
	if (!text_equal(json_text(record->doc, "ClientId"), id))
		return found(check, "delete the client", "it says it is client %s",
		    json_text(record->doc, "ClientId"));
	json_set_text(entry, "UserPoolId", part(check, record, 0));
	return listed(check, kv_key(check->rq->mem, KV_CLIENT_POOL, id, NULL), entry);
}

static int
check_client_pool(struct check *check, const struct record *record)
{
	const char *pool = json_text(record->doc, "UserPoolId");
	const struct client *client;
	int r;

	if ((r = client_get(check->rq, pool, part(check, record, 0), &client)) != 0)
		return r;
	return client != NULL ? 0 : stray(check, record, "pool %s has no such client", pool);
}

static int
check_registration(struct check *check, const struct record *record)
{
	const char *pool = part(check, record, 0), *id = part(check, record, 1);
	const struct client *client;
	int r;

	if ((r = client_get(check->rq, pool, id, &client)) != 0)
		return r;
	return client != NULL ? 0 : stray(check, record, "pool %s has no such client", pool);
}

/* Somebody else's alias is a conflict that only a person can decide. */
static int
check_alias_of(struct check *check, const struct user *user, const struct kv_key *key)
{
	struct json *entry = json_object(check->rq->mem);
	const struct record *there;
	int r;

	if ((r = exists(check, key, &there)) != 0)
		return r;
	if (there != NULL && !text_equal(json_text(there->doc, "Username"), user->username))
		return found(check, "change the attribute of one of them",
		    "its %s leads to user %s", kv_part(check->rq->mem, key, 1),
		    json_text(there->doc, "Username"));
	json_set_text(entry, "Username", user->username);
	return listed(check, key, entry);
}

/* The user whom a record names, in *pool_r; the pool is NULL where there is nothing more to say. */
static int
user_named(struct check *check, const struct record *record, const struct pool **pool_r,
    const struct user **user_r)
{
	int r;

	*pool_r = NULL;
	if ((r = in_pool(check, record)) != 0 || check->sentence != NULL ||
	    (r = pool_get(check->rq, part(check, record, 0), pool_r)) != 0 || *pool_r == NULL)
		return r;
	return user_get(check->rq, *pool_r, json_text(record->doc, "Username"), user_r);
}

static bool
same_key(const struct kv_key *a, const struct kv_key *b)
{
	return a->n == b->n && memcmp(a->data, b->data, a->n) == 0;
}

static int
check_user(struct check *check, const struct record *record)
{
	const struct kv_key *keys[USER_ALIASES];
	const struct pool *pool;
	const struct user *user;
	size_t i, n;
	int r;

	if ((r = user_named(check, record, &pool, &user)) != 0 || pool == NULL)
		return r;
	if (user == NULL || !same_key(user->record->key, record->key))
		return found(check, "restore it from a backup", "it says it is user %s",
		    json_text(record->doc, "Username"));
	user_aliases(check->rq, pool, user->doc, keys, &n);
	for (i = 0; i < n && r == 0 && check->sentence == NULL; i++)
		r = check_alias_of(check, user, keys[i]);
	return r;
}

static int
check_alias(struct check *check, const struct record *record)
{
	const struct kv_key *keys[USER_ALIASES];
	const struct pool *pool;
	const struct user *user;
	size_t i, n;
	int r;

	if ((r = user_named(check, record, &pool, &user)) != 0 || pool == NULL)
		return r;
	if (user == NULL)
		return stray(check, record, "it leads to nobody");
	user_aliases(check->rq, pool, user->doc, keys, &n);
	for (i = 0; i < n; i++)
		if (same_key(keys[i], record->key))
			return 0;
	return stray(check, record, "it leads to user %s, who has no such %s", user->username,
	    part(check, record, 1));
}

/* The alias record of a sub, which has the username; NULL: nobody's. */
static int
sub_exists(struct check *check, const char *pool, const char *sub, const struct record **alias_r)
{
	return exists(check, kv_key(check->rq->mem, KV_ALIAS, pool, "sub", sub, NULL), alias_r);
}

static int
check_credential(struct check *check, const struct record *record)
{
	const struct record *alias;
	int r;

	r = sub_exists(check, part(check, record, 0), part(check, record, 1), &alias);
	if (r != 0 || alias != NULL)
		return r;
	return stray(check, record, "it is nobody's");
}

static int
check_group(struct check *check, const struct record *record)
{
	if (!text_equal(json_text(record->doc, "GroupName"), part(check, record, 1)))
		return found(check, "restore it from a backup", "it says it is group %s",
		    json_text(record->doc, "GroupName"));
	return in_pool(check, record);
}

/* Either side of a membership: pool, sub and group by their places in the key. */
static int
check_membership(struct check *check, const struct record *record, int at_sub, int at_group)
{
	const char *pool = part(check, record, 0), *sub = part(check, record, at_sub);
	const char *name = part(check, record, at_group);
	const struct record *alias;
	const struct group *group;
	int r;

	if ((r = sub_exists(check, pool, sub, &alias)) != 0 ||
	    (r = group_get(check->rq, pool, name, &group)) != 0)
		return r;
	if (alias == NULL || group == NULL) {
		group_leave(check->rq, pool, name, sub);
		return found(check, "--mend removes it", "%s", alias == NULL ?
		    "the member does not exist" : "the group does not exist");
	}
	if ((r = exists(check, kv_key(check->rq->mem, KV_MEMBER, pool, sub, name, NULL),
	    &alias)) != 0)
		return r;
	return alias != NULL ? 0 : stray(check, record, "the user does not know of it");
}

static int
check_member(struct check *check, const struct record *record)
{
	const char *pool = part(check, record, 0), *sub = part(check, record, 1);
	struct json *entry = json_object(check->rq->mem);
	const struct record *alias;
	int r;

	if ((r = check_membership(check, record, 1, 2)) != 0 || check->sentence != NULL)
		return r;
	if ((r = sub_exists(check, pool, sub, &alias)) != 0 || alias == NULL)
		return r;
	json_set_text(entry, "Username", json_text(alias->doc, "Username"));
	return listed(check, kv_key(check->rq->mem, KV_GROUP_MEMBER, pool, part(check, record, 2),
	    sub, NULL), entry);
}

static int
check_group_member(struct check *check, const struct record *record)
{
	return check_membership(check, record, 2, 1);
}

/* A client or user may be gone: then the family is dead and its records go when they expire. So do
 * tokens whose family is gone: one that is rotated twice within its grace leaves two behind it, and
 * the family knows the newest alone. */
static int
check_family(struct check *check, const struct record *record)
{
	const char *token = json_text(record->doc, "Refresh"), *pool = part(check, record, 0);
	const struct record *refresh;
	int r;

	if ((r = in_pool(check, record)) != 0 || check->sentence != NULL || token == NULL ||
	    json_int(record->doc, "Expires", 0) <= check->rq->now)
		return r;
	if ((r = exists(check, kv_key(check->rq->mem, KV_REFRESH, pool, token, NULL),
	    &refresh)) != 0)
		return r;
	if (refresh == NULL || !text_equal(json_text(refresh->doc, "Family"),
	    part(check, record, 1)))
		return stray(check, record, "its refresh token leads elsewhere");
	return 0;
}

static rule_fn *const rules[KV_NKINDS] = {
	[KV_POOL] = check_pool,
	[KV_KEY] = check_key,
	[KV_DOMAIN] = check_domain,
	[KV_POOL_DOMAIN] = check_pool_domain,
	[KV_CLIENT] = check_client,
	[KV_CLIENT_POOL] = check_client_pool,
	[KV_REGISTRATION] = check_registration,
	[KV_INITIAL_TOKEN] = in_pool,
	[KV_USER] = check_user,
	[KV_ALIAS] = check_alias,
	[KV_CREDENTIAL] = check_credential,
	[KV_FACTOR] = check_credential,
	[KV_GROUP] = check_group,
	[KV_MEMBER] = check_member,
	[KV_GROUP_MEMBER] = check_group_member,
	[KV_RESOURCE] = in_pool,
	[KV_FAMILY] = check_family,
	[KV_REFRESH] = in_pool,
	[KV_TICKET] = in_pool,
	[KV_CODE] = in_pool,
	[KV_DEVICE_CODE] = in_pool,
	[KV_USER_CODE] = in_pool,
	[KV_SESSION] = in_pool,
	[KV_THROTTLE] = in_pool,
};

static int
check_shape(struct check *check, const struct record *record)
{
	const char *name = kv_kinds[record->key->kind].shape;
	const struct shape *shape = shape_find(name);

	if (name[0] == '\0')
		return 0;
	if (shape == NULL)
		return fault(check->rq, "no shape %s", name);
	if (record->doc != NULL && shape_check(check->rq, shape, record->doc) == 0)
		return 0;
	return found(check, "restore it from a backup", "%s", record->doc == NULL ?
	    "it has no document" : refusal_text(check->rq));
}

static int
look(struct check *check, const struct record *record)
{
	rule_fn *rule = rules[record->key->kind];
	int r;

	kv_forget(check->rq);
	check->sentence = NULL;
	if ((r = check_shape(check, record)) != 0 || check->sentence != NULL || rule == NULL)
		return r;
	return rule(check, record);
}

/* What changed between the looks was somebody at work. */
static int
look_twice(struct check *check, const struct record *record)
{
	const struct record *again;
	int r;

	if ((r = look(check, record)) != 0 || check->sentence == NULL)
		return r;
	if ((r = record_get(check->rq, record->key, &again)) != 0)
		return r;
	check->sentence = NULL;
	return again == NULL ? 0 : look(check, again);
}

/* A record that changed meanwhile is not mended: the next check looks at it again. */
static int
report(struct check *check, const struct record *record, bool mend)
{
	bool mends = mend && check->rq->writes != NULL;
	int r = mends ? kv_apply(check->rq) : 0;

	kv_forget(check->rq);
	(void)printf("%s %s: %s (%s)\n", kv_kinds[record->key->kind].name,
	    spell(check->rq->mem, record->key), check->sentence,
	    mends && r == 0 ? "mended" : check->cure);
	return r < 0 ? r : 0;
}

/* One piece of a kind; the last key of it in *after, copied into mem, or NULL at the end. */
static int
check_piece(struct arena *mem, enum kv_kind kind, const struct kv_key **after, bool mend,
    size_t *wrong)
{
	struct check check = { .rq = rq_begin("check") };
	const struct record *records;
	size_t i, n;
	int r;

	r = record_scan(check.rq, kv_key(check.rq->mem, kind, NULL), *after, PIECE, &records, &n);
	for (i = 0; r == 0 && i < n; i++) {
		r = look_twice(&check, &records[i]);
		if (r == 0 && check.sentence != NULL) {
			(*wrong)++;
			r = report(&check, &records[i], mend);
		}
	}
	*after = NULL;
	if (r == 0 && n == PIECE) {
		struct kv_key *last = arena_alloc(mem, sizeof(*last));

		*last = *records[n - 1].key;
		last->data = arena_dupn(mem, last->data, last->n);
		*after = last;
	}
	rq_end(&check.rq);
	return r;
}

int
check_store(struct rq *rq, bool mend, size_t *wrong_r)
{
	const struct kv_key *after;
	int kind, r;

	*wrong_r = 0;
	if ((r = kv_verify(rq)) != 0)
		return r;
	for (kind = 0; kind < KV_NKINDS; kind++) {
		after = NULL;
		do {
			r = check_piece(rq->mem, (enum kv_kind)kind, &after, mend, wrong_r);
			if (r != 0)
				return r;
		} while (after != NULL);
	}
	return 0;
}

bool
check_master_key(struct rq *rq)
{
	const struct pool *const *pools;
	const struct key *key;
	size_t i, n;

	if (pool_list(rq, NULL, 100, &pools, &n) != 0)
		return false;
	for (i = 0; i < n; i++)
		if (keyring_signer(rq, pools[i], "id", NULL, &key) != 0)
			return false;
	return true;
}
