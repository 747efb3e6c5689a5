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
keyring_make(struct rq *rq, const struct json *doc, bool later, struct json *keys)
{
	const char *kid;
	int i, r;

	for (i = 0; i < NUSES; i++) {
		r = keyring_new(rq, json_text(doc, "Id"), uses[i].use,
		    json_text(doc, "SigningAlgorithm"), &kid);
		if (r != 0)
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
	return keyring_make(rq, doc, false, keys);
}

/* Retires a key that signs, drops one that no living token was signed with. */
static int
keyring_age(struct rq *rq, const struct signer *signer, int64_t from)
{
	struct json *doc;

	if (signer->retired != 0 && signer->retired + TOKEN_LIFE < rq->now)
		signer_drop(rq, signer);
	if (signer->retired != 0 && signer->retired <= from)
		return 0;
	doc = json_copy(rq->mem, signer->record->doc);
	json_set_int(doc, "Retired", from);
	return signer_change(rq, signer, doc);
}

int
keyring_rotate(struct rq *rq, const struct pool *pool, int64_t from, struct json *doc)
{
	struct json *keys = json_object(rq->mem);
	const struct signer *const *signers;
	size_t n, i;
	int r;

	if ((r = signer_list(rq, pool->id, &signers, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if ((r = keyring_age(rq, signers[i], from)) != 0)
			return r;
	json_set(doc, "SigningKeys", keys);
	if (from > rq->now) {
		json_set_text(keys, "Id", pool->id_key);
		json_set_text(keys, "Access", pool->access_key);
		json_set_int(keys, "From", from);
	}
	return keyring_make(rq, doc, from > rq->now, keys);
}

int
keyring_signer(struct rq *rq, const struct pool *pool, const char *kid, const struct key **key_r)
{
	const struct signer *signer;
	unsigned char *der;
	size_t n;
	int r;

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
	if (signer == NULL || !text_equal(signer->use, use))
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
		if (signers[i]->retired == 0 || signers[i]->retired + TOKEN_LIFE >= rq->now)
			json_add(keys, signers[i]->jwk);
	json_set(jwks, "keys", keys);
	*jwks_r = jwks;
	return 0;
}
