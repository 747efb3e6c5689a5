/* test_jwt - tokens: the examples of RFC 7515 to 7519, and everything that must not pass */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/hmac.h>

#include "base/codec.h"
#include "base/rq.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"

#define JOE \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" \
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

/* RFC 7515 appendix A.2. */
#define A2_KEY \
	"{\"alg\":\"RS256\",\"e\":\"AQAB\",\"kid\":\"a2\",\"kty\":\"RSA\",\"n\":\"" \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz" \
	"P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf6" \
	"3kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw" \
	"Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW" \
	"yuXpoQ\"}"
#define A2_SIGNATURE \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt" \
	"_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArL" \
	"IARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7no" \
	"OPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ" \
	"Ge77Rw"
#define A2 "eyJhbGciOiJSUzI1NiJ9." JOE "." A2_SIGNATURE

/* RFC 7515 appendix A.3. */
#define A3_KEY \
	"{\"alg\":\"ES256\",\"crv\":\"P-256\",\"kid\":\"a3\",\"kty\":\"EC\"," \
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
#define A3_SIGNATURE \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU" \
	"1Q"
#define A3 "eyJhbGciOiJFUzI1NiJ9." JOE "." A3_SIGNATURE

/* Of kinds that are not ours. RFC 7515: by HMAC (A.1; RFC 7519 3.1), by ES512 (A.4), by nobody
 * (A.5; RFC 7519 6.1), and in JSON (A.6.4). RFC 7516: encrypted (A.3). */
#define A1 \
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." JOE "." \
	"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define A4 \
	"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPW" \
	"ROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKv" \
	"U8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
#define A5 "eyJhbGciOiJub25lIn0." JOE "."
#define A6 \
	"{\"payload\":\"" JOE "\",\"protected\":\"eyJhbGciOiJFUzI1NiJ9\"," \
	"\"signature\":\"" A3_SIGNATURE "\"}"
#define JWE_A3 \
	"eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0." \
	"6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ." \
	"KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ"

static struct rq *rq;
static const struct key *rsa, *ec;	/* of the appendix */

static struct json *
json(const char *text)
{
	struct json *value;
	const char *error;

	assert_true(json_parse(rq->mem, text, strlen(text), &value, &error));
	return value;
}

static int
verified(const char *text, const struct key *key)
{
	const struct jwt *jwt;
	int r = jwt_read(rq, text, &jwt);

	assert_true(r == 0 || jwt == NULL);
	return r != 0 ? r : jwt_verify(rq, jwt, key);
}

/* header.claims.signature from plain texts. */
static const char *
token(const char *header, const char *claims, const char *signature)
{
	return arena_printf(rq->mem, "%s.%s.%s", base64url(rq->mem, header, strlen(header)),
	    base64url(rq->mem, claims, strlen(claims)), signature);
}

static void
the_examples_of_rfc_7515_verify(void **state)
{
	const struct jwt *jwt;

	(void)state;
	assert_int_equal(verified(A2, rsa), 0);
	assert_int_equal(verified(A3, ec), 0);
	assert_int_equal(jwt_read(rq, A2, &jwt), 0);
	assert_null(jwt->kid);
	assert_string_equal(jwt->alg, "RS256");
	assert_string_equal(json_text(jwt->claims, "iss"), "joe");
	assert_int_equal(json_int(jwt->claims, "exp", 0), 1300819380);
	assert_int_equal(jwt->n_signature, 256);
}

static void
the_examples_of_other_kinds_are_refused(void **state)
{
	static const char *const signed_otherwise[] = { A1, A5 };
	static const char *const unread[] = { A4, A6, JWE_A3 };
	const struct jwt *jwt;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(jwt_read(rq, signed_otherwise[i], &jwt), 0);
		assert_string_equal(json_text(jwt->claims, "iss"), "joe");
		assert_int_equal(jwt_verify(rq, jwt, rsa), REFUSED);
		assert_int_equal(jwt_verify(rq, jwt, ec), REFUSED);
	}
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(jwt_read(rq, unread[i], &jwt), REFUSED);
}

static void
no_other_key_and_no_other_algorithm_verifies(void **state)
{
	const struct key *other_rsa, *other_ec;
	unsigned char mac[SHA256_SIZE];
	const char *hs256, *n = json_text(json(A2_KEY), "n");

	(void)state;
	assert_int_equal(key_generate(rq, "RS256", &other_rsa), 0);
	assert_int_equal(key_generate(rq, "ES256", &other_ec), 0);
	assert_int_equal(verified(A2, other_rsa), REFUSED);
	assert_int_equal(verified(A3, other_ec), REFUSED);
	assert_int_equal(verified(A2, ec), REFUSED);
	assert_int_equal(verified(A3, rsa), REFUSED);
	/* the signatures under each other's name */
	assert_int_equal(verified("eyJhbGciOiJFUzI1NiJ9." JOE "." A2_SIGNATURE, ec), REFUSED);
	assert_int_equal(verified("eyJhbGciOiJSUzI1NiJ9." JOE "." A3_SIGNATURE, rsa), REFUSED);
	/* none, in any spelling */
	assert_int_equal(verified(token("{\"alg\":\"none\"}", "{}", ""), rsa), REFUSED);
	assert_int_equal(verified(token("{\"alg\":\"None\"}", "{}", A2_SIGNATURE), rsa), REFUSED);
	assert_int_equal(verified(token("{}", "{}", ""), ec), REFUSED);
	assert_int_equal(verified(token("{\"alg\":\"RS256\"}", "{}", ""), rsa), REFUSED);
	assert_int_equal(verified(token("{\"alg\":\"ES256\"}", "{}", ""), ec), REFUSED);
	/* HMAC keyed with what everybody knows */
	hs256 = token("{\"alg\":\"HS256\"}", "{}", "");
	assert_non_null(HMAC(EVP_sha256(), n, (int)strlen(n), (const unsigned char *)hs256,
	    strlen(hs256) - 1, mac, NULL));
	hs256 = arena_printf(rq->mem, "%s%s", hs256, base64url(rq->mem, mac, sizeof(mac)));
	assert_int_equal(verified(hs256, rsa), REFUSED);
}

static void
a_changed_byte_anywhere_is_refused(void **state)
{
	static const char *const tokens[] = { A2, A3 };

	(void)state;
	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; i < strlen(tokens[t]); i++) {
			char *bad = arena_dup(rq->mem, tokens[t]);

			bad[i] = bad[i] == 'A' ? 'B' : 'A';
			assert_int_equal(verified(bad, t == 0 ? rsa : ec), REFUSED);
			assert_int_equal(verified(arena_dupn(rq->mem, tokens[t], i),
			    t == 0 ? rsa : ec), REFUSED);
		}
	}
}

static void
an_ecdsa_signature_in_der_or_of_zeros_is_refused(void **state)
{
	unsigned char raw[65] = { 0 };

	(void)state;
	assert_int_equal(verified(arena_printf(rq->mem, "eyJhbGciOiJFUzI1NiJ9." JOE ".%s",
	    base64url(rq->mem, raw, 64)), ec), REFUSED);
	assert_int_equal(verified(arena_printf(rq->mem, "eyJhbGciOiJFUzI1NiJ9." JOE ".%s",
	    base64url(rq->mem, raw, 65)), ec), REFUSED);
	assert_int_equal(verified(arena_printf(rq->mem, "eyJhbGciOiJFUzI1NiJ9." JOE ".%s",
	    base64url(rq->mem, "\x30\x06\x02\x01\x01\x02\x01\x01", 8)), ec), REFUSED);
}

static void
what_is_not_a_strict_compact_jws_is_not_read(void **state)
{
	const char *big = "", *deep = "";
	const struct jwt *jwt;

	(void)state;
	for (int i = 0; i < 1024; i++)
		big = arena_printf(rq->mem, "%saaaaaaaaaaaa", big);
	for (int i = 0; i < 64; i++)
		deep = arena_printf(rq->mem, "%s[", deep);
	const char *const cases[] = {
		"", ".", "..", "...", "a.b.c", "e30.e30", "e30.e30.AA.AA", ".e30.AA", "e30..AA",
		"e30.e30.AA=", "e30=.e30.AA", "e30.e30.A", "e30.e30.AB", "e31.e30.AA",
		" e30.e30.AA", "e30.e30.AA\n", "e30.e30.A+", "e30.e30.A/AA",
		token("[]", "{}", "AA"), token("{}", "[]", "AA"), token("{}", "1", "AA"),
		token("{}", "{} {}", "AA"), token("{}", "", "AA"), token("{}", "{", "AA"),
		token("{}", "{\"a\":1,\"a\":2}", "AA"),
		token("{\"alg\":\"RS256\",\"alg\":\"none\"}", "{}", "AA"),
		token("{\"alg\":\"RS256\",\"crit\":[\"exp\"],\"exp\":1}", "{}", "AA"),
		token("{\"crit\":[]}", "{}", "AA"), token("{\"crit\":null}", "{}", "AA"),
		token("{\"typ\":1}", "{}", "AA"),
		token("{\"alg\":1}", "{}", "AA"), token("{\"kid\":[\"a\"]}", "{}", "AA"),
		token("{\"kid\":\"a\\u0000b\"}", "{}", "AA"), token("{}", "{\"a\":\"\xff\"}", "AA"),
		token("{}", arena_printf(rq->mem, "{\"a\":%s", deep), "AA"),
		token("{}", arena_printf(rq->mem, "{\"a\":\"%s\"}", big), "AA"),
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(jwt_read(rq, cases[i], &jwt), REFUSED);
		assert_null(jwt);
	}
	assert_int_equal(jwt_read(rq, "e30.e30.", &jwt), 0);
	assert_int_equal(jwt->n_signature, 0);
	assert_int_equal(jwt_read(rq, token("{\"kid\":\"x\",\"x\":1}", "{}", "AA"), &jwt), 0);
	assert_string_equal(jwt->kid, "x");
	assert_null(jwt->alg);
}

static void
what_we_sign_has_the_header_of_the_contract_and_verifies(void **state)
{
	static const char *const algorithms[] = { "RS256", "ES256", "PS256", "EdDSA" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct key *made, *key;
		const struct jwt *jwt;
		const char *text;
		unsigned char *der, *header;
		size_t n;

		assert_int_equal(key_generate(rq, algorithms[i], &made), 0);
		assert_int_equal(key_private(rq, made, &der, &n), 0);
		assert_int_equal(key_from_private(rq, "w76/J+a=", algorithms[i], der, n, &key), 0);
		assert_int_equal(jwt_sign(rq, key, NULL, json("{\"iss\":\"https://x/y\"}"), &text),
		    0);
		assert_true(base64url_decode(rq->mem, text, strcspn(text, "."), &header, &n));
		assert_string_equal((char *)header, arena_printf(rq->mem,
		    "{\"kid\":\"w76\\/J+a=\",\"alg\":\"%s\"}", algorithms[i]));
		assert_int_equal(jwt_read(rq, text, &jwt), 0);
		assert_string_equal(jwt->kid, "w76/J+a=");
		assert_string_equal(json_text(jwt->claims, "iss"), "https://x/y");
		assert_int_equal(jwt->n_signature, i % 2 == 0 ? 256 : 64);
		assert_int_equal(jwt_verify(rq, jwt, key), 0);
		assert_int_equal(jwt_verify(rq, jwt, made), 0);
		assert_null(jwt->typ);
		assert_int_equal(jwt_sign(rq, key, "at+jwt", json("{}"), &text), 0);
		assert_int_equal(jwt_read(rq, text, &jwt), 0);
		assert_string_equal(jwt->typ, "at+jwt");
		assert_int_equal(jwt_verify(rq, jwt, key), 0);
	}
}

/* r and s lose leading zeros in DER: one signature in 128 has a short one. */
static void
five_hundred_ecdsa_signatures_have_64_bytes_and_verify(void **state)
{
	const struct key *key;

	(void)state;
	assert_int_equal(key_generate(rq, "ES256", &key), 0);
	for (int i = 0; i < 500; i++) {
		struct rq *one = rq_begin("test");
		const struct jwt *jwt;
		const char *text;
		struct json *claims = json_object(one->mem);

		json_set_int(claims, "i", i);
		assert_int_equal(jwt_sign(one, key, NULL, claims, &text), 0);
		assert_int_equal(jwt_read(one, text, &jwt), 0);
		assert_int_equal(jwt->n_signature, 64);
		assert_int_equal(jwt_verify(one, jwt, key), 0);
		rq_end(&one);
	}
}

static void
half_hash_is_the_at_hash_of_openid_connect(void **state)
{
	(void)state;
	/* OpenID Connect Core appendix A.3 */
	assert_string_equal(jwt_half_hash(rq->mem, rsa,
	    "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
}

static int
setup(void **state)
{
	(void)state;
	rq = rq_begin("test");
	return key_from_jwk(rq, json(A2_KEY), &rsa) | key_from_jwk(rq, json(A3_KEY), &ec);
}

static int
teardown(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_rfc_7515_verify),
		cmocka_unit_test(the_examples_of_other_kinds_are_refused),
		cmocka_unit_test(no_other_key_and_no_other_algorithm_verifies),
		cmocka_unit_test(a_changed_byte_anywhere_is_refused),
		cmocka_unit_test(an_ecdsa_signature_in_der_or_of_zeros_is_refused),
		cmocka_unit_test(what_is_not_a_strict_compact_jws_is_not_read),
		cmocka_unit_test(what_we_sign_has_the_header_of_the_contract_and_verifies),
		cmocka_unit_test(five_hundred_ecdsa_signatures_have_64_bytes_and_verify),
		cmocka_unit_test(half_hash_is_the_at_hash_of_openid_connect),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
