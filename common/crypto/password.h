/* password - password hashes: argon2id (RFC 9106), through libsodium
 *
 * Hashes are PHC strings with their own parameters; new ones use conf->argon2_*. Each call costs
 * about conf->argon2_kibibytes of memory for its duration. */
#ifndef TARN_CRYPTO_PASSWORD_H
#define TARN_CRYPTO_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rq.h"

int password_hash(struct rq *rq, const char *password, const char **hash_r);	/* 0 or FAULT */

/* Also when hash is NULL (no such user, no password): then the same work is done and the answer is
 * false, so that time tells nothing. */
bool password_verify(struct rq *rq, const char *hash, const char *password);

/* True if it is a hash that password_verify can compare with, at a cost that a process can pay. */
bool password_known(const char *hash);

/* argon2id as a key from a passphrase; the salt has 16 bytes. False: not enough memory. */
bool password_key(const char *passphrase, const unsigned char *salt, int64_t kibibytes,
    int64_t passes, unsigned char *key, size_t n);

/* True if a hash was made with other parameters than today's. */
bool password_outdated(const char *hash);

#endif
