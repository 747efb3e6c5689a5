/* test_cookie - the Set-Cookie lines of the contract, and what comes back */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text.h"
#include "web/cookie.h"

static struct arena *mem;

static const long long now = 1795176000000LL;	/* Fri, 20 Nov 2026 12:00:00 GMT */

static void
cookies_are_set_as_the_contract_shows(void **state)
{
	static const struct {
		enum cookie which;
		const char *value;
		int seconds;
		const char *line;
	} cases[] = {
		{ COOKIE_FORM, "0c9c8a7e-6f3f-4c6e-9d52-6b1b8f3c2f10", 0,
		    "XSRF-TOKEN=0c9c8a7e-6f3f-4c6e-9d52-6b1b8f3c2f10; Path=/; Secure; HttpOnly; "
		    "SameSite=Lax" },
		{ COOKIE_SESSION, "a+/=.b.3", 3600,
		    "cognito=\"a+/=.b.3\"; Version=1; Domain=auth.example; Max-Age=3600; "
		    "Expires=Fri, 20-Nov-2026 13:00:00 GMT; Path=/; Secure; HttpOnly; "
		    "SameSite=Lax" },
		{ COOKIE_STATE, "xyz", 300,
		    "csrf-state=xyz; Max-Age=300; Expires=Fri, 20-Nov-2026 12:05:00 GMT; Path=/; "
		    "Secure; HttpOnly; SameSite=None" },
		{ COOKIE_STATE_LEGACY, "xyz", 0,
		    "csrf-state-legacy=xyz; Path=/; Secure; HttpOnly" },
		{ COOKIE_LANG, "pt-BR", 0, "lang=pt-BR; Path=/; Secure; HttpOnly; SameSite=Lax" },
		{ COOKIE_PAGE, "e30", 0, "page-data=e30; Path=/; Secure; HttpOnly; SameSite=Lax" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(cookie_set(mem, cases[i].which, cases[i].value,
		    cases[i].seconds, "auth.example", true, now), cases[i].line);
}

static void
cookies_are_cleared_as_the_contract_shows(void **state)
{
	static const struct {
		enum cookie which;
		const char *line;
	} cases[] = {
		{ COOKIE_FORM, "XSRF-TOKEN=\"\"; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/; "
		    "Secure; HttpOnly; SameSite=Lax" },
		{ COOKIE_SESSION, "cognito=\"\"; Expires=Thu, 01-Jan-1970 00:00:10 GMT; "
		    "Domain=auth.example; Path=/; Secure; HttpOnly; SameSite=Lax" },
		{ COOKIE_STATE, "csrf-state=\"\"; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/; "
		    "Secure; HttpOnly; SameSite=None" },
		{ COOKIE_STATE_LEGACY, "csrf-state-legacy=\"\"; Expires=Thu, 01-Jan-1970 00:00:10 "
		    "GMT; Path=/; Secure; HttpOnly" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(cookie_set(mem, cases[i].which, NULL, -1, "auth.example", true,
		    now), cases[i].line);
}

static void
over_http_nothing_is_secure(void **state)
{
	(void)state;
	for (enum cookie i = 0; i < COOKIE_NCOOKIES; i++) {
		const char *line = cookie_set(mem, i, "x", 60, "localhost", false, now);

		assert_null(strstr(line, "Secure"));
		assert_null(strstr(line, "SameSite=None"));
		assert_non_null(strstr(line, "; HttpOnly"));
	}
}

static void
a_value_that_would_end_the_cookie_ends_the_process(void **state)
{
	static const char *const values[] = { "a;b", "a b", "a\"b", "a,b", "a\\b", "a\r\nb", "\x7f",
		"\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			(void)close(STDERR_FILENO);
			(void)cookie_set(mem, COOKIE_FORM, values[i], 0, "a", true, now);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_SOFTWARE);
	}
}

static void
a_cookie_is_found_in_the_header(void **state)
{
	static const struct {
		const char *header, *value;
	} cases[] = {
		{ "cognito=x", "x" },
		{ "cognito=\"x.y.3\"", "x.y.3" },
		{ "a=b; cognito=x; c=d", "x" },
		{ "a=b;cognito=x", "x" },
		{ " \tcognito=x \t; a=b", "x" },
		{ "cognito=x; cognito=y", "x" },
		{ "cognito=a=b", "a=b" },
		{ "cognito=", "" },
		{ "cognito=\"\"", "" },
		{ "cognito=\"", "\"" },
		{ "cognito=\"x", "\"x" },
		{ "cognito-fl=x", NULL },
		{ "xcognito=x", NULL },
		{ "Cognito=x", NULL },
		{ "cognito", NULL },
		{ "cognito =x", NULL },
		{ "a=\"cognito=x\"", NULL },
		{ ";;;", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *value = cookie_get(mem, COOKIE_SESSION, cases[i].header);

		assert_int_equal(value == NULL, cases[i].value == NULL);
		if (value != NULL)
			assert_string_equal(value, cases[i].value);
	}
}

static void
what_was_set_comes_back(void **state)
{
	(void)state;
	for (enum cookie i = 0; i < COOKIE_NCOOKIES; i++) {
		const char *line = cookie_set(mem, i, "a.b/c+d=", 60, "a.example", true, now);

		assert_string_equal(cookie_get(mem, i, line), "a.b/c+d=");
	}
}

static int
before_each(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int
after_each(void **state)
{
	(void)state;
	arena_free(&mem);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, before_each, after_each)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(cookies_are_set_as_the_contract_shows),
		CASE(cookies_are_cleared_as_the_contract_shows),
		CASE(over_http_nothing_is_secure),
		CASE(a_value_that_would_end_the_cookie_ends_the_process),
		CASE(a_cookie_is_found_in_the_header),
		CASE(what_was_set_comes_back),
	};

	return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}
