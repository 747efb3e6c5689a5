/* library - OpenSSL itself: its start, its errors; for this folder alone */
#ifndef TARN_CRYPTO_LIBRARY_H
#define TARN_CRYPTO_LIBRARY_H

#include <openssl/evp.h>

#include "base/rq.h"

/* Before anything else is asked of OpenSSL; again: nothing. Ends the process if it cannot. */
void library_start(void);

/* SHA-256 and AES-256-GCM, found once. */
const EVP_MD *library_sha256(void);
const EVP_CIPHER *library_aes_gcm(void);

/* fault() with what OpenSSL says about its last failure. Returns FAULT. */
#define library_fault(rq, what) fault((rq), "%s: %s", (what), library_reason())

/* That reason, and a clean error queue. Static memory. */
const char *library_reason(void);

#endif
