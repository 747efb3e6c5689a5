/* password - password hashes: argon2id (RFC 9106), through libsodium */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/password.h"

/* 256 characters of UTF-8. Forms and API refuse longer ones before; here they match nothing. */
enum { LONGEST = 1024 };

static void
start(void)
{
	if (sodium_init() == -1)
		log_die("libsodium cannot start");
}

static unsigned long long
passes(void)
{
	return (unsigned long long)conf->argon2_passes;
}

static size_t
memory(void)
{
	return (size_t)conf->argon2_kibibytes * 1024;
}

int
password_hash(struct rq *rq, const char *password, const char **hash_r)
{
	char *hash = arena_alloc(rq->mem, crypto_pwhash_STRBYTES);

	*hash_r = NULL;
	start();
	if (strlen(password) > LONGEST)
		return fault(rq, "a password of %zu bytes came as far as its hash",
		    strlen(password));
	if (crypto_pwhash_str_alg(hash, password, strlen(password), passes(), memory(),
	    crypto_pwhash_ALG_ARGON2ID13) != 0)
		return fault(rq, "argon2id failed with %zu bytes of memory", memory());
	*hash_r = hash;
	return 0;
}

/* A hash with today's parameters whose password nobody knows: salt and result are constants, so it
 * costs nothing to have, and what it costs to compare with is the real work. */
static const char *
nobody(struct rq *rq)
{
	return arena_printf(rq->mem,
	    "$argon2id$v=19$m=%" PRId64 ",t=%" PRId64 ",p=1$bm9ib2R5J3Mgc2FsdC4uLg$"
	    "bm90aGluZyBoYXNoZXMgdG8gdGhpcyBzZW50ZW5jZS4", conf->argon2_kibibytes,
	    conf->argon2_passes);
}

bool
password_verify(struct rq *rq, const char *hash, const char *password)
{
	bool possible = hash != NULL && strlen(password) <= LONGEST;
	bool same;

	start();
	same = crypto_pwhash_str_verify(possible ? hash : nobody(rq), password,
	    possible ? strlen(password) : strnlen(password, LONGEST)) == 0;
	return possible && same;
}

bool
password_outdated(const char *hash)
{
	start();
	return !text_starts(hash, "$argon2id$") ||
	    crypto_pwhash_str_needs_rehash(hash, passes(), memory()) != 0;
}

/* The cost as the PHC string says it, "$m=19456,t=2,p=1$". */
static bool
payable(const char *hash)
{
	enum { MOST_KIBIBYTES = 1048576, MOST_PASSES = 64 };
	const char *cost = strstr(hash, "$m=");
	long long kibibytes, passes;

	return cost != NULL && sscanf(cost, "$m=%lld,t=%lld,p=1$", &kibibytes, &passes) == 2 &&
	    kibibytes <= MOST_KIBIBYTES && passes <= MOST_PASSES;
}

bool
password_known(const char *hash)
{
	start();
	return strlen(hash) < crypto_pwhash_STRBYTES && payable(hash) &&
	    crypto_pwhash_str_needs_rehash(hash, passes(), memory()) != -1;
}

bool
password_key(const char *passphrase, const unsigned char *salt, int64_t kibibytes, int64_t passes,
    unsigned char *key, size_t n)
{
	start();
	return crypto_pwhash(key, n, passphrase, strlen(passphrase), salt,
	    (unsigned long long)passes, (size_t)kibibytes * 1024,
	    crypto_pwhash_ALG_ARGON2ID13) == 0;
}
