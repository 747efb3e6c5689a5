/* gcm - AES-256-GCM itself (NIST SP 800-38D) */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto/gcm.h"
#include "crypto/library.h"

bool
gcm(const unsigned char key[GCM_KEY], bool seal, const void *with, size_t n_with,
    const unsigned char nonce[GCM_NONCE], const unsigned char *in, size_t n, unsigned char *out,
    unsigned char tag[GCM_TAG])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool good = false;
	int len;

	if (ctx == NULL ||
	    EVP_CipherInit_ex2(ctx, library_aes_gcm(), key, nonce, seal, NULL) != 1 ||
	    EVP_CipherUpdate(ctx, NULL, &len, with, (int)n_with) != 1 ||
	    EVP_CipherUpdate(ctx, out, &len, in, (int)n) != 1)
		goto out;
	if (!seal && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) != 1)
		goto out;
	if (EVP_CipherFinal_ex(ctx, out + n, &len) != 1)
		goto out;
	if (seal && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) != 1)
		goto out;
	good = true;
out:
	if (!good)	/* nobody may look at what was decrypted without proof */
		OPENSSL_cleanse(out, n);
	EVP_CIPHER_CTX_free(ctx);
	return good;
}
