/* digest - SHA-256 and SHA-512 (RFC 6234), through OpenSSL */
#include <openssl/evp.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/library.h"

/* One context for the process, which does one thing at a time. */
static EVP_MD_CTX *hashing;

void
digest_sha256(const void *data, size_t n, unsigned char out[SHA256_SIZE])
{
	digest_warm();
	if (EVP_DigestInit_ex2(hashing, library_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(hashing, data, n) != 1 ||
	    EVP_DigestFinal_ex(hashing, out, NULL) != 1)
		log_die("SHA-256: %s", library_reason());
}

void
digest_sha512(const void *data, size_t n, unsigned char out[SHA512_SIZE])
{
	library_start();
	if (EVP_Q_digest(NULL, "SHA512", NULL, data, n, out, NULL) != 1)
		log_die("SHA-512: %s", library_reason());
}

struct digest {
	EVP_MD_CTX *context;
};

static void
release(void *context)
{
	EVP_MD_CTX_free(context);
}

struct digest *
digest_new(struct arena *mem)
{
	struct digest *digest = arena_alloc(mem, sizeof(*digest));

	library_start();
	if ((digest->context = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex2(digest->context, library_sha256(), NULL) != 1)
		log_die("SHA-256: %s", library_reason());
	arena_defer(mem, release, digest->context);
	return digest;
}

void
digest_add(struct digest *digest, const void *data, size_t n)
{
	if (EVP_DigestUpdate(digest->context, data, n) != 1)
		log_die("SHA-256: %s", library_reason());
}

void
digest_end(struct digest *digest, unsigned char out[SHA256_SIZE])
{
	if (EVP_DigestFinal_ex(digest->context, out, NULL) != 1 ||
	    EVP_DigestInit_ex2(digest->context, library_sha256(), NULL) != 1)
		log_die("SHA-256: %s", library_reason());
}

const char *
digest_text(struct arena *mem, const char *s)
{
	unsigned char hash[SHA256_SIZE];

	digest_sha256(s, strlen(s), hash);
	return base64url(mem, hash, sizeof(hash));
}

void
digest_warm(void)
{
	if (hashing != NULL)
		return;
	library_start();
	if ((hashing = EVP_MD_CTX_new()) == NULL)
		log_die("SHA-256: %s", library_reason());
}
