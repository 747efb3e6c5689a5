/* key - signing keys: RSA 2048, P-256 and Ed25519 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/codec.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "crypto/library.h"
#include "crypto/sign.h"

enum { KEPT = 64, MOST_NUMBER = 512, ED25519 = 32 };

struct algorithm {
	const char *name, *kty;		/* as in a JWK */
	const char *members;		/* what a key is, in order (RFC 7638 3.2) */
	enum scheme scheme;
	EVP_PKEY *(*generate)(void);
	bool (*fits)(const EVP_PKEY *pkey);
	struct json *(*jwk)(struct arena *mem, const struct key *key);
	EVP_PKEY *(*from_jwk)(struct arena *mem, const struct json *jwk);
};

static struct {
	struct key *at[KEPT];
	size_t n;
	uint64_t lookups;
} cache;

/* A member that holds bytes in base64url. */
static bool
member(struct arena *mem, const struct json *jwk, const char *name, unsigned char **data_r,
    size_t *n_r)
{
	const char *s = json_text(jwk, name);

	*data_r = NULL;
	*n_r = 0;
	return s != NULL && base64url_decode(mem, s, strlen(s), data_r, n_r) && *n_r > 0 &&
	    *n_r <= MOST_NUMBER;
}

/* A number of a key in base64url, at least width bytes wide. */
static const char *
number(struct arena *mem, const struct key *key, const char *param, int width)
{
	unsigned char bytes[MOST_NUMBER];
	BIGNUM *n = NULL;
	int len;

	if (EVP_PKEY_get_bn_param(key->pkey, param, &n) != 1)
		log_die("key %s has no number %s: %s", key->kid, param, library_reason());
	len = BN_num_bytes(n) > width ? BN_num_bytes(n) : width;
	if (len > MOST_NUMBER || BN_bn2binpad(n, bytes, len) != len)
		log_die("key %s is too large", key->kid);
	BN_free(n);
	return base64url(mem, bytes, (size_t)len);
}

static EVP_PKEY *
from_params(const char *kty, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kty, NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx != NULL && params != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/*
 * RSA (RFC 7518 6.3).
 */

static EVP_PKEY *
rsa_generate(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
}

/* RFC 7518 3.3: 2048 bits or more. The upper bound keeps strangers' keys from costing much. */
static bool
rsa_fits(const EVP_PKEY *pkey)
{
	return EVP_PKEY_is_a(pkey, "RSA") && EVP_PKEY_get_bits(pkey) >= 2048 &&
	    EVP_PKEY_get_bits(pkey) <= 8 * MOST_NUMBER;
}

static struct json *
rsa_jwk(struct arena *mem, const struct key *key)
{
	struct json *jwk = json_object(mem);

	json_set_text(jwk, "alg", key->algorithm->name);
	json_set_text(jwk, "e", number(mem, key, OSSL_PKEY_PARAM_RSA_E, 1));
	json_set_text(jwk, "kid", key->kid);
	json_set_text(jwk, "kty", key->algorithm->kty);
	json_set_text(jwk, "n", number(mem, key, OSSL_PKEY_PARAM_RSA_N, 1));
	json_set_text(jwk, "use", "sig");
	return jwk;
}

static EVP_PKEY *
rsa_from_jwk(struct arena *mem, const struct json *jwk)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *modulus = NULL, *exponent = NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;
	unsigned char *n, *e;
	size_t n_n, n_e;

	if (!member(mem, jwk, "n", &n, &n_n) || !member(mem, jwk, "e", &e, &n_e))
		goto out;
	modulus = BN_bin2bn(n, (int)n_n, NULL);
	exponent = BN_bin2bn(e, (int)n_e, NULL);
	/* With exponent 1 a signature is its own proof: anyone could make one. */
	if (build == NULL || modulus == NULL || exponent == NULL || BN_is_one(exponent) ||
	    !BN_is_odd(exponent) || !BN_is_odd(modulus) || BN_num_bits(exponent) > 64 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
		goto out;
	params = OSSL_PARAM_BLD_to_param(build);
	pkey = from_params("RSA", params);
out:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(modulus);
	BN_free(exponent);
	return pkey;
}

/*
 * Elliptic curves (RFC 7518 6.2).
 */

static EVP_PKEY *
ec_generate(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static bool
ec_fits(const EVP_PKEY *pkey)
{
	char group[32];

	return EVP_PKEY_is_a(pkey, "EC") &&
	    EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
	    NULL) == 1 && strcmp(group, "prime256v1") == 0;
}

static struct json *
ec_jwk(struct arena *mem, const struct key *key)
{
	struct json *jwk = json_object(mem);

	json_set_text(jwk, "alg", key->algorithm->name);
	json_set_text(jwk, "crv", "P-256");
	json_set_text(jwk, "kid", key->kid);
	json_set_text(jwk, "kty", key->algorithm->kty);
	json_set_text(jwk, "use", "sig");
	json_set_text(jwk, "x", number(mem, key, OSSL_PKEY_PARAM_EC_PUB_X, COORDINATE));
	json_set_text(jwk, "y", number(mem, key, OSSL_PKEY_PARAM_EC_PUB_Y, COORDINATE));
	return jwk;
}

static EVP_PKEY *
ec_from_jwk(struct arena *mem, const struct json *jwk)
{
	unsigned char point[1 + 2 * COORDINATE] = { POINT_CONVERSION_UNCOMPRESSED }, *x, *y;
	char group[] = "P-256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_END,
	};
	size_t n_x, n_y;

	if (!text_equal(json_text(jwk, "crv"), "P-256") ||
	    !member(mem, jwk, "x", &x, &n_x) || !member(mem, jwk, "y", &y, &n_y) ||
	    n_x != COORDINATE || n_y != COORDINATE)
		return NULL;
	memcpy(point + 1, x, COORDINATE);
	memcpy(point + 1 + COORDINATE, y, COORDINATE);
	return from_params("EC", params);	/* which refuses a point off the curve */
}

/*
 * Edwards curves (RFC 8037 2).
 */

static EVP_PKEY *
ed_generate(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static bool
ed_fits(const EVP_PKEY *pkey)
{
	return EVP_PKEY_is_a(pkey, "ED25519");
}

static struct json *
ed_jwk(struct arena *mem, const struct key *key)
{
	struct json *jwk = json_object(mem);
	unsigned char x[ED25519];
	size_t n = sizeof(x);

	if (EVP_PKEY_get_raw_public_key(key->pkey, x, &n) != 1)
		log_die("key %s has no public part: %s", key->kid, library_reason());
	json_set_text(jwk, "alg", key->algorithm->name);
	json_set_text(jwk, "crv", "Ed25519");
	json_set_text(jwk, "kid", key->kid);
	json_set_text(jwk, "kty", key->algorithm->kty);
	json_set_text(jwk, "use", "sig");
	json_set_text(jwk, "x", base64url(mem, x, n));
	return jwk;
}

static EVP_PKEY *
ed_from_jwk(struct arena *mem, const struct json *jwk)
{
	unsigned char *x;
	size_t n;

	if (!text_equal(json_text(jwk, "crv"), "Ed25519") || !member(mem, jwk, "x", &x, &n) ||
	    n != ED25519)
		return NULL;
	return EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x, n);
}

static const struct algorithm algorithms[] = {
	{ "RS256", "RSA", "e kty n", SCHEME_PKCS1, rsa_generate, rsa_fits, rsa_jwk, rsa_from_jwk },
	{ "PS256", "RSA", "e kty n", SCHEME_PSS, rsa_generate, rsa_fits, rsa_jwk, rsa_from_jwk },
	{ "ES256", "EC", "crv kty x y", SCHEME_ECDSA, ec_generate, ec_fits, ec_jwk, ec_from_jwk },
	{ "EdDSA", "OKP", "crv kty x", SCHEME_EDDSA, ed_generate, ed_fits, ed_jwk, ed_from_jwk },
	/* The same with a name of its own (RFC 9864 2.2), which newer clients use. */
	{ "Ed25519", "OKP", "crv kty x", SCHEME_EDDSA, ed_generate, ed_fits, ed_jwk, ed_from_jwk },
};

static const struct algorithm *
algorithm_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (text_equal(algorithms[i].name, name))
			return &algorithms[i];
	return NULL;
}

/*
 * Keys and their cache.
 */

static void
key_release(void *object)
{
	struct key *key = object;

	EVP_PKEY_CTX_free(key->sign);
	EVP_PKEY_CTX_free(key->verify);
	EVP_PKEY_free(key->pkey);
	free(key->head);
	free(key->kid);
	free(key);
}

/* A key that goes may still be in the hands of this request: it is released with it. */
static void
key_keep(struct rq *rq, struct key *key)
{
	size_t i, slot = cache.n;

	for (i = 0; i < cache.n && slot == cache.n; i++)
		if (cache.at[i]->is_private == key->is_private &&
		    strcmp(cache.at[i]->kid, key->kid) == 0)
			slot = i;
	if (slot == KEPT)
		for (slot = 0, i = 1; i < KEPT; i++)
			if (cache.at[i]->found < cache.at[slot]->found)
				slot = i;
	if (slot == cache.n)
		cache.n++;
	else
		arena_defer(rq->mem, key_release, cache.at[slot]);
	cache.at[slot] = key;
	key->found = ++cache.lookups;
}

/* The first part of a compact JWS, the same for all by one key. */
static char *
key_head(struct rq *rq, const struct key *key)
{
	struct json *head = json_object(rq->mem);
	const char *text;

	json_set_text(head, "kid", key->kid);
	json_set_text(head, "alg", key->algorithm->name);
	text = json_print_slashes(rq->mem, head);
	return strdup(arena_printf(rq->mem, "%s.", base64url(rq->mem, text, strlen(text))));
}

/* Takes pkey over. NULL: it cannot be used for that, and library_reason says why. */
static struct key *
key_make(struct rq *rq, const char *kid, const struct algorithm *algorithm, EVP_PKEY *pkey,
    bool is_private)
{
	struct key *key = calloc(1, sizeof(*key));

	if (key == NULL)
		log_die("out of memory for a key");
	key->pkey = pkey;
	key->algorithm = algorithm;
	key->scheme = algorithm->scheme;
	key->is_private = is_private;
	if ((key->kid = strdup(kid)) == NULL || (key->head = key_head(rq, key)) == NULL)
		log_die("out of memory for a key");
	if (algorithm->fits(pkey) && sign_prepare(key))
		return key;
	key_release(key);
	return NULL;
}

/* Takes pkey over, and keeps the key. */
static int
key_new(struct rq *rq, const char *kid, const struct algorithm *algorithm, EVP_PKEY *pkey,
    bool is_private, const struct key **key_r)
{
	struct key *key = key_make(rq, kid, algorithm, pkey, is_private);

	if (key == NULL)
		return fault(rq, "key %s is not usable for %s: %s", kid, algorithm->name,
		    library_reason());
	key_keep(rq, key);
	*key_r = key;
	return 0;
}

int
key_generate(struct rq *rq, const char *algorithm, const struct key **key_r)
{
	const struct algorithm *a = algorithm_find(algorithm);
	unsigned char kid[32];
	EVP_PKEY *pkey;

	*key_r = NULL;
	library_start();
	if (a == NULL)
		return fault(rq, "no keys for algorithm %s", algorithm);
	if ((pkey = a->generate()) == NULL)
		return library_fault(rq, "cannot generate a key");
	random_bytes(kid, sizeof(kid));
	return key_new(rq, base64(rq->mem, kid, sizeof(kid)), a, pkey, true, key_r);
}

int
key_private(struct rq *rq, const struct key *key, unsigned char **der_r, size_t *n_r)
{
	PKCS8_PRIV_KEY_INFO *info = NULL;
	unsigned char *der;
	int n;

	*der_r = NULL;
	*n_r = 0;
	if (!key->is_private)
		return fault(rq, "key %s has no private part here", key->kid);
	if ((info = EVP_PKEY2PKCS8(key->pkey)) == NULL ||
	    (n = i2d_PKCS8_PRIV_KEY_INFO(info, NULL)) <= 0) {
		PKCS8_PRIV_KEY_INFO_free(info);
		return library_fault(rq, "cannot write a private key");
	}
	*der_r = der = arena_alloc(rq->mem, (size_t)n);
	*n_r = (size_t)i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	return 0;
}

struct json *
key_jwk(struct arena *mem, const struct key *key)
{
	return key->algorithm->jwk(mem, key);
}

const struct key *
key_known(const char *kid, bool signing)
{
	size_t i;

	for (i = 0; i < cache.n; i++) {
		if ((signing && !cache.at[i]->is_private) || !text_equal(cache.at[i]->kid, kid))
			continue;
		cache.at[i]->found = ++cache.lookups;
		return cache.at[i];
	}
	return NULL;
}

int
key_from_private(struct rq *rq, const char *kid, const char *algorithm, const void *der, size_t n,
    const struct key **key_r)
{
	const struct algorithm *a = algorithm_find(algorithm);
	const unsigned char *p = der;
	EVP_PKEY *pkey;

	*key_r = NULL;
	library_start();
	if (a == NULL || n > 1 << 16)
		return fault(rq, "key %s is not usable for %s", kid, algorithm);
	if ((pkey = d2i_AutoPrivateKey_ex(NULL, &p, (long)n, NULL, NULL)) == NULL)
		return fault(rq, "key %s cannot be read: %s", kid, library_reason());
	return key_new(rq, kid, a, pkey, true, key_r);
}

int
key_from_jwk(struct rq *rq, const struct json *jwk, const struct key **key_r)
{
	const struct algorithm *a = algorithm_find(json_text(jwk, "alg"));
	const char *kid = json_text(jwk, "kid");
	EVP_PKEY *pkey;

	*key_r = NULL;
	library_start();
	if (a == NULL || kid == NULL || !text_equal(json_text(jwk, "kty"), a->kty) ||
	    (json_has(jwk, "use") && !text_equal(json_text(jwk, "use"), "sig")))
		return fault(rq, "not a JWK for signatures that is understood");
	if ((pkey = a->from_jwk(rq->mem, jwk)) == NULL)
		return fault(rq, "key %s cannot be read: %s", kid, library_reason());
	return key_new(rq, kid, a, pkey, false, key_r);
}

/* RFC 7517 4.2, 4.3, 4.4, RFC 7518 6.2.2, 6.3.2: for signatures by that algorithm, and public. */
static bool
jwk_verifies(struct arena *mem, const struct json *jwk, const struct algorithm *algorithm)
{
	static const char *const secrets[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
	size_t i;

	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (json_has(jwk, secrets[i]))
			return false;
	return text_equal(json_text(jwk, "kty"), algorithm->kty) &&
	    (!json_has(jwk, "use") || text_equal(json_text(jwk, "use"), "sig")) &&
	    (!json_has(jwk, "alg") || text_equal(json_text(jwk, "alg"), algorithm->name)) &&
	    (!json_has(jwk, "key_ops") || words_have(json_words(mem, jwk, "key_ops"), "verify"));
}

int
key_of_stranger(struct rq *rq, const char *algorithm, const struct json *jwk,
    const struct key **key_r)
{
	const struct algorithm *a = algorithm_find(algorithm);
	struct key *key = NULL;
	EVP_PKEY *pkey;

	*key_r = NULL;
	library_start();
	if (a == NULL || !jwk_verifies(rq->mem, jwk, a))
		return REFUSED;
	if ((pkey = a->from_jwk(rq->mem, jwk)) != NULL)
		key = key_make(rq, key_thumbprint(rq->mem, jwk), a, pkey, false);
	(void)library_reason();
	if (key == NULL)
		return REFUSED;
	arena_defer(rq->mem, key_release, key);
	*key_r = key;
	return 0;
}

const char *
key_thumbprint(struct arena *mem, const struct json *jwk)
{
	const char *kty = json_text(jwk, "kty");
	struct json *known = json_object(mem);
	struct words members;
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (text_equal(algorithms[i].kty, kty))
			break;
	if (i == sizeof(algorithms) / sizeof(*algorithms))
		return NULL;
	members = words_split(mem, algorithms[i].members, ' ');
	for (i = 0; i < members.n; i++)
		json_set_text(known, members.at[i], json_text(jwk, members.at[i]));
	return digest_text(mem, json_print(mem, known));
}

const char *
key_algorithms(struct arena *mem)
{
	const char *list = algorithms[0].name;
	size_t i;

	for (i = 1; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		list = arena_join(mem, list, " ", algorithms[i].name);
	return list;
}

const char *
key_id(const struct key *key)
{
	return key->kid;
}

const char *
key_algorithm(const struct key *key)
{
	return key->algorithm->name;
}
