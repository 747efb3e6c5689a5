/* test_syntax - what the forms of the protocols look like */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/syntax.h"

#define LONG43 "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"	/* RFC 7636 appendix B */
#define LONG64 "0123456789012345678901234567890123456789012345678901234567890123"

struct row {
	syntax_fn *form;
	const char *s;
};

static const struct row right[] = {
	{ syn_any, "" }, { syn_any, "a\nb" },
	{ syn_line, "" }, { syn_line, "a b \xc3\xa9\xf0\x9f\x98\x80" },
	{ syn_visible, " ~" },
	{ syn_token, "aZ0-._~+/=" },
	{ syn_word, "SMS_MFA" }, { syn_word, "a-0" },
	{ syn_words, "a" }, { syn_words, "login consent" },
	{ syn_number, "0" }, { syn_number, "999999999" },
	{ syn_uuid, "123e4567-e89b-12d3-a456-426614174000" },
	{ syn_uuid, "123E4567-E89B-12D3-A456-426614174000" },
	{ syn_client_id, "1example23456789" }, { syn_client_id, "a_+" },
	{ syn_scope, "openid" }, { syn_scope, "openid aws.cognito.signin.user.admin https://x/y!" },
	{ syn_challenge, LONG43 }, { syn_challenge, LONG64 LONG64 },
	{ syn_code, "123456" }, { syn_code, "aB!~" },
	{ syn_username, "jo" }, { syn_username, "j\xc3\xb6@x.y" }, { syn_username, "a|b<c>" },
	{ syn_password, "a b" }, { syn_password, "\xe2\x82\xac" }, { syn_password, "x" },
	{ syn_email, "a@b.example" }, { syn_email, "a.b+c_d-e@x-y.example" },
	{ syn_email, "j\xc3\xb6@b.example" }, { syn_email, "o'brien@localhost" },
	{ syn_email, LONG64 "@b.example" },
	{ syn_phone, "+12345" }, { syn_phone, "+123456789012345" },
	{ syn_host, "localhost" }, { syn_host, "a.b.example:8080" }, { syn_host, "127.0.0.1" },
	{ syn_host, "[::1]" }, { syn_host, "[2001:db8::1]:443" },
	{ syn_jwt, "aA0-_.bB.cC" },
};

static const struct row wrong[] = {
	{ syn_line, "a\nb" }, { syn_line, "\t" }, { syn_line, "\x7f" }, { syn_line, "\xc2\x85" },
	{ syn_visible, "" }, { syn_visible, "a\n" }, { syn_visible, "\xc3\xa9" },
	{ syn_token, "" }, { syn_token, "a b" }, { syn_token, "a,b" },
	{ syn_word, "" }, { syn_word, "a b" }, { syn_word, "a." },
	{ syn_words, "" }, { syn_words, " a" }, { syn_words, "a " }, { syn_words, "a  b" },
	{ syn_number, "" }, { syn_number, "-1" }, { syn_number, "1234567890" },
	{ syn_number, "1a" },
	{ syn_uuid, "" }, { syn_uuid, "123e4567-e89b-12d3-a456-42661417400" },
	{ syn_uuid, "123e4567-e89b-12d3-a456-4266141740000" },
	{ syn_uuid, "123e4567e89b-12d3-a456-4266141740000" },
	{ syn_uuid, "g23e4567-e89b-12d3-a456-426614174000" },
	{ syn_client_id, "" }, { syn_client_id, "a-b" }, { syn_client_id, "a b" },
	{ syn_scope, "" }, { syn_scope, " a" }, { syn_scope, "a " }, { syn_scope, "a  b" },
	{ syn_scope, "a\"b" }, { syn_scope, "a\\b" }, { syn_scope, "a\tb" },
	{ syn_challenge, "short" }, { syn_challenge, LONG43 "=" },
	{ syn_challenge, LONG64 LONG64 "x" },
	{ syn_code, "" }, { syn_code, "12 34" }, { syn_code, "12\xc3\xa9" },
	{ syn_username, "" }, { syn_username, "a b" }, { syn_username, "a\n" },
	{ syn_username, "a\xc2\xa0" "b" }, { syn_username, "\xe3\x80\x80" },
	{ syn_username, "\xe2\x80\xa8" },
	{ syn_password, "" }, { syn_password, " a" }, { syn_password, "a " },
	{ syn_password, "a\tb" },
	{ syn_email, "" }, { syn_email, "a" }, { syn_email, "@b.example" }, { syn_email, "a@" },
	{ syn_email, "a@b@c.example" }, { syn_email, "a b@c.example" },
	{ syn_email, "a@b..example" },
	{ syn_email, ".a@b.example" }, { syn_email, "a.@b.example" },
	{ syn_email, "a..b@c.example" },
	{ syn_email, "a@-b.example" }, { syn_email, "a@b.example." },
	{ syn_email, "a@b_c.example" },
	{ syn_email, "<a@b.example>" }, { syn_email, "a,b@c.example" },
	{ syn_email, LONG64 "x@b.example" }, { syn_email, "a@b.example\r\nBcc: c" },
	{ syn_phone, "" }, { syn_phone, "12345" }, { syn_phone, "+1234" },
	{ syn_phone, "+1234567890123456" }, { syn_phone, "+1 2345" }, { syn_phone, "+12345x" },
	{ syn_host, "" }, { syn_host, "a:" }, { syn_host, ":80" }, { syn_host, "a:123456" },
	{ syn_host, "a b" }, { syn_host, "a/b" }, { syn_host, "a@b" }, { syn_host, "[::1" },
	{ syn_host, "[]" }, { syn_host, "[::1]80" }, { syn_host, "a.b." }, { syn_host, "a:8o" },
	{ syn_host, "-a" }, { syn_host, "a..b" },
	{ syn_jwt, "" }, { syn_jwt, "a.b" }, { syn_jwt, "a.b.c.d" }, { syn_jwt, "a..c" },
	{ syn_jwt, ".b.c" }, { syn_jwt, "a.b." }, { syn_jwt, "a.b.c=" },
};

static void
texts_of_the_form_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		if (!right[i].form(right[i].s))
			fail_msg("row %zu: \"%s\"", i, right[i].s);
}

static void
other_texts_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (wrong[i].form(wrong[i].s))
			fail_msg("row %zu: \"%s\"", i, wrong[i].s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_the_form_are_taken),
		cmocka_unit_test(other_texts_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
