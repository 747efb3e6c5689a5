/* library - OpenSSL itself: its start, its errors */
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/log.h"
#include "crypto/library.h"

static EVP_MD *sha256;
static EVP_CIPHER *aes_gcm;

/* A configuration file for the whole system could swap algorithms under us, and reading it costs
 * every process time and memory. An object fetched once spares each later call a search by name. */
void
library_start(void)
{
	if (sha256 != NULL)
		return;
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    (sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL ||
	    (aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL)) == NULL)
		log_die("OpenSSL cannot start: %s", library_reason());
}

const EVP_MD *
library_sha256(void)
{
	library_start();
	return sha256;
}

const EVP_CIPHER *
library_aes_gcm(void)
{
	library_start();
	return aes_gcm;
}

const char *
library_reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return reason != NULL ? reason : code != 0 ? "OpenSSL failed" : "no reason given";
}
