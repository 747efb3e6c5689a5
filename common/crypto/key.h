/* key - signing keys: RSA 2048 (RS256, PS256), P-256 (ES256) and Ed25519 (EdDSA) (RFC 7518 3.3,
 * 3.5, 3.4; RFC 8037) */
#ifndef TARN_CRYPTO_KEY_H
#define TARN_CRYPTO_KEY_H

#include <stddef.h>

#include "base/json.h"
#include "base/rq.h"

struct key;	/* immutable; kept by the process for as long as it lives, found by kid */

/* A new pair. kid is 32 random bytes in standard base64. 0 or FAULT. */
int key_generate(struct rq *rq, const char *algorithm, const struct key **key_r);

/* The private key as PKCS #8 DER, to be sealed. 0 or FAULT. */
int key_private(struct rq *rq, const struct key *key, unsigned char **der_r, size_t *n_r);

/* The public key as a JWK with alg, e, kid, kty, n, use (RFC 7517 4; members in that order), or
 * alg, crv, kid, kty, use, x, y (of Ed25519 without y). */
struct json *key_jwk(struct arena *mem, const struct key *key);

/* Keys already seen by this process: parsing a private key costs as much as a signature. NULL: not
 * seen yet. At most 64 are kept; the least recently found goes, at the end of the request that made
 * it go. A signing key is one with its private part. */
const struct key *key_known(const char *kid, bool signing);

/* From our own stored forms, and into the cache. 0 or FAULT (unusable material). The keys of others
 * do not come this way: they choose their kids, and one that chose ours would take its place in the
 * cache. */
int key_from_private(struct rq *rq, const char *kid, const char *algorithm, const void *der,
    size_t n, const struct key **key_r);
int key_from_jwk(struct rq *rq, const struct json *jwk, const struct key **key_r);

/* The public key of somebody else, for this request alone; its id is its thumbprint. 0, or REFUSED
 * without an answer set: not a key for signatures of that algorithm, or one with its private part,
 * which is no secret any more. */
int key_of_stranger(struct rq *rq, const char *algorithm, const struct json *jwk,
    const struct key **key_r);

/* What a public key is called by everybody: SHA-256 of its required members (RFC 7638). NULL: not a
 * type of key that is known. */
const char *key_thumbprint(struct arena *mem, const struct json *jwk);

/* The names of the algorithms there are, a blank between. */
const char *key_algorithms(struct arena *mem);

const char *key_id(const struct key *key);
const char *key_algorithm(const struct key *key);

#endif
