/* digest - SHA-256, and SHA-512 for what EdDSA asks of it (RFC 6234), through OpenSSL */
#ifndef TARN_CRYPTO_DIGEST_H
#define TARN_CRYPTO_DIGEST_H

#include <stddef.h>

#include "base/arena.h"

enum { SHA256_SIZE = 32, SHA512_SIZE = 64 };

void digest_sha256(const void *data, size_t n, unsigned char out[SHA256_SIZE]);
void digest_sha512(const void *data, size_t n, unsigned char out[SHA512_SIZE]);

/* The same of what comes in pieces. The context is the arena's; digest_end leaves it ready for the
 * next message. */
struct digest;
struct digest *digest_new(struct arena *mem);
void digest_add(struct digest *digest, const void *data, size_t n);
void digest_end(struct digest *digest, unsigned char out[SHA256_SIZE]);

/* base64url of SHA-256 of a text: how bearer secrets are named in the store, and PKCE's S256. */
const char *digest_text(struct arena *mem, const char *s);

/* Does whatever the library does at its first use, so that forked workers share the result. */
void digest_warm(void);

#endif
