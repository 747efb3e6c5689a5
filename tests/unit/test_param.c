/* test_param - how the bytes of a request become values, and what is refused on the way */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "web/param.h"

static struct rq *rq;

enum { PLAIN, SHORT, BOTH, FROM_QUERY, FIRST, JSONISH, HEAD, BISCUIT, FAMILY, NPARAMS };

static const struct param table[NPARAMS] = {
	[PLAIN] = { "plain", syn_any, 4096, 0 },
	[SHORT] = { "short", syn_word, 4, 0 },
	[BOTH] = { "both", syn_word, 64, FORM | QUERY },
	[FROM_QUERY] = { "query", syn_word, 64, QUERY },
	[FIRST] = { "first", syn_word, 64, AGAIN },
	[JSONISH] = { "jsonish", syn_line, 8, QUOTED },
	[HEAD] = { "X-Head", syn_word, 8, HEADER },
	[BISCUIT] = { "biscuit", syn_word, 8, COOKIE },
	[FAMILY] = { "family", syn_line, 8, PREFIX | QUOTED },
};

static const char *
header(const void *transport, const char *name)
{
	return strcmp(name, "X-Head") == 0 ? transport : NULL;
}

static struct param_source
post(const char *query, const char *form)
{
	return (struct param_source){ .method = "POST", .query = query, .form = form,
		.content_type = "application/x-www-form-urlencoded", .nform = strlen(form),
		.header = header };
}

static struct param_source
get(const char *query)
{
	return (struct param_source){ .method = "GET", .query = query, .form = "",
		.header = header };
}

static const char *
read_arg(const struct param_source *from, int i, const struct param_fault **fault_r)
{
	const char *args[NPARAMS];

	param_read(rq, table, NPARAMS, from, args, fault_r);
	return args[i];
}

static void
good(struct param_source from, int i, const char *value)
{
	const struct param_fault *fault;
	const char *got = read_arg(&from, i, &fault);

	assert_null(fault);
	if (value == NULL)
		assert_null(got);
	else
		assert_string_equal(got, value);
}

static void
bad(struct param_source from, int i, const char *name, const char *what)
{
	const struct param_fault *fault;

	(void)read_arg(&from, i, &fault);
	assert_non_null(fault);
	assert_true(name == NULL ? fault->name == NULL : text_equal(fault->name, name));
	assert_string_equal(fault->what, what);
	assert_false(fault->missing);
}

static void
values_are_decoded(void **state)
{
	static const struct {
		const char *form, *value;
	} cases[] = {
		{ "plain=x", "x" },
		{ "a=b&plain=x&c", "x" },
		{ "plain=a+b%20c%2Bd", "a b c+d" },
		{ "pl%61in=%C3%a9", "\xc3\xa9" },
		{ "plain=a=b=c", "a=b=c" },
		{ "&&plain=x&&", "x" },
		{ "plain=%0D%0A", "\r\n" },
		{ "Plain=x", NULL },
		{ "plain", NULL },
		{ "plain=", NULL },
		{ "=x", NULL },
		{ "", NULL },
		{ "plain=&plain=x", "x" },	/* empty is absent, so this is no repetition */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		good(post(NULL, cases[i].form), PLAIN, cases[i].value);
		good(get(cases[i].form), PLAIN, cases[i].value);
	}
}

static void
what_is_no_text_is_refused(void **state)
{
	static const char *const cases[] = { "plain=%", "plain=%4", "plain=%zz", "plain=%4g",
		"plain=%00", "plain=a%00b", "plain=%ff", "plain=%c3", "plain=%ed%a0%80",
		"plain=%c0%af", "plain=\xff", "other=%", "%=x", "plain=%F4%90%80%80" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bad(post(NULL, cases[i]), PLAIN, NULL, "malformed");
		bad(get(cases[i]), PLAIN, NULL, "malformed");
	}
}

static void
a_nul_in_the_body_does_not_end_it(void **state)
{
	struct param_source from = post(NULL, "plain=x");

	(void)state;
	from.form = "plain=x\0&plain=y";
	from.nform = 16;
	bad(from, PLAIN, NULL, "malformed");
}

static void
the_good_values_of_a_bad_request_are_there(void **state)
{
	struct param_source from = get("plain=%&short=ab&query=toolong&first=x&x=%");
	const struct param_fault *fault;

	(void)state;
	assert_string_equal(read_arg(&from, SHORT, &fault), "ab");
	assert_string_equal(read_arg(&from, FIRST, &fault), "x");
	assert_null(read_arg(&from, PLAIN, &fault));
	assert_non_null(fault);
}

static void
each_parameter_is_held_to_its_row(void **state)
{
	(void)state;
	good(post(NULL, "short=abcd"), SHORT, "abcd");
	bad(post(NULL, "short=abcde"), SHORT, "short", "too long");
	bad(post(NULL, "short=a%2Fb"), SHORT, "short", "malformed");
	bad(post(NULL, "short=a&short=a"), SHORT, "short", "repeated");
	bad(post(NULL, "short=a&sho%72t=b"), SHORT, "short", "repeated");
	bad(post(NULL, "query=x&short=a&short=b"), SHORT, "short", "repeated");
	good(post(NULL, "other=a&other=b"), SHORT, NULL);
	good(post(NULL, "first=a&first=b&first=%2F"), FIRST, "a");
}

static void
sources_are_not_merged(void **state)
{
	(void)state;
	good(post("plain=x", ""), PLAIN, NULL);
	good(post("plain=x", "plain=y"), PLAIN, "y");
	good(post("query=x", "query=y"), FROM_QUERY, "x");
	good(post("both=x", ""), BOTH, "x");
	good(post("", "both=x"), BOTH, "x");
	bad(post("both=x", "both=x"), BOTH, "both", "repeated");
	good(get("both=x"), BOTH, "x");
	good(get("X-Head=x&biscuit=y"), HEAD, NULL);
	good(get("X-Head=x&biscuit=y"), BISCUIT, NULL);
}

static void
a_get_has_no_form(void **state)
{
	struct param_source from = post("", "both=x");

	(void)state;
	from.method = "GET";
	good(from, BOTH, NULL);
	from.method = "PUT";
	good(from, BOTH, NULL);
}

static void
a_form_says_that_it_is_one(void **state)
{
	static const struct {
		const char *type;
		bool form;
	} cases[] = {
		{ "application/x-www-form-urlencoded", true },
		{ "Application/X-WWW-Form-URLencoded", true },
		{ "application/x-www-form-urlencoded;charset=UTF-8", true },
		{ "application/x-www-form-urlencoded ; charset=utf-8", true },
		{ "application/x-www-form-urlencodedx", false },
		{ "application/x-www-form-urlencoded, text/plain", false },
		{ "multipart/form-data; boundary=x", false },
		{ "text/plain", false },
		{ "application/json", false },
		{ "", false },
		{ NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct param_source from = post(NULL, "plain=x");

		from.content_type = cases[i].type;
		if (cases[i].form)
			good(from, PLAIN, "x");
		else
			bad(from, PLAIN, NULL, "not a form");
	}
}

static void
a_post_without_body_needs_no_type(void **state)
{
	struct param_source from = post("both=x", "");

	(void)state;
	from.content_type = NULL;
	good(from, BOTH, "x");
	from.content_type = "";
	good(from, BOTH, "x");
	from.content_type = "text/plain";
	bad(from, BOTH, NULL, "not a form");
}

static void
a_type_nobody_asks_about_does_not_matter(void **state)
{
	static const struct param only[] = { { "query", syn_word, 64, QUERY } };
	struct param_source from = post("query=x", "{}");
	const struct param_fault *fault;
	const char *args[1];

	(void)state;
	from.content_type = "application/json";
	param_read(rq, only, 1, &from, args, &fault);
	assert_null(fault);
	assert_string_equal(args[0], "x");
}

static void
what_is_needed_is_missed(void **state)
{
	static const struct param needed[] = { { "a", syn_word, 4, NEEDED },
		{ "b", syn_word, 4, NEEDED | PREFIX } };
	static const struct {
		const char *form, *name;
		bool missing;
	} cases[] = {
		{ "a=x&b[c]=y", NULL, false },
		{ "b[c]=y", "a", true },
		{ "a=&b[c]=y", "a", true },
		{ "a=x", "b", true },
		{ "a=x&b=y", "b", true },
		{ "a=toolong&b[c]=x", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct param_source from = post(NULL, cases[i].form);
		const struct param_fault *fault;
		const char *args[2];

		param_read(rq, needed, 2, &from, args, &fault);
		assert_int_equal(fault == NULL, cases[i].name == NULL);
		if (fault == NULL)
			continue;
		assert_string_equal(fault->name, cases[i].name);
		assert_int_equal(fault->missing, cases[i].missing);
		assert_int_equal(strcmp(fault->what, "missing") == 0, cases[i].missing);
	}
}

static void
json_quotes_come_off_where_the_table_says_so(void **state)
{
	static const struct {
		const char *form, *value;
	} cases[] = {
		{ "jsonish=%22a%40b.c%22", "a@b.c" },
		{ "jsonish=%22%5Cu00e9%22", "\xc3\xa9" },
		{ "jsonish=%22a%5C%22b%22", "a\"b" },
		{ "jsonish=plain", "plain" },
		{ "jsonish=%22%22", NULL },
		{ "jsonish=%22", "\"" },
		{ "jsonish=%22a", "\"a" },
		{ "jsonish=a%22", "a\"" },
		{ "jsonish=%22a%22b%22", "\"a\"b\"" },
		{ "jsonish=%2212345678%22", "12345678" },
		{ "plain=%22x%22", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		good(post(NULL, cases[i].form), JSONISH, cases[i].value);
	good(post(NULL, "plain=%22x%22"), PLAIN, "\"x\"");
	bad(post(NULL, "jsonish=%22123456789%22"), JSONISH, "jsonish", "too long");
	bad(post(NULL, "jsonish=%22%5Cn%22"), JSONISH, "jsonish", "malformed");
	bad(post(NULL, "jsonish=%22a%22&jsonish=a"), JSONISH, "jsonish", "repeated");
}

static void
headers_are_held_to_their_row(void **state)
{
	struct param_source from = get("");

	(void)state;
	good(from, HEAD, NULL);
	from.transport = "value";
	good(from, HEAD, "value");
	from.transport = "";
	good(from, HEAD, NULL);
	from.transport = "muchtoolong";
	bad(from, HEAD, "X-Head", "too long");
	from.transport = "a b";
	bad(from, HEAD, "X-Head", "malformed");
	from.transport = "\xff";
	bad(from, HEAD, "X-Head", "malformed");
}

static void
a_planted_cookie_cannot_make_a_request_bad(void **state)
{
	static const struct {
		const char *cookies, *value;
	} cases[] = {
		{ NULL, NULL },
		{ "biscuit=x", "x" },
		{ "a=b; biscuit=\"x\"; c=d", "x" },
		{ "biscuit=x; biscuit=y", "x" },
		{ "biscuit=muchtoolong", NULL },
		{ "biscuit=a/b", NULL },
		{ "biscuit=\xff", NULL },
		{ "biscuit=", NULL },
	};
	struct param_source from = get("");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		from.cookies = cases[i].cookies;
		good(from, BISCUIT, cases[i].value);
	}
}

static void
a_family_has_members(void **state)
{
	struct param_source from = post(NULL, "family%5Bemail%5D=a%40b.c&family[given_name]=Ada"
	    "&family[custom:x]=%22y%22&family[none]=&family=z&familyx[a]=b&[a]=b");
	const struct param_pair *pairs;
	size_t n;

	(void)state;
	good(from, FAMILY, NULL);
	n = param_family(rq, &table[FAMILY], &from, &pairs);
	assert_int_equal(n, 3);
	assert_string_equal(pairs[0].name, "email");
	assert_string_equal(pairs[0].value, "a@b.c");
	assert_string_equal(pairs[1].name, "given_name");
	assert_string_equal(pairs[1].value, "Ada");
	assert_string_equal(pairs[2].name, "custom:x");
	assert_string_equal(pairs[2].value, "y");
}

static void
a_family_is_held_to_its_row(void **state)
{
	static const struct {
		const char *form, *what;
	} cases[] = {
		{ "family[a]=x&family[a]=y", "repeated" },
		{ "family[a]=123456789", "too long" },
		{ "family[a]=%0A", "malformed" },
		{ "family[]=x", "malformed" },
		{ "family[a=x", "malformed" },
		{ "family[a]b=x", "malformed" },
		{ "family[a][b]=x", "malformed" },
		{ "family[%0A]=x", "malformed" },
		{ "family[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]=x",
		    "malformed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		bad(post(NULL, cases[i].form), FAMILY, "family", cases[i].what);
}

static void
there_are_at_most_512_pairs(void **state)
{
	struct buf *b = buf_new(rq->mem, 8192);

	(void)state;
	buf_text(b, "plain=x");
	for (int i = 1; i < 512; i++)
		buf_text(b, "&a=b");
	buf_text(b, "&&&");
	good(get(b->s), PLAIN, "x");
	buf_text(b, "&a=b");
	bad(get(b->s), PLAIN, NULL, "malformed");
}

static int
before_each(void **state)
{
	(void)state;
	rq = rq_begin("test");
	return 0;
}

static int
after_each(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, before_each, after_each)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(values_are_decoded),
		CASE(what_is_no_text_is_refused),
		CASE(a_nul_in_the_body_does_not_end_it),
		CASE(the_good_values_of_a_bad_request_are_there),
		CASE(each_parameter_is_held_to_its_row),
		CASE(sources_are_not_merged),
		CASE(a_get_has_no_form),
		CASE(a_form_says_that_it_is_one),
		CASE(a_post_without_body_needs_no_type),
		CASE(a_type_nobody_asks_about_does_not_matter),
		CASE(what_is_needed_is_missed),
		CASE(json_quotes_come_off_where_the_table_says_so),
		CASE(headers_are_held_to_their_row),
		CASE(a_planted_cookie_cannot_make_a_request_bad),
		CASE(a_family_has_members),
		CASE(a_family_is_held_to_its_row),
		CASE(there_are_at_most_512_pairs),
	};

	return cmocka_run_group_tests_name("param", tests, NULL, NULL);
}
