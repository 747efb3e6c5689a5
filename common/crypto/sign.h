/* sign - what a key is made of, and signatures by it; for this folder alone */
#ifndef TARN_CRYPTO_SIGN_H
#define TARN_CRYPTO_SIGN_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rq.h"

struct algorithm;

/* RFC 7518 3.3, 3.5 (the salt as long as the hash), 3.4; RFC 8037 3.1. */
enum scheme { SCHEME_PKCS1, SCHEME_PSS, SCHEME_ECDSA, SCHEME_EDDSA };

enum { COORDINATE = 32 };	/* bytes of r, of s, of x and of y: P-256 */

struct key {
	char *kid;
	const struct algorithm *algorithm;
	bool is_private;
	enum scheme scheme;
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *sign, *verify;	/* ready to use, or NULL: no private part; EdDSA */
	char *head;			/* first part of every JWS by this key, with its dot */
	uint64_t found;			/* for the cache: larger is later */
};

/* Readies the contexts of a key: setting one up costs several microseconds each time. False: the
 * key cannot be used, library_reason says why. */
bool sign_prepare(struct key *key);

/* The signature of n bytes in the form of JWS. 0 or FAULT. */
int sign_make(struct rq *rq, const struct key *key, const void *data, size_t n,
    const unsigned char **signature_r, size_t *n_signature_r);

/* 0, or REFUSED: not this key's signature of these bytes. */
int sign_check(struct rq *rq, const struct key *key, const void *data, size_t n,
    const unsigned char *signature, size_t n_signature);

#endif
