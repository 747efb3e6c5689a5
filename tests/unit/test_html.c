/* test_html - what leaves each encoder can do nothing in its context */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "web/html.h"

static struct arena *mem;

static const char *
through(void (*encode)(struct buf *, const char *), const char *s)
{
	struct buf *b = buf_new(mem, 8192);

	encode(b, s);
	return b->s;
}

static void
text_begins_no_tag(void **state)
{
	(void)state;
	assert_string_equal(through(html_text, "<b>&amp;</b> \"a\" 'b' \xc3\xa9"),
	    "&lt;b&gt;&amp;amp;&lt;/b&gt; \"a\" 'b' \xc3\xa9");
	assert_string_equal(through(html_text, ""), "");
	assert_string_equal(through(html_text, "plain"), "plain");
}

static void
an_attribute_ends_no_quote(void **state)
{
	(void)state;
	assert_string_equal(through(html_attr, "\"><script>'&"),
	    "&quot;&gt;&lt;script&gt;&#39;&amp;");
}

static void
a_link_leads_to_this_host_or_the_web(void **state)
{
	static const struct {
		const char *url, *safe;
	} cases[] = {
		{ "/login?a=b&c=d", "/login?a=b&amp;c=d" },
		{ "/", "/" },
		{ "https://a.example/'x'", "https://a.example/&#39;x&#39;" },
		{ "http://localhost:8080/", "http://localhost:8080/" },
		{ "HTTPS://a.example/", "HTTPS://a.example/" },
		{ "", "#" },
		{ "login", "#" },
		{ "//evil.example/", "#" },
		{ "/\\evil.example/", "#" },
		{ "/\t/evil.example/", "#" },
		{ "/\n/evil.example/", "#" },
		{ "/a b", "#" },
		{ "/a\x7f", "#" },
		{ "javascript:alert(1)", "#" },
		{ "JaVaScRiPt:alert(1)", "#" },
		{ " javascript:alert(1)", "#" },
		{ "java\nscript:alert(1)", "#" },
		{ "data:text/html,x", "#" },
		{ "vbscript:x", "#" },
		{ "https:evil.example", "#" },
		{ "myapp://x", "#" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(through(html_url, cases[i].url), cases[i].safe);
}

static void
no_single_byte_gets_through(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		const char s[] = { '/', (char)c, '\0' };

		assert_null(strpbrk(through(html_text, s), "<>"));
		assert_null(strpbrk(through(html_attr, s), "<>\"'"));
		assert_null(strpbrk(through(html_url, s), "<>\"'\\ \t\r\n"));
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
		CASE(text_begins_no_tag),
		CASE(an_attribute_ends_no_quote),
		CASE(a_link_leads_to_this_host_or_the_web),
		CASE(no_single_byte_gets_through),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
