/* test_totp - codes of authenticator apps (RFC 6238 appendix B), and QR codes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "account/totp.h"
#include "base/codec.h"

static struct rq *rq;

static int
begin(void **state)
{
	(void)state;
	rq = rq_begin("test");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

/* The RFC prints eight digits; six are the last of them. */
static const struct { int64_t seconds; const char *code; } vectors[] = {
	{ 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
	{ 1234567890, "005924" }, { 2000000000, "279037" }, { INT64_C(20000000000), "353130" },
};
enum { NVECTORS = sizeof(vectors) / sizeof(*vectors) };

static const char *
rfc_seed(void)
{
	return base64url(rq->mem, "12345678901234567890", 20);
}

static void
codes_are_those_of_rfc_6238(void **state)
{
	(void)state;
	for (size_t i = 0; i < NVECTORS; i++) {
		rq->now = vectors[i].seconds * 1000;
		assert_int_equal(totp_step(rq, rfc_seed(), vectors[i].code),
		    vectors[i].seconds / 30);
	}
}

static void
a_clock_may_be_one_step_off_and_no_more(void **state)
{
	static const struct { int64_t off; bool good; } cases[] = {
		{ -60, false }, { -30, true }, { 0, true }, { 30, true }, { 60, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		rq->now = (1111111111 + cases[i].off) * 1000;
		assert_int_equal(totp_step(rq, rfc_seed(), "050471"),
		    cases[i].good ? 1111111111 / 30 : -1);
	}
}

static void
what_is_no_code_is_of_no_step(void **state)
{
	static const char *const wrong[] = { "", "5047", "050472", "0050471", "05047x", " 50471" };

	(void)state;
	rq->now = INT64_C(1111111111) * 1000;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(totp_step(rq, rfc_seed(), wrong[i]), -1);
	assert_int_equal(totp_step(rq, "not base64url!", "050471"), -1);
}

static void
secrets_are_256_bits_in_base32_and_differ(void **state)
{
	const char *one = totp_secret(rq, totp_seed(rq)), *other = totp_secret(rq, totp_seed(rq));

	(void)state;
	assert_int_equal(strlen(one), 52);
	assert_int_equal(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 52);
	assert_string_not_equal(one, other);
}

static void
the_uri_escapes_names(void **state)
{
	(void)state;
	assert_string_equal(totp_uri(rq, rfc_seed(), "My pool & co", "a:b@example.com"),
	    "otpauth://totp/My%20pool%20%26%20co:a%3Ab%40example.com"
	    "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20pool%20%26%20co");
}

static void
a_text_too_long_for_a_qr_code_has_none(void **state)
{
	char text[8000];
	int size;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(totp_qr(rq, text, &size));
	assert_non_null(totp_qr(rq, "short", &size));
	assert_int_equal(size, 21 + 8);		/* version 1, with its quiet zone */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_rfc_6238),
		cmocka_unit_test(a_clock_may_be_one_step_off_and_no_more),
		cmocka_unit_test(what_is_no_code_is_of_no_step),
		cmocka_unit_test(secrets_are_256_bits_in_base32_and_differ),
		cmocka_unit_test(the_uri_escapes_names),
		cmocka_unit_test(a_text_too_long_for_a_qr_code_has_none),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
