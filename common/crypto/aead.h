/* aead - sealing secrets at rest: AES-256-GCM under the master key (NIST SP 800-38D)
 *
 * The master key file holds lines "id base64-of-32-bytes"; the first seals, all open. A sealed text
 * is "id.base64url(nonce ciphertext tag)" and names its key. The purpose is authenticated with it:
 * what was sealed as one thing cannot be opened as another. */
#ifndef TARN_CRYPTO_AEAD_H
#define TARN_CRYPTO_AEAD_H

#include <stddef.h>

#include "base/rq.h"

/* *text_r is what to store. 0 or FAULT (no usable master key file: the log says what to do). */
int aead_seal(struct rq *rq, const char *purpose, const void *data, size_t n, const char **text_r);

/* *data_r is n bytes and a NUL. 0; REFUSED without an answer set: not sealed by us for this
 * purpose; FAULT. The caller decides what a refusal means. */
int aead_open(struct rq *rq, const char *purpose, const char *text, unsigned char **data_r,
    size_t *n_r);

/* A text as a value that says nothing of it to anybody without the master key, and is the same each
 * time (HMAC-SHA-256, 43 characters of base64url). Another master key makes others. 0 or FAULT. */
int aead_mark(struct rq *rq, const char *purpose, const char *text, const char **mark_r);

/* Writes a new master key file, mode 0600 (0640 where a group is to read it), never over an
 * existing one. 0 or FAULT. */
int aead_create_file(struct rq *rq, const char *path);

#endif
