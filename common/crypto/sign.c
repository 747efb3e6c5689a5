/* sign - signatures: RSASSA-PKCS1-v1_5, RSASSA-PSS and ECDSA, all with SHA-256, and Ed25519
 * (RFC 7518 3.3, 3.5, 3.4; RFC 8037) */
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

	if (key->scheme == SCHEME_EDDSA)	/* has no digest of its own to prepare */
		return true;
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
		if (key->scheme == SCHEME_PKCS1 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx[i], RSA_PKCS1_PADDING) != 1)
			return false;
		if (key->scheme == SCHEME_PSS &&
		    (EVP_PKEY_CTX_set_rsa_padding(ctx[i], RSA_PKCS1_PSS_PADDING) != 1 ||
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx[i], RSA_PSS_SALTLEN_DIGEST) != 1))
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

/* Ed25519 signs the text itself, in one call. */
static bool
eddsa_sign(const struct key *key, const void *data, size_t n, unsigned char *made, size_t *n_made)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	    EVP_DigestSign(ctx, made, n_made, data, n) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static bool
eddsa_verify(const struct key *key, const void *data, size_t n, const unsigned char *signature,
    size_t n_signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	    EVP_DigestVerify(ctx, signature, n_signature, data, n) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static bool
digest_sign(const struct key *key, const void *data, size_t n, unsigned char *made, size_t *n_made)
{
	unsigned char hash[SHA256_SIZE];

	digest_sha256(data, n, hash);
	return EVP_PKEY_sign(key->sign, made, n_made, hash, sizeof(hash)) == 1;
}

int
sign_make(struct rq *rq, const struct key *key, const void *data, size_t n,
    const unsigned char **signature_r, size_t *n_signature_r)
{
	size_t len = (size_t)EVP_PKEY_get_size(key->pkey);
	unsigned char *made = arena_alloc(rq->mem, len), *raw;

	*signature_r = NULL;
	*n_signature_r = 0;
	if (!key->is_private)
		return fault(rq, "key %s has no private part here", key->kid);
	if (!(key->scheme == SCHEME_EDDSA ? eddsa_sign : digest_sign)(key, data, n, made, &len))
		return library_fault(rq, "cannot sign");
	*signature_r = made;
	*n_signature_r = len;
	if (key->scheme != SCHEME_ECDSA)
		return 0;
	raw = arena_array(rq->mem, COORDINATE, 2);
	if (!raw_from_der(made, len, raw, COORDINATE))
		return library_fault(rq, "cannot sign");
	*signature_r = raw;
	*n_signature_r = 2 * COORDINATE;
	return 0;
}

int
sign_check(struct rq *rq, const struct key *key, const void *data, size_t n,
    const unsigned char *signature, size_t n_signature)
{
	unsigned char hash[SHA256_SIZE], der[DER];

	if (key->scheme == SCHEME_EDDSA && eddsa_verify(key, data, n, signature, n_signature))
		return 0;
	if (key->scheme == SCHEME_ECDSA) {
		if (n_signature != 2 * COORDINATE)
			return REFUSED;
		if ((n_signature = der_from_raw(signature, COORDINATE, der)) == 0)
			return library_fault(rq, "cannot verify");
		signature = der;
	}
	digest_sha256(data, n, hash);
	if (key->verify != NULL &&
	    EVP_PKEY_verify(key->verify, signature, n_signature, hash, sizeof(hash)) == 1)
		return 0;
	(void)library_reason();
	return REFUSED;
}
