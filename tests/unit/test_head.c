/* test_head - the headers of each kind of answer, to the byte */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include <cmocka.h>

#include "web/head.h"

static struct arena *mem;

#define ALWAYS(status) "Status: " status "\r\n" \
	"x-amz-cognito-request-id: id\r\n" \
	"Cache-Control: no-cache, no-store, max-age=0, must-revalidate\r\n" \
	"Pragma: no-cache\r\n" \
	"Expires: 0\r\n" \
	"X-Content-Type-Options: nosniff\r\n" \
	"X-XSS-Protection: 1; mode=block\r\n" \
	"X-Frame-Options: DENY\r\n"
#define STRICT "Strict-Transport-Security: max-age=31536000 ; includeSubDomains\r\n"
#define POLICY(form) "Content-Security-Policy: default-src 'none'; style-src 'self'; " \
	"img-src 'self' data:; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; " \
	"base-uri 'none'; form-action 'self'" form "\r\n"

static void
each_kind_of_answer_has_its_headers(void **state)
{
	static const struct {
		enum head_kind kind;
		int status;
		bool secure;
		const char *form, *head;
	} cases[] = {
		{ HEAD_EMPTY, 200, true, NULL, ALWAYS("200 OK") STRICT "\r\n" },
		{ HEAD_EMPTY, 200, false, NULL, ALWAYS("200 OK") "\r\n" },
		{ HEAD_JSON, 400, true, NULL, ALWAYS("400 Bad Request") STRICT
		    "Content-Type: application/json;charset=UTF-8\r\n\r\n" },
		{ HEAD_REDIRECT, 302, true, NULL, ALWAYS("302 Found") STRICT
		    "Referrer-Policy: no-referrer\r\n\r\n" },
		{ HEAD_PAGE, 200, true, NULL, ALWAYS("200 OK") STRICT
		    "Content-Type: text/html;charset=UTF-8\r\nReferrer-Policy: no-referrer\r\n"
		    POLICY("") "\r\n" },
		{ HEAD_PAGE, 500, false, "https://app.example", ALWAYS("500 Internal Server Error")
		    "Content-Type: text/html;charset=UTF-8\r\nReferrer-Policy: no-referrer\r\n"
		    POLICY(" https://app.example") "\r\n" },
		{ HEAD_PAGE, 299, false, "https://a:8443  myapp: http://[::1]:3000",
		    ALWAYS("299 Status")
		    "Content-Type: text/html;charset=UTF-8\r\nReferrer-Policy: no-referrer\r\n"
		    POLICY(" https://a:8443 myapp: http:") "\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf *b = buf_new(mem, 8192);

		head_write(b, cases[i].kind, cases[i].status, "id", cases[i].secure, cases[i].form);
		head_end(b);
		assert_string_equal(b->s, cases[i].head);
	}
}

static void
more_headers_can_be_added(void **state)
{
	struct buf *b = buf_new(mem, 8192);

	(void)state;
	head_add(b, "Location", "https://a.example/?x=%0D%0A");
	head_add(b, "Set-Cookie", "a=b");
	head_end(b);
	assert_string_equal(b->s,
	    "Location: https://a.example/?x=%0D%0A\r\nSet-Cookie: a=b\r\n\r\n");
}

static void
ends_with(void (*call)(const char *), const char *value)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)close(STDERR_FILENO);
		call(value);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_SOFTWARE);
}

static void
add(const char *value)
{
	head_add(buf_new(mem, 8192), "Location", value);
}

static void
page(const char *form)
{
	head_write(buf_new(mem, 8192), HEAD_PAGE, 200, "id", true, form);
}

static void
a_value_that_would_begin_another_header_ends_the_process(void **state)
{
	(void)state;
	ends_with(add, "https://a/\r\nSet-Cookie: x=y");
	ends_with(add, "\n");
	ends_with(add, "a\tb");
	ends_with(add, "\x7f");
}

static void
an_origin_that_would_begin_another_directive_ends_the_process(void **state)
{
	(void)state;
	ends_with(page, "https://a;script-src *");
	ends_with(page, "https://a,default-src *");
	ends_with(page, "'unsafe-inline'");
	ends_with(page, "https://a\nx");
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
		CASE(each_kind_of_answer_has_its_headers),
		CASE(more_headers_can_be_added),
		CASE(a_value_that_would_begin_another_header_ends_the_process),
		CASE(an_origin_that_would_begin_another_directive_ends_the_process),
	};

	return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
