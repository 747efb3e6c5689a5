/* keyring - which keys a pool signs and verifies with */
#include <string.h>

#include "base/text.h"
#include "crypto/aead.h"
#include "oidc/keyring.h"

enum { TOKEN_LIFE = 24 * 3600 * 1000 };	/* ms; the longest an app client can ask for */

/* Which token, and the members of the pool's SigningKeys that name its key and the next one. */
static const struct { const char *use, *member, *next; } uses[] = {
	{ "id", "Id", "NextId" }, { "access", "Access", "NextAccess" },
};
enum { NUSES = sizeof(uses) / sizeof(uses[0]) };

/* A sealed key is bound to its pool and kid: one copied into another record does not open. */
static const char *
keyring_purpose(struct rq *rq, const char *pool, const char *kid)
{
	return arena_printf(rq->mem, "signing key %s %s", pool, kid);
}

static int
keyring_new(struct rq *rq, const char *pool, const char *use, const char *algorithm,
    const char **kid_r)
{
	struct json *doc = json_object(rq->mem);
	const struct key *key;
	const char *sealed;
	unsigned char *der;
	size_t n;
	int r;

	if ((r = key_generate(rq, algorithm, &key)) != 0 ||
	    (r = key_private(rq, key, &der, &n)) != 0 ||
	    (r = aead_seal(rq, keyring_purpose(rq, pool, key_id(key)), der, n, &sealed)) != 0)
		return r;
	*kid_r = key_id(key);
	json_set_text(doc, "Kid", *kid_r);
	json_set_text(doc, "Use", use);
	json_set_text(doc, "Algorithm", algorithm);
	json_set(doc, "Jwk", key_jwk(rq->mem, key));
	json_set_text(doc, "Sealed", sealed);
	json_set_int(doc, "Created", rq->now);
	return signer_create(rq, pool, doc);
}

/* Two new keys under the names that table `uses` has for those that sign, or will. */
static int
keyring_make(struct rq *rq, const char *pool, const char *algorithm, bool later, struct json *keys)
{
	const char *kid;
	int i, r;

	for (i = 0; i < NUSES; i++) {
		if ((r = keyring_new(rq, pool, uses[i].use, algorithm, &kid)) != 0)
			return r;
		json_set_text(keys, later ? uses[i].next : uses[i].member, kid);
	}
	return 0;
}

int
keyring_create(struct rq *rq, struct json *doc)
{
	struct json *keys = json_object(rq->mem);

	json_set(doc, "SigningKeys", keys);
	return keyring_make(rq, json_text(doc, "Id"), json_text(doc, "SigningAlgorithm"), false,
	    keys);
}

/* Which of a pair (SigningKeys) signs now. */
static const char *
keyring_kid(const struct rq *rq, const struct json *keys, int use)
{
	int64_t from = json_int(keys, "From", 0);

	return json_text(keys, from != 0 && from <= rq->now ? uses[use].next : uses[use].member);
}

static bool
pair_signs(const struct rq *rq, const struct json *keys, const char *kid)
{
	return text_equal(kid, keyring_kid(rq, keys, 0)) ||
	    text_equal(kid, keyring_kid(rq, keys, 1));
}

bool
keyring_signs(const struct rq *rq, const struct pool *pool, const char *kid)
{
	struct json_member m = json_first(pool->algorithm_keys);

	while (m.name != NULL && !pair_signs(rq, m.value, kid))
		m = json_next(m);
	return m.name != NULL || pair_signs(rq, json_get(pool->doc, "SigningKeys"), kid);
}

int
keyring_provide(struct rq *rq, const struct pool *pool, const char *algorithm)
{
	struct json *doc, *all, *keys = json_object(rq->mem);
	int r;

	/* The pool's own are not it even where the algorithm is: it may change. */
	if (algorithm == NULL || json_has(pool->algorithm_keys, algorithm))
		return 0;
	doc = json_copy(rq->mem, pool->doc);
	all = pool->algorithm_keys != NULL ? json_copy(rq->mem, pool->algorithm_keys) :
	    json_object(rq->mem);
	if ((r = keyring_make(rq, pool->id, algorithm, false, keys)) != 0)
		return r;
	json_set(all, algorithm, keys);
	json_set(doc, "AlgorithmKeys", all);
	return pool_change(rq, pool, doc);
}

struct words
keyring_algorithms(struct rq *rq, const struct pool *pool)
{
	size_t n = json_count(pool->algorithm_keys);
	struct words list = { 0, arena_array(rq->mem, n + 2, sizeof(*list.at)) };
	struct json_member m;

	list.at[list.n++] = pool->algorithm;
	for (m = json_first(pool->algorithm_keys); m.name != NULL; m = json_next(m))
		if (!text_equal(m.name, pool->algorithm))
			list.at[list.n++] = m.name;
	return list;
}

/* No token that it signed can be alive; what looks like one is forged. */
static bool
signer_is_over(const struct rq *rq, const struct signer *signer)
{
	return signer->retired != 0 && signer->retired + TOKEN_LIFE < rq->now;
}

/* Retires a key that signs, drops one that no living token was signed with. */
static int
keyring_age(struct rq *rq, const struct signer *signer, int64_t from)
{
	struct json *doc;

	if (signer_is_over(rq, signer))
		signer_drop(rq, signer);
	if (signer->retired != 0 && signer->retired <= from)
		return 0;
	doc = json_copy(rq->mem, signer->record->doc);
	json_set_int(doc, "Retired", from);
	return signer_change(rq, signer, doc);
}

/* A new pair that takes over from a present one. */
static int
keyring_renew(struct rq *rq, const char *pool, const char *algorithm, int64_t from,
    const struct json *present, struct json **keys_r)
{
	struct json *keys = json_object(rq->mem);
	int i;

	*keys_r = keys;
	for (i = 0; i < NUSES && from > rq->now; i++)
		json_set_text(keys, uses[i].member, keyring_kid(rq, present, i));
	if (from > rq->now)
		json_set_int(keys, "From", from);
	return keyring_make(rq, pool, algorithm, from > rq->now, keys);
}

int
keyring_rotate(struct rq *rq, const struct pool *pool, int64_t from, struct json *doc)
{
	struct json *keys, *others = json_object(rq->mem);
	const struct signer *const *signers;
	struct json_member m;
	size_t n, i;
	int r;

	if ((r = signer_list(rq, pool->id, &signers, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if ((r = keyring_age(rq, signers[i], from)) != 0)
			return r;
	r = keyring_renew(rq, pool->id, json_text(doc, "SigningAlgorithm"), from,
	    json_get(pool->doc, "SigningKeys"), &keys);
	if (r != 0)
		return r;
	json_set(doc, "SigningKeys", keys);
	for (m = json_first(pool->algorithm_keys); m.name != NULL; m = json_next(m)) {
		if ((r = keyring_renew(rq, pool->id, m.name, from, m.value, &keys)) != 0)
			return r;
		json_set(others, m.name, keys);
	}
	if (json_count(others) > 0)
		json_set(doc, "AlgorithmKeys", others);
	return 0;
}

int
keyring_signer(struct rq *rq, const struct pool *pool, const char *use, const char *algorithm,
    const struct key **key_r)
{
	const struct json *keys = algorithm == NULL ? json_get(pool->doc, "SigningKeys") :
	    json_get(pool->algorithm_keys, algorithm);
	const char *kid = keyring_kid(rq, keys, text_equal(use, uses[0].use) ? 0 : 1);
	const struct signer *signer;
	unsigned char *der;
	size_t n;
	int r;

	*key_r = NULL;
	if (kid == NULL)
		return fault(rq, "pool %s has no keys of %s: tarn update-user-pool-client with "
		    "--signing-algorithm makes them", pool->id, algorithm);
	if ((*key_r = key_known(kid, true)) != NULL)
		return 0;
	if ((r = signer_get(rq, pool->id, kid, &signer)) != 0)
		return r;
	if (signer == NULL)
		return fault(rq, "pool %s has lost its key %s: tarn keys rotate --now makes new "
		    "ones", pool->id, kid);
	r = aead_open(rq, keyring_purpose(rq, pool->id, kid), signer->sealed, &der, &n);
	if (r != 0)
		return fault(rq, "cannot open signing key %s of pool %s: is this the master key it "
		    "was sealed with?", kid, pool->id);
	return key_from_private(rq, kid, signer->algorithm, der, n, key_r);
}

int
keyring_verifier(struct rq *rq, const struct pool *pool, const char *use, const char *kid,
    const struct key **key_r)
{
	const struct signer *signer;
	int r;

	/* Nearly always it is the key that signs now, and the pool's own record vouches for it. */
	*key_r = text_equal(kid, text_equal(use, "id") ? pool->id_key : pool->access_key) ?
	    key_known(kid, false) : NULL;
	if (*key_r != NULL)
		return 0;
	if ((r = signer_get(rq, pool->id, kid, &signer)) != 0)
		return r;
	if (signer == NULL || !text_equal(signer->use, use) || signer_is_over(rq, signer))
		return 0;
	if ((*key_r = key_known(kid, false)) != NULL)
		return 0;
	return key_from_jwk(rq, signer->jwk, key_r);
}

int
keyring_jwks(struct rq *rq, const struct pool *pool, const struct json **jwks_r)
{
	struct json *jwks = json_object(rq->mem), *keys = json_array(rq->mem);
	const struct signer *const *signers;
	size_t n, i;
	int r;

	if ((r = signer_list(rq, pool->id, &signers, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if (!signer_is_over(rq, signers[i]))
			json_add(keys, signers[i]->jwk);
	json_set(jwks, "keys", keys);
	*jwks_r = jwks;
	return 0;
}
