/* assertion - a client that proves itself by a signed JWT */
#include <strings.h>

#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "oidc/assertion.h"
#include "oidc/discovery.h"
#include "store/seen.h"

enum {
	MOST_KEYS = 8,
	LONGEST_ID = 255,
	LIFE = 3600,		/* seconds that an assertion may have left */
	SKEW = 60		/* seconds that a client's clock may be ahead */
};

static const char *const algorithms[] = { "RS256", "PS256", "ES256", "EdDSA" };

const char *
assertion_client(struct rq *rq, const char *text)
{
	const struct jwt *jwt;

	return jwt_read(rq, text, &jwt) == 0 ? json_text(jwt->claims, "sub") : NULL;
}

/* Only keys that were registered count: what a header brings along (jwk, jku, x5c) is not looked at
 * (RFC 8725 3.5). The algorithm is one that the key is for. */
static int
assertion_signature(struct rq *rq, const struct json *keys, const struct jwt *jwt)
{
	const struct key *key;
	size_t i;
	int r;

	for (i = 0; i < json_count(keys) && i < MOST_KEYS; i++) {
		const struct json *jwk = json_at(keys, i);

		if (jwt->kid != NULL && json_has(jwk, "kid") &&
		    !text_equal(json_text(jwk, "kid"), jwt->kid))
			continue;
		if ((r = key_of_stranger(rq, jwt->alg, jwk, &key)) == REFUSED)
			continue;
		if (r != 0 || (r = jwt_verify(rq, jwt, key)) != REFUSED)
			return r;
	}
	return REFUSED;
}

/* RFC 7523 3, 3: the issuer, the token endpoint or the one that is called (RFC 9126 2), and nobody
 * else beside, who could show it here in turn. */
static int
assertion_audience(struct rq *rq, const struct json *claims, bool *good_r)
{
	const struct json *aud = json_get(claims, "aud");
	size_t i, n = json_type(aud) == JSON_ARRAY ? json_count(aud) : 1;
	const char *base, *issuer = discovery_issuer(rq, rq->pool), *endpoint = NULL;
	const char *here = NULL;
	int r;

	*good_r = false;
	if ((r = discovery_base(rq, rq->pool, &base)) != 0)
		return r;
	if (base != NULL) {
		endpoint = arena_join(rq->mem, base, "/oauth2/token", "");
		here = arena_join(rq->mem, base, rq->path, "");
	}
	*good_r = n > 0;
	for (i = 0; i < n; i++) {
		const char *one = json_as_text(json_type(aud) == JSON_ARRAY ? json_at(aud, i) :
		    aud);

		*good_r = *good_r && (text_equal(one, issuer) || text_equal(one, endpoint) ||
		    text_equal(one, here));
	}
	return 0;
}

/* What is wrong with the claims, but for the audience; NULL: nothing. */
static const char *
assertion_claims(const struct rq *rq, const struct client *client, const struct json *claims)
{
	int64_t now = rq->now / 1000, exp = json_int(claims, "exp", 0);
	const char *id = json_text(claims, "jti");

	if (!text_equal(json_text(claims, "iss"), client->id) ||
	    !text_equal(json_text(claims, "sub"), client->id))
		return "it is not by the client about itself";
	if (exp <= now)
		return "it has expired, or says not when";
	if (exp > now + LIFE)
		return "it lives longer than an hour";
	if (json_int(claims, "nbf", 0) > now + SKEW || json_int(claims, "iat", 0) > now + SKEW)
		return "it comes from the future";
	if (id == NULL || *id == '\0' || strlen(id) > LONGEST_ID)
		return "it has no jti";
	return NULL;
}

/* For as long as it would be good. */
static int
assertion_once(struct rq *rq, const struct client *client, const struct json *claims, bool *seen_r)
{
	const char *hash = digest_text(rq->mem, arena_printf(rq->mem, "assertion %s %s",
	    client->id, json_text(claims, "jti")));
	int r;

	if ((r = seen_get(rq, client->pool, hash, seen_r)) != 0 || *seen_r)
		return r;
	return seen_put(rq, client->pool, hash, (json_int(claims, "exp", 0) + 1) * 1000);
}

int
assertion_prove(struct rq *rq, const struct refusal *wrong, const struct client *client,
    const char *text)
{
	const struct jwt *jwt;
	const char *why;
	bool good, seen;
	int r;

	if (client->jwks == NULL)
		return refuse(rq, wrong, "client %s has no keys", client->id);
	if (jwt_read(rq, text, &jwt) != 0)
		return refuse(rq, wrong, "the client assertion is not a JWT");
	if (jwt->typ != NULL && strcasecmp(jwt->typ, "JWT") != 0 &&
	    strcasecmp(jwt->typ, "client-authentication+jwt") != 0)	/* RFC 8725 3.11 */
		return refuse(rq, wrong, "the client assertion is a JWT of another type");
	if ((r = assertion_signature(rq, json_get(client->jwks, "keys"), jwt)) == FAULT)
		return r;
	if (r != 0)
		return refuse(rq, wrong, "no key of client %s signed its assertion", client->id);
	if ((why = assertion_claims(rq, client, jwt->claims)) != NULL)
		return refuse(rq, wrong, "the assertion of client %s: %s", client->id, why);
	if ((r = assertion_audience(rq, jwt->claims, &good)) != 0)
		return r;
	if (!good)
		return refuse(rq, wrong, "the assertion of client %s is for others", client->id);
	if ((r = assertion_once(rq, client, jwt->claims, &seen)) != 0)
		return r;
	return seen ? refuse(rq, wrong, "the assertion of client %s came before", client->id) : 0;
}

static bool
assertion_usable(struct rq *rq, const struct json *jwk)
{
	const struct key *key;
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (key_of_stranger(rq, algorithms[i], jwk, &key) == 0)
			return true;
	return false;
}

const char *
assertion_keys(struct rq *rq, const struct json *jwks)
{
	const struct json *keys = json_get(jwks, "keys");
	size_t i;

	if (json_type(keys) != JSON_ARRAY || json_count(keys) == 0 || json_count(keys) > MOST_KEYS)
		return "Jwks is {\"keys\":[...]} with one to eight keys.";
	for (i = 0; i < json_count(keys); i++)
		if (json_type(json_at(keys, i)) != JSON_OBJECT ||
		    !assertion_usable(rq, json_at(keys, i)))
			return "Each key of Jwks is a public one for signatures: RSA of 2048 bits "
			    "or more, P-256 or Ed25519.";
	return NULL;
}
