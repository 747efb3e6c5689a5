/* dpop - proof that who calls holds a private key (RFC 9449) */
#include <string.h>
#include <strings.h>

#include "base/conf.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "oidc/dpop.h"
#include "oidc/refusals.h"
#include "store/pool.h"
#include "store/seen.h"
#include "web/uri.h"

/* How far a proof may be from our time: clocks of browsers are wrong either way (section 11.1). */
enum { WINDOW = 300, LONGEST_JTI = 256 };

/* A step below that refuses without an answer means a proof that is none. */
static int
bad(struct rq *rq, int r, const char *why)
{
	return r == FAULT ? r : refuse_with(rq, &invalid_dpop_proof, why, "%s", why);
}

/* Section 4.3, 2 to 7: by the key in it, which must be an asymmetric one and public. */
static int
proof_signature(struct rq *rq, const char *text, const struct json **claims_r, const char **key_r)
{
	const struct key *key;
	const struct jwt *jwt;
	int r;

	*claims_r = NULL;
	*key_r = NULL;
	if ((r = jwt_read(rq, text, &jwt)) != 0)
		return bad(rq, r, "not a JWT");
	if (jwt->typ == NULL || strcasecmp(jwt->typ, "dpop+jwt") != 0)
		return bad(rq, REFUSED, "a JWT of another type");
	if (jwt->alg == NULL ||
	    (r = key_of_stranger(rq, jwt->alg, json_get(jwt->header, "jwk"), &key)) != 0)
		return bad(rq, REFUSED, "no public key for an algorithm of ours");
	if ((r = jwt_verify_once(rq, jwt, key)) != 0)
		return bad(rq, r, "the signature is wrong");
	*claims_r = jwt->claims;
	*key_r = key_id(key);
	return 0;
}

/* Section 4.3, 3 and 8 to 11: made for this request, and now. */
static int
proof_request(struct rq *rq, const struct json *claims, struct proof *proof_r)
{
	const char *htu = json_text(claims, "htu"), *jti = json_text(claims, "jti");
	int64_t now = rq->now / 1000, iat = json_int(claims, "iat", -1);

	if (!text_equal(json_text(claims, "htm"), rq->method))
		return bad(rq, REFUSED, "for another method");
	if (htu == NULL || rq->host == NULL ||
	    !uri_is_place(rq->mem, htu, conf->scheme, rq->host, rq->path))
		return bad(rq, REFUSED, "for another address");
	if (iat < now - WINDOW || iat > now + WINDOW)
		return bad(rq, REFUSED, "from another time");
	if (jti == NULL || *jti == '\0' || strlen(jti) > LONGEST_JTI)
		return bad(rq, REFUSED, "without a jti, or with a long one");
	proof_r->jti = jti;
	proof_r->iat = iat;
	proof_r->nonce = json_text(claims, "nonce");
	return 0;
}

int
dpop_read(struct rq *rq, const char *text, const char *access_token, struct proof *proof_r)
{
	const struct json *claims;
	int r;

	*proof_r = (struct proof){ 0 };
	if ((r = proof_signature(rq, text, &claims, &proof_r->key)) != 0 ||
	    (r = proof_request(rq, claims, proof_r)) != 0)
		return r;
	if (access_token != NULL &&
	    !text_equal(json_text(claims, "ath"), digest_text(rq->mem, access_token)))
		return bad(rq, REFUSED, "for another access token");
	return 0;
}

/* Nonces (section 8) are kept by nobody: a time, and a code over it that only we can make. */
static int
nonce_make(struct rq *rq, int64_t seconds, const char **nonce_r)
{
	const char *time = arena_printf(rq->mem, "%s %lld", rq->pool->id,
	    (long long)seconds);
	const char *mark;
	int r;

	if ((r = aead_mark(rq, "dpop-nonce", time, &mark)) != 0)
		return r;
	*nonce_r = arena_printf(rq->mem, "%lld.%s", (long long)seconds, mark);
	return 0;
}

static int
nonce_check(struct rq *rq, const char *nonce)
{
	size_t n = nonce != NULL ? strcspn(nonce, ".") : 0;
	int64_t seconds, now = rq->now / 1000;
	const char *ours;
	int r;

	if (conf->dpop_nonce_seconds == 0)
		return 0;
	if (nonce == NULL || !text_number(arena_dupn(rq->mem, nonce, n), &seconds))
		return refuse(rq, &use_dpop_nonce, "a proof without a nonce of ours");
	if ((r = nonce_make(rq, seconds, &ours)) != 0)
		return r;
	if (!secret_equal(ours, nonce) || seconds > now ||
	    now - seconds > conf->dpop_nonce_seconds)
		return refuse(rq, &use_dpop_nonce, "a nonce that is not good, or not any more");
	return 0;
}

/* Section 11.1. A jti is its key's affair: nobody can use up another's. */
static int
proof_once(struct rq *rq, const struct proof *proof)
{
	const char *hash = digest_text(rq->mem,
	    arena_join(rq->mem, "dpop ", proof->key, arena_join(rq->mem, " ", proof->jti, "")));
	bool seen;
	int r;

	if ((r = seen_get(rq, rq->pool->id, hash, &seen)) != 0)
		return r;
	if (seen)
		return bad(rq, REFUSED, "shown before");
	return seen_put(rq, rq->pool->id, hash, (proof->iat + WINDOW + 1) * 1000);
}

int
dpop_begin(struct rq *rq)
{
	if (rq->dpop != NULL)
		return 0;
	rq->dpop = arena_alloc(rq->mem, sizeof(*rq->dpop));
	return conf->dpop_nonce_seconds == 0 ? 0 :
	    nonce_make(rq, rq->now / 1000, &rq->dpop->nonce);
}

int
dpop_prove(struct rq *rq, const char *text, const char *access_token)
{
	struct proof proof;
	int r;

	if ((r = dpop_begin(rq)) != 0)
		return r;
	if (text == NULL)
		return bad(rq, REFUSED, "there is none");
	if ((r = dpop_read(rq, text, access_token, &proof)) != 0 ||
	    (r = nonce_check(rq, proof.nonce)) != 0 || (r = proof_once(rq, &proof)) != 0)
		return r;
	rq->dpop->key = proof.key;
	return 0;
}

const char *
dpop_key(const struct rq *rq)
{
	return rq->dpop != NULL ? rq->dpop->key : NULL;
}
