/* pool - user pools, the hosts that lead to them, and their signing keys */
#include <stddef.h>

#include "base/shape.h"
#include "store/pool.h"

enum { PIECE = 100 };	/* pools read at a time */

#define POLICY "Policies.PasswordPolicy."

static const struct bind pool_table[] = {
	{ "Id", BIND_TEXT, offsetof(struct pool, id) },
	{ "Name", BIND_TEXT, offsetof(struct pool, name) },
	{ "UsernameAttributes", BIND_WORDS, offsetof(struct pool, username_attributes) },
	{ "AliasAttributes", BIND_WORDS, offsetof(struct pool, alias_attributes) },
	{ "AutoVerifiedAttributes", BIND_WORDS, offsetof(struct pool, auto_verified) },
	{ "UsernameConfiguration.CaseSensitive", BIND_TRUE, offsetof(struct pool, case_sensitive) },
	{ "AdminCreateUserConfig.AllowAdminCreateUserOnly", BIND_BOOL,
	    offsetof(struct pool, admin_create_only) },
	{ POLICY "MinimumLength", BIND_INT, offsetof(struct pool, password_least) },
	{ POLICY "PasswordHistorySize", BIND_INT, offsetof(struct pool, password_history) },
	{ POLICY "RequireUppercase", BIND_BOOL, offsetof(struct pool, upper) },
	{ POLICY "RequireLowercase", BIND_BOOL, offsetof(struct pool, lower) },
	{ POLICY "RequireNumbers", BIND_BOOL, offsetof(struct pool, digits) },
	{ POLICY "RequireSymbols", BIND_BOOL, offsetof(struct pool, symbols) },
	{ POLICY "TemporaryPasswordValidityDays", BIND_INT, offsetof(struct pool, temporary_days) },
	{ "SigningAlgorithm", BIND_TEXT, offsetof(struct pool, algorithm) },
	{ "SigningKeys.Id", BIND_TEXT, offsetof(struct pool, id_key) },
	{ "SigningKeys.Access", BIND_TEXT, offsetof(struct pool, access_key) },
	{ "SigningKeys.From", BIND_INT, offsetof(struct pool, keys_from) },
	{ "AlgorithmKeys", BIND_JSON, offsetof(struct pool, algorithm_keys) },
	{ "SchemaAttributes", BIND_JSON, offsetof(struct pool, schema) },
	{ NULL, BIND_TEXT, 0 },
};

/* The keys of a rotation take over when their time has come, without anybody's doing. */
static void
pool_keys(struct pool *pool, int64_t now)
{
	const struct json *keys = json_get(pool->doc, "SigningKeys");

	if (pool->keys_from == 0 || now < pool->keys_from)
		return;
	pool->id_key = json_text(keys, "NextId");
	pool->access_key = json_text(keys, "NextAccess");
	pool->keys_from = 0;
}

static void
pool_fill(struct arena *mem, const struct json *doc, void *out)
{
	struct pool *pool = out;

	shape_bind(mem, pool_table, doc, pool);
	pool->by_link = text_equal(json_text(json_get(doc, "VerificationMessageTemplate"),
	    "DefaultEmailOption"), "CONFIRM_WITH_LINK");
	pool->dialect = client_dialect(doc);
	if (pool->password_least == 0)
		pool->password_least = 8;
	if (pool->temporary_days == 0)
		pool->temporary_days = 7;
	pool->updated_issuer = text_equal(json_text(json_get(doc, "IssuerConfiguration"),
	    "Type"), "UPDATED");
	pool->doc = doc;
}

static const struct pool *
pool_decode(struct rq *rq, const struct record *record)
{
	struct pool *pool = parsed_struct(rq->mem, record->parsed, sizeof(*pool), pool_fill);

	pool->record = record;
	pool_keys(pool, rq->now);
	return pool;
}

int
pool_get(struct rq *rq, const char *id, const struct pool **pool_r)
{
	const struct record *record;
	int r;

	*pool_r = NULL;
	if ((r = record_get(rq, kv_key(rq->mem, KV_POOL, id, NULL), &record)) != 0)
		return r;
	if (record != NULL)
		*pool_r = pool_decode(rq, record);
	return 0;
}

int
pool_create(struct rq *rq, const struct json *doc)
{
	return record_create(rq, kv_key(rq->mem, KV_POOL, json_text(doc, "Id"), NULL), doc, 0);
}

int
pool_change(struct rq *rq, const struct pool *pool, const struct json *doc)
{
	return record_change(rq, pool->record, doc, 0);
}

void
pool_drop(struct rq *rq, const struct pool *pool)
{
	record_take(rq, pool->record);
}

int
pool_list(struct rq *rq, const char *after, size_t most, const struct pool *const **pools_r,
    size_t *n_r)
{
	const struct kv_key *from = after == NULL ? NULL : kv_key(rq->mem, KV_POOL, after, NULL);
	const struct record *records;
	const struct pool **list;
	size_t i;
	int r;

	*pools_r = NULL;
	if ((r = record_scan(rq, kv_key(rq->mem, KV_POOL, NULL), from, most, &records, n_r)) != 0)
		return r;
	list = arena_array(rq->mem, *n_r, sizeof(*list));
	for (i = 0; i < *n_r; i++)
		list[i] = pool_decode(rq, &records[i]);
	*pools_r = list;
	return 0;
}

int
pool_each(struct rq *rq, pool_fn *each)
{
	const struct pool *const *pools;
	const char *after = NULL;
	size_t i, n;
	int r;

	do {
		if ((r = pool_list(rq, after, PIECE, &pools, &n)) != 0)
			return r;
		for (i = 0; i < n; i++)
			if ((r = each(rq, pools[i])) != 0)
				return r;
		if (n > 0)
			after = pools[n - 1]->id;
	} while (n == PIECE);
	return 0;
}

const struct json *
pool_attribute(const struct pool *pool, const char *name)
{
	return json_find(pool->schema, "Name", name);
}

/*
 * Domains. The document is found by its host; a second record lists the hosts of a pool.
 */

static const struct kv_key *
domain_of_pool(struct rq *rq, const char *pool, const char *host)
{
	return kv_key(rq->mem, KV_POOL_DOMAIN, pool, host, NULL);
}

int
domain_get(struct rq *rq, const char *host, const struct domain **domain_r)
{
	const struct record *record;
	struct domain *domain;
	int r;

	*domain_r = NULL;
	r = record_get(rq, kv_key(rq->mem, KV_DOMAIN, host, NULL), &record);
	if (r != 0 || record == NULL)
		return r;
	domain = arena_alloc(rq->mem, sizeof(*domain));
	domain->host = arena_dup(rq->mem, host);
	domain->pool = json_text(record->doc, "UserPoolId");
	domain->doc = record->doc;
	domain->record = record;
	*domain_r = domain;
	return 0;
}

int
domain_create(struct rq *rq, const char *host, const struct json *doc)
{
	const char *pool = json_text(doc, "UserPoolId");
	int r;

	if ((r = record_create(rq, kv_key(rq->mem, KV_DOMAIN, host, NULL), doc, 0)) != 0)
		return r;
	return record_put(rq, domain_of_pool(rq, pool, host), NULL, 0);
}

int
domain_change(struct rq *rq, const struct domain *domain, const struct json *doc)
{
	return record_change(rq, domain->record, doc, 0);
}

void
domain_drop(struct rq *rq, const struct domain *domain)
{
	record_take(rq, domain->record);
	kv_drop(rq, domain_of_pool(rq, domain->pool, domain->host));
}

int
domain_list(struct rq *rq, const char *pool, const struct domain *const **domains_r, size_t *n_r)
{
	const struct domain **list;
	const struct kv_row *rows;
	size_t i, n;
	int r;

	*domains_r = NULL;
	*n_r = 0;
	r = kv_scan(rq, kv_key(rq->mem, KV_POOL_DOMAIN, pool, NULL), NULL, 1000, &rows, &n);
	if (r != 0)
		return r;
	list = arena_array(rq->mem, n, sizeof(*list));
	for (i = 0; i < n; i++) {
		if ((r = domain_get(rq, kv_part(rq->mem, rows[i].key, 1), &list[*n_r])) != 0)
			return r;
		*n_r += list[*n_r] != NULL;
	}
	*domains_r = list;
	return 0;
}

/*
 * Signing keys.
 */

static const struct bind signer_table[] = {
	{ "Kid", BIND_TEXT, offsetof(struct signer, kid) },
	{ "Use", BIND_TEXT, offsetof(struct signer, use) },
	{ "Algorithm", BIND_TEXT, offsetof(struct signer, algorithm) },
	{ "Jwk", BIND_JSON, offsetof(struct signer, jwk) },
	{ "Sealed", BIND_TEXT, offsetof(struct signer, sealed) },
	{ "Created", BIND_INT, offsetof(struct signer, created) },
	{ "Retired", BIND_INT, offsetof(struct signer, retired) },
	{ NULL, BIND_TEXT, 0 },
};

static const struct signer *
signer_decode(struct arena *mem, const struct record *record)
{
	struct signer *signer = arena_alloc(mem, sizeof(*signer));

	shape_bind(mem, signer_table, record->doc, signer);
	signer->record = record;
	return signer;
}

int
signer_get(struct rq *rq, const char *pool, const char *kid, const struct signer **signer_r)
{
	const struct record *record;
	int r;

	*signer_r = NULL;
	if ((r = record_get(rq, kv_key(rq->mem, KV_KEY, pool, kid, NULL), &record)) != 0)
		return r;
	if (record != NULL)
		*signer_r = signer_decode(rq->mem, record);
	return 0;
}

int
signer_list(struct rq *rq, const char *pool, const struct signer *const **signers_r, size_t *n_r)
{
	const struct record *records;
	const struct signer **list;
	size_t i;
	int r;

	*signers_r = NULL;
	r = record_scan(rq, kv_key(rq->mem, KV_KEY, pool, NULL), NULL, 1000, &records, n_r);
	if (r != 0)
		return r;
	list = arena_array(rq->mem, *n_r, sizeof(*list));
	for (i = 0; i < *n_r; i++)
		list[i] = signer_decode(rq->mem, &records[i]);
	*signers_r = list;
	return 0;
}

int
signer_create(struct rq *rq, const char *pool, const struct json *doc)
{
	const struct kv_key *key = kv_key(rq->mem, KV_KEY, pool, json_text(doc, "Kid"), NULL);

	return record_create(rq, key, doc, 0);
}

int
signer_change(struct rq *rq, const struct signer *signer, const struct json *doc)
{
	return record_change(rq, signer->record, doc, 0);
}

void
signer_drop(struct rq *rq, const struct signer *signer)
{
	record_take(rq, signer->record);
}
