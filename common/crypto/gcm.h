/* gcm - AES-256-GCM itself (NIST SP 800-38D); for this folder alone */
#ifndef TARN_CRYPTO_GCM_H
#define TARN_CRYPTO_GCM_H

#include <stdbool.h>
#include <stddef.h>

enum {
	GCM_KEY = 32,
	GCM_NONCE = 12,
	GCM_TAG = 16
};

/* n bytes from in to out; where sealing puts the tag, opening finds it. `with` is authenticated and
 * not encrypted. False: the tag is wrong, or, when sealing, OpenSSL failed; out is wiped then. */
bool gcm(const unsigned char key[GCM_KEY], bool seal, const void *with, size_t n_with,
    const unsigned char nonce[GCM_NONCE], const unsigned char *in, size_t n, unsigned char *out,
    unsigned char tag[GCM_TAG]);

#endif
