/* digest - SHA-256 and HMAC-SHA-256 (RFC 6234, RFC 2104), through OpenSSL */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/library.h"

/* One context of each kind for the process, which does one thing at a time. */
static EVP_MD_CTX *hashing;
static EVP_MAC_CTX *keyed;	/* has no key: copied for each use, so that none stays behind */

void
digest_sha256(const void *data, size_t n, unsigned char out[SHA256_SIZE])
{
	digest_warm();
	if (EVP_DigestInit_ex2(hashing, library_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(hashing, data, n) != 1 ||
	    EVP_DigestFinal_ex(hashing, out, NULL) != 1)
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
digest_hmac(const void *key, size_t nkey, const void *data, size_t n,
    unsigned char out[SHA256_SIZE])
{
	EVP_MAC_CTX *ctx;

	digest_warm();
	if ((ctx = EVP_MAC_CTX_dup(keyed)) == NULL || EVP_MAC_init(ctx, key, nkey, NULL) != 1 ||
	    EVP_MAC_update(ctx, data, n) != 1 || EVP_MAC_final(ctx, out, NULL, SHA256_SIZE) != 1)
		log_die("HMAC-SHA-256: %s", library_reason());
	EVP_MAC_CTX_free(ctx);
}

static EVP_MAC_CTX *
new_keyed(void)
{
	char name[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_END,
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);

	EVP_MAC_free(mac);	/* the context holds its own reference */
	if (ctx == NULL || EVP_MAC_CTX_set_params(ctx, params) != 1)
		log_die("HMAC-SHA-256: %s", library_reason());
	return ctx;
}

void
digest_warm(void)
{
	if (hashing != NULL)
		return;
	library_start();
	keyed = new_keyed();
	if ((hashing = EVP_MD_CTX_new()) == NULL)
		log_die("SHA-256: %s", library_reason());
}
