/* sign - signatures: RSASSA-PKCS1-v1_5 and ECDSA, both with SHA-256 (RFC 7518 3.3, 3.4) */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "crypto/digest.h"
#include "crypto/library.h"
#include "crypto/sign.h"

enum { DER = 80 };	/* longest DER form of a P-256 signature is 72 */

bool
sign_prepare(struct key *key)
{
	EVP_PKEY_CTX *ctx[2] = { NULL, NULL };
	size_t i;

	key->verify = ctx[0] = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (ctx[0] == NULL || EVP_PKEY_verify_init(ctx[0]) != 1)
		return false;
	if (key->is_private) {
		key->sign = ctx[1] = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
		if (ctx[1] == NULL || EVP_PKEY_sign_init(ctx[1]) != 1)
			return false;
	}
	for (i = 0; i < 2 && ctx[i] != NULL; i++) {
		if (EVP_PKEY_CTX_set_signature_md(ctx[i], library_sha256()) != 1)
			return false;
		if (key->coordinate == 0 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx[i], RSA_PKCS1_PADDING) != 1)
			return false;
	}
	return true;
}

/* DER to r || s, each as long as the curve's order (RFC 7518 3.4). */
static bool
raw_from_der(const unsigned char *der, size_t n, unsigned char *raw, int coordinate)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	bool good = sig != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, coordinate) == coordinate &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + coordinate, coordinate) == coordinate;

	ECDSA_SIG_free(sig);
	return good;
}

/* The way back. 0: OpenSSL failed. */
static size_t
der_from_raw(const unsigned char *raw, int coordinate, unsigned char der[DER])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, coordinate, NULL);
	BIGNUM *s = BN_bin2bn(raw + coordinate, coordinate, NULL);
	int n = 0;

	if (sig != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL;	/* transferred */
		if ((n = i2d_ECDSA_SIG(sig, NULL)) > 0 && n <= DER)
			n = i2d_ECDSA_SIG(sig, &der);
		else
			n = 0;
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return n > 0 ? (size_t)n : 0;
}

int
sign_make(struct rq *rq, const struct key *key, const void *data, size_t n,
    const unsigned char **signature_r, size_t *n_signature_r)
{
	size_t len = (size_t)EVP_PKEY_get_size(key->pkey);
	unsigned char hash[SHA256_SIZE], *made = arena_alloc(rq->mem, len), *raw;

	*signature_r = NULL;
	*n_signature_r = 0;
	if (key->sign == NULL)
		return fault(rq, "key %s has no private part here", key->kid);
	digest_sha256(data, n, hash);
	if (EVP_PKEY_sign(key->sign, made, &len, hash, sizeof(hash)) != 1)
		return library_fault(rq, "cannot sign");
	*signature_r = made;
	*n_signature_r = len;
	if (key->coordinate == 0)
		return 0;
	raw = arena_array(rq->mem, key->coordinate, 2);
	if (!raw_from_der(made, len, raw, (int)key->coordinate))
		return library_fault(rq, "cannot sign");
	*signature_r = raw;
	*n_signature_r = 2 * key->coordinate;
	return 0;
}

int
sign_check(struct rq *rq, const struct key *key, const void *data, size_t n,
    const unsigned char *signature, size_t n_signature)
{
	unsigned char hash[SHA256_SIZE], der[DER];

	if (key->coordinate != 0) {
		if (n_signature != 2 * key->coordinate)
			return REFUSED;
		if ((n_signature = der_from_raw(signature, (int)key->coordinate, der)) == 0)
			return library_fault(rq, "cannot verify");
		signature = der;
	}
	digest_sha256(data, n, hash);
	if (EVP_PKEY_verify(key->verify, signature, n_signature, hash, sizeof(hash)) == 1)
		return 0;
	(void)library_reason();
	return REFUSED;
}
