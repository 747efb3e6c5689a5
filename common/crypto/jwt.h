/* jwt - JSON Web Signatures in compact form (RFC 7515, RFC 7519)
 *
 * Verification is by a key the caller chose from the kid; the algorithm is the key's, never the
 * header's: alg must equal it (RFC 8725 3.1), so "none" and HMAC with a public key cannot happen.
 * Headers with crit are refused (RFC 7515 4.1.11). */
#ifndef TARN_CRYPTO_JWT_H
#define TARN_CRYPTO_JWT_H

#include "base/json.h"
#include "base/rq.h"
#include "crypto/key.h"

/* {"kid":…,"alg":…} in that order with \/ for each slash (oauth.md 8), and a typ behind them unless
 * that is NULL. 0 or FAULT. */
int jwt_sign(struct rq *rq, const struct key *key, const char *typ, const struct json *claims,
    const char **jwt_r);

/* Takes a compact JWS apart without believing it: at most 16 kB, strict base64url, header and
 * payload JSON objects. 0, or REFUSED without an answer set. */
struct jwt {
	const char *kid, *alg, *typ;	/* NULL where absent */
	const struct json *header, *claims;
	const char *signed_part;	/* the text, of which the first n_signed bytes are signed */
	size_t n_signed;
	const unsigned char *signature;
	size_t n_signature;
};
int jwt_read(struct rq *rq, const char *text, const struct jwt **jwt_r);

/* The signature by this key; a good one is remembered. 0, REFUSED without an answer set, or FAULT.
 * Times, and whether the key is still one to trust, are the caller's. */
int jwt_verify(struct rq *rq, const struct jwt *jwt, const struct key *key);

/* The same, remembering nothing: of what is shown once. */
int jwt_verify_once(struct rq *rq, const struct jwt *jwt, const struct key *key);

/* Left half of a hash of an access token, base64url (OpenID Connect Core 3.1.3.6): of the hash that
 * the key's algorithm uses, SHA-256 or, for Ed25519, SHA-512. */
const char *jwt_half_hash(struct arena *mem, const struct key *key, const char *text);

#endif
