/* test_key - keys: made, stored, found again */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/codec.h"
#include "base/rq.h"
#include "base/text.h"
#include "crypto/jwt.h"
#include "crypto/key.h"
#include "crypto/sign.h"

static struct rq *rq;

static const char *
members(const struct json *object)
{
	const char *names = "";

	for (struct json_member m = json_first(object); m.name != NULL; m = json_next(m))
		names = arena_printf(rq->mem, "%s%s ", names, m.name);
	return names;
}

static struct json *
json(const char *text)
{
	struct json *value;
	const char *error;

	assert_true(json_parse(rq->mem, text, strlen(text), &value, &error));
	return value;
}

static void
a_new_key_has_a_kid_of_32_bytes_and_a_jwk_in_the_order_of_the_contract(void **state)
{
	static const struct {
		const char *algorithm, *members;
	} cases[] = {
		{ "RS256", "alg e kid kty n use " },
		{ "ES256", "alg crv kid kty use x y " },
		{ "PS256", "alg e kid kty n use " },
		{ "EdDSA", "alg crv kid kty use x " },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct key *key;
		const struct json *jwk;
		unsigned char *kid;
		size_t n;

		assert_int_equal(key_generate(rq, cases[i].algorithm, &key), 0);
		assert_int_equal(strlen(key_id(key)), 44);
		assert_true(base64_decode(rq->mem, key_id(key), 44, &kid, &n));
		assert_int_equal(n, 32);
		assert_string_equal(key_algorithm(key), cases[i].algorithm);
		jwk = key_jwk(rq->mem, key);
		assert_string_equal(members(jwk), cases[i].members);
		assert_string_equal(json_text(jwk, "kid"), key_id(key));
		assert_string_equal(json_text(jwk, "use"), "sig");
		if (i % 2 == 0) {
			assert_string_equal(json_text(jwk, "e"), "AQAB");
			assert_int_equal(strlen(json_text(jwk, "n")), 342);
		} else {
			assert_int_equal(strlen(json_text(jwk, "x")), 43);
			assert_int_equal(i == 1, json_has(jwk, "y"));
		}
	}
}

static void
a_key_survives_its_stored_forms(void **state)
{
	static const char *const algorithms[] = { "RS256", "ES256", "PS256", "EdDSA" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct key *made, *private, *public;
		const struct jwt *jwt;
		const char *text;
		unsigned char *der;
		size_t n;

		assert_int_equal(key_generate(rq, algorithms[i], &made), 0);
		assert_int_equal(key_private(rq, made, &der, &n), 0);
		assert_int_equal(key_from_private(rq, "again", algorithms[i], der, n, &private), 0);
		assert_int_equal(key_from_jwk(rq, key_jwk(rq->mem, private), &public), 0);
		assert_string_equal(key_id(public), "again");
		assert_string_equal(json_print(rq->mem, key_jwk(rq->mem, public)),
		    json_print(rq->mem, key_jwk(rq->mem, private)));
		assert_int_equal(jwt_sign(rq, private, NULL, json("{\"a\":1}"), &text), 0);
		assert_int_equal(jwt_read(rq, text, &jwt), 0);
		assert_int_equal(jwt_verify(rq, jwt, public), 0);
		assert_int_equal(jwt_verify(rq, jwt, made), 0);
		assert_int_equal(key_private(rq, public, &der, &n), FAULT);
		assert_int_equal(jwt_sign(rq, public, NULL, json("{}"), &text), FAULT);
	}
}

/* RFC 8037 appendix A.2 to A.4, whose text is no JSON. */
static void
the_examples_of_rfc_8037_hold(void **state)
{
	static const char text[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	static const char signature[] = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcN"
	    "R4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
	const struct json *jwk = json("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
	    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	const struct key *key;
	unsigned char *bytes;
	size_t n;

	(void)state;
	assert_string_equal(key_thumbprint(rq->mem, jwk),
	    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
	assert_int_equal(key_of_stranger(rq, "EdDSA", jwk, &key), 0);
	assert_true(base64url_decode(rq->mem, signature, strlen(signature), &bytes, &n));
	assert_int_equal(sign_check(rq, key, text, strlen(text), bytes, n), 0);
	assert_int_equal(sign_check(rq, key, text, strlen(text) - 1, bytes, n), REFUSED);
	assert_int_equal(sign_check(rq, key, text, strlen(text), bytes, n - 1), REFUSED);
	bytes[0] ^= 1;
	assert_int_equal(sign_check(rq, key, text, strlen(text), bytes, n), REFUSED);
	assert_int_equal(key_of_stranger(rq, "ES256", jwk, &key), REFUSED);
}

static void
a_known_key_signs_only_with_its_private_part(void **state)
{
	const struct key *made, *public;
	unsigned char *der;
	size_t n;

	(void)state;
	assert_null(key_known("only public", false));
	assert_int_equal(key_generate(rq, "ES256", &made), 0);
	assert_ptr_equal(key_known(key_id(made), true), made);
	assert_ptr_equal(key_known(key_id(made), false), made);
	assert_int_equal(key_private(rq, made, &der, &n), 0);
	assert_int_equal(key_from_private(rq, "only public", "ES256", der, n, &made), 0);
	assert_int_equal(key_from_jwk(rq, key_jwk(rq->mem, made), &public), 0);
	assert_ptr_equal(key_known("only public", true), made);
	assert_non_null(key_known("only public", false));
	assert_null(key_known("nobody's", false));
}

static void
only_the_64_keys_found_last_are_kept(void **state)
{
	const struct key *first, *key;
	const struct json *jwk;
	const char *text;

	(void)state;
	assert_int_equal(key_generate(rq, "ES256", &first), 0);
	for (int i = 0; i < 80; i++) {
		jwk = key_jwk(rq->mem, first);
		json_set_text((struct json *)(uintptr_t)jwk, "kid",
		    arena_printf(rq->mem, "number %d", i));
		assert_int_equal(key_from_jwk(rq, jwk, &key), 0);
		if (i < 40)	/* and not since: the 40 after it leave it where it is */
			assert_ptr_equal(key_known(key_id(first), true), first);
		if (i > 0)
			assert_non_null(key_known("number 0", false));
	}
	assert_non_null(key_known("number 0", false));
	assert_null(key_known("number 1", false));
	assert_null(key_known("number 17", false));
	assert_non_null(key_known("number 18", false));
	assert_non_null(key_known("number 79", false));
	assert_non_null(key_known(key_id(first), true));
	for (int i = 100; i < 164; i++) {
		jwk = key_jwk(rq->mem, first);
		json_set_text((struct json *)(uintptr_t)jwk, "kid",
		    arena_printf(rq->mem, "number %d", i));
		assert_int_equal(key_from_jwk(rq, jwk, &key), 0);
	}
	assert_null(key_known(key_id(first), true));
	/* yet who holds it in this request may go on using it */
	assert_int_equal(jwt_sign(rq, first, NULL, json("{}"), &text), 0);
}

static void
unusable_material_is_a_fault(void **state)
{
	static const char *const jwks[] = {
		"{}",
		"{\"alg\":\"RS256\",\"kid\":\"k\"}",
		"{\"alg\":\"HS256\",\"kid\":\"k\",\"kty\":\"oct\",\"k\":\"AAAA\"}",
		/* 512 bits */
		"{\"alg\":\"RS256\",\"e\":\"AQAB\",\"kid\":\"k\",\"kty\":\"RSA\",\"n\":\""
		    "3Ax2o3178fqgLNjYaLg-"
		    "qbySGSr06-U3W4yvh7hPdxDLZKhP6t0QKnquzhFlJaNgnO1UrWpYRhSBKhgrxq0tqQ\"}",
		/* not on the curve */
		"{\"alg\":\"ES256\",\"crv\":\"P-256\",\"kid\":\"k\",\"kty\":\"EC\","
		    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}",
		"{\"alg\":\"ES256\",\"crv\":\"P-256\",\"kid\":\"k\",\"kty\":\"EC\","
		    "\"x\":\"AA\",\"y\":\"AA\"}",
		"{\"alg\":\"ES256\",\"crv\":\"P-384\",\"kid\":\"k\",\"kty\":\"EC\","
		    "\"x\":\"AA\",\"y\":\"AA\"}",
		/* right, but for the wrong use, algorithm or without a name */
		"{\"alg\":\"ES256\",\"crv\":\"P-256\",\"kid\":\"k\",\"kty\":\"EC\",\"use\":\"enc\","
		    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
		"{\"alg\":\"RS256\",\"crv\":\"P-256\",\"kid\":\"k\",\"kty\":\"EC\","
		    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
		"{\"alg\":\"ES256\",\"crv\":\"P-256\",\"kty\":\"EC\","
		    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
	};
	const struct key *key, *made;
	unsigned char *der;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(jwks) / sizeof(*jwks); i++) {
		assert_int_equal(key_from_jwk(rq, json(jwks[i]), &key), FAULT);
		assert_null(key);
	}
	assert_int_equal(key_generate(rq, "none", &key), FAULT);
	assert_int_equal(key_generate(rq, "ES256", &made), 0);
	assert_int_equal(key_private(rq, made, &der, &n), 0);
	assert_int_equal(key_from_private(rq, "k", "RS256", der, n, &key), FAULT);
	assert_null(key);
	for (size_t cut = 0; cut < n; cut += 7)
		assert_int_equal(key_from_private(rq, "k", "ES256", der, cut, &key), FAULT);
	assert_null(key_known("k", false));
}

static void
an_rsa_exponent_of_one_is_refused(void **state)
{
	const struct key *key;
	struct json *jwk;

	(void)state;
	assert_int_equal(key_generate(rq, "RS256", &key), 0);
	jwk = key_jwk(rq->mem, key);
	json_set_text(jwk, "e", "AQ");
	assert_int_equal(key_from_jwk(rq, jwk, &key), FAULT);
	json_set_text(jwk, "e", "Ag");
	assert_int_equal(key_from_jwk(rq, jwk, &key), FAULT);
	json_set_text(jwk, "e", "Aw");
	assert_int_equal(key_from_jwk(rq, jwk, &key), 0);
}

static int
setup(void **state)
{
	(void)state;
	rq = rq_begin("test");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

/* RFC 7638 3.1, and the key of the proofs of RFC 9449 4.2 with its thumbprint of 6.1. */
#define RFC7638_N \
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS" \
	"oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65" \
	"YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr" \
	"dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK" \
	"nqDKgw"
#define RFC9449_EC \
	"\"kty\":\"EC\",\"x\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\"," \
	"\"y\":\"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA\",\"crv\":\"P-256\""

/* RFC 7517 A.1 and A.2, whose RSA key is that of RFC 7638; RFC 7518 C, Alice's and Bob's. */
#define RFC7517_EC \
	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\"," \
	"\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\""
#define RFC7517_EC_D ",\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\""
#define RFC7517_RSA \
	"{\"kty\":\"RSA\",\"n\":\"" RFC7638_N "\",\"e\":\"AQAB\",\"alg\":\"RS256\"," \
	"\"kid\":\"2011-04-29\"}"
#define RFC7518_ALICE \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\"," \
	"\"y\":\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps\"}"
#define RFC7518_BOB \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ\"," \
	"\"y\":\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\"}"

static void
the_keys_of_rfc_7517_and_7518_are_read_and_used_for_what_they_say(void **state)
{
	static const struct {
		const char *algorithm, *jwk;
		int result;
	} cases[] = {
		{ "RS256", RFC7517_RSA, 0 },
		{ "PS256", RFC7517_RSA, REFUSED },
		{ "ES256", "{" RFC7517_EC ",\"kid\":\"1\"}", 0 },
		{ "ES256", "{" RFC7517_EC ",\"use\":\"enc\",\"kid\":\"1\"}", REFUSED },
		{ "ES256", "{" RFC7517_EC RFC7517_EC_D ",\"kid\":\"1\"}", REFUSED },
		{ "ES256", RFC7518_ALICE, 0 },
		{ "ES256", RFC7518_BOB, 0 },
		/* RFC 7517 A.3 */
		{ "HS256", "{\"kty\":\"oct\",\"alg\":\"A128KW\","
		    "\"k\":\"GawgguFyGrWKav7AX4VKUg\"}", REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct json *jwk = json(cases[i].jwk);
		const struct key *key;

		assert_int_equal(key_of_stranger(rq, cases[i].algorithm, jwk, &key),
		    cases[i].result);
		if (cases[i].result == 0)
			assert_string_equal(key_id(key), key_thumbprint(rq->mem, jwk));
	}
}

static void
a_thumbprint_is_that_of_the_rfc(void **state)
{
	(void)state;
	assert_string_equal(key_thumbprint(rq->mem,
	    json("{\"kty\":\"RSA\",\"n\":\"" RFC7638_N "\",\"e\":\"AQAB\","
	    "\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}")),
	    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	assert_string_equal(key_thumbprint(rq->mem, json("{" RFC9449_EC "}")),
	    "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
	assert_null(key_thumbprint(rq->mem, json("{\"kty\":\"oct\",\"k\":\"AAAA\"}")));
	assert_null(key_thumbprint(rq->mem, json("{}")));
}

static void
a_strangers_key_is_known_by_its_thumbprint_and_kept_for_nobody(void **state)
{
	const struct json *jwk = json("{" RFC9449_EC ",\"kid\":\"chosen\",\"use\":\"sig\","
	    "\"key_ops\":[\"verify\"],\"alg\":\"ES256\"}");
	const struct key *key;

	(void)state;
	assert_int_equal(key_of_stranger(rq, "ES256", jwk, &key), 0);
	assert_string_equal(key_id(key), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
	assert_string_equal(key_algorithm(key), "ES256");
	assert_null(key_known(key_id(key), false));
	assert_null(key_known("chosen", false));
}

static void
a_strangers_key_that_cannot_be_one_is_refused(void **state)
{
	static const struct {
		const char *algorithm, *jwk;
	} cases[] = {
		{ "RS256", "{" RFC9449_EC "}" },
		{ "none", "{" RFC9449_EC "}" },
		{ "HS256", "{\"kty\":\"oct\",\"k\":\"AAAA\"}" },
		{ "ES256", "{}" },
		{ "ES256", "{" RFC9449_EC ",\"use\":\"enc\"}" },
		{ "ES256", "{" RFC9449_EC ",\"alg\":\"ES384\"}" },
		{ "ES256", "{" RFC9449_EC ",\"key_ops\":[\"sign\"]}" },
		{ "ES256", "{" RFC9449_EC ",\"d\":\"AAAA\"}" },
		{ "ES256", "{" RFC9449_EC ",\"k\":\"AAAA\"}" },
		{ "ES256", "{\"kty\":\"EC\",\"crv\":\"P-256\","
		    "\"x\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\","
		    "\"y\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\"}" },
		{ "RS256", "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}" },
		{ "RS256", "{\"kty\":\"RSA\",\"n\":\"" RFC7638_N "\",\"e\":\"AQ\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct key *key;

		assert_int_equal(key_of_stranger(rq, cases[i].algorithm, json(cases[i].jwk), &key),
		    REFUSED);
		assert_null(key);
	}
}

/* All ones: 4096 bits, and 4104. */
static void
a_strangers_rsa_key_has_at_most_4096_bits(void **state)
{
	struct json *jwk = json("{\"kty\":\"RSA\",\"e\":\"AQAB\"}");
	const struct key *key;
	char n[685] = "";

	(void)state;
	memset(n, '_', 682);
	n[682] = '8';
	json_set_text(jwk, "n", n);
	assert_int_equal(key_of_stranger(rq, "RS256", jwk, &key), 0);
	memset(n, '_', 684);
	json_set_text(jwk, "n", n);
	assert_int_equal(key_of_stranger(rq, "RS256", jwk, &key), REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_new_key_has_a_kid_of_32_bytes_and_a_jwk_in_the_order_of_the_contract),
		cmocka_unit_test(a_key_survives_its_stored_forms),
		cmocka_unit_test(the_examples_of_rfc_8037_hold),
		cmocka_unit_test(a_known_key_signs_only_with_its_private_part),
		cmocka_unit_test(only_the_64_keys_found_last_are_kept),
		cmocka_unit_test(unusable_material_is_a_fault),
		cmocka_unit_test(an_rsa_exponent_of_one_is_refused),
		cmocka_unit_test(the_keys_of_rfc_7517_and_7518_are_read_and_used_for_what_they_say),
		cmocka_unit_test(a_thumbprint_is_that_of_the_rfc),
		cmocka_unit_test(a_strangers_key_is_known_by_its_thumbprint_and_kept_for_nobody),
		cmocka_unit_test(a_strangers_key_that_cannot_be_one_is_refused),
		cmocka_unit_test(a_strangers_rsa_key_has_at_most_4096_bits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
