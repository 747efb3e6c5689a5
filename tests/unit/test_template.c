/* test_template - mustache over JSON: what renders, how it is escaped, and what is no template */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/conf.h"
#include "web/template.h"

static struct conf settings;
const struct conf *const conf = &settings;

static struct rq *rq;
static char dir[] = "/tmp/tarn-test-template-XXXXXX";

static const struct json *
json(const char *text)
{
	struct json *value;
	const char *error;

	if (!json_parse(rq->mem, text, strlen(text), &value, &error))
		fail_msg("%s: %s", text, error);
	return value;
}

static const char model[] = "{\"name\":\"<Ada> & \\\"Co\\\"\",\"n\":42,\"x\":1.5,\"yes\":true,"
	"\"no\":false,\"nothing\":null,\"empty\":\"\",\"zero\":0,\"none\":[],"
	"\"list\":[{\"v\":\"a\"},{\"v\":\"<b>\",\"name\":\"inner\"}],\"words\":[\"p\",\"q\"],"
	"\"user\":{\"email\":\"a@b.c\",\"deep\":{\"er\":\"down\"}},"
	"\"link\":\"https://a.example/?a=b&c=d\",\"evil\":\"javascript:alert(1)\"}";
static const char sentences[] = "{\"hello\":\"Hello\",\"quoted\":\"Say \\\"<hi>\\\"\","
	"\"greet\":\"Hello %s, 100%\"}";

static int
render(const char *text, bool html, const char **out_r)
{
	struct buf *b = buf_new(rq->mem, 512 * 1024);
	int r = template_render_text(rq, text, html, json(model), json(sentences), b);

	*out_r = b->s;
	return r;
}

static void
tags_become_values(void **state)
{
	static const struct {
		const char *text, *page;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a {{name}} b", "a &lt;Ada&gt; &amp; \"Co\" b" },
		{ "{{ name }}{{name}}", "&lt;Ada&gt; &amp; \"Co\"&lt;Ada&gt; &amp; \"Co\"" },
		{ "{{n}} {{x}} {{yes}} {{no}} {{nothing}} {{empty}} {{list}} {{user}} {{missing}}",
		    "42 1.5 true false     " },
		{ "{{user.email}} {{user.deep.er}}", "a@b.c down" },
		{ "{{user.missing}}{{name.x}}{{missing.x}}", "" },
		{ "<a title=\"{{attr name}}\">",
		    "<a title=\"&lt;Ada&gt; &amp; &quot;Co&quot;\">" },
		{ "<a href=\"{{url link}}\">", "<a href=\"https://a.example/?a=b&amp;c=d\">" },
		{ "<a href=\"{{url evil}}\">", "<a href=\"#\">" },
		{ "<a href=\"/x?{{attr link}}\">",
		    "<a href=\"/x?https://a.example/?a=b&amp;c=d\">" },
		{ "{{t hello}} {{t greet name}}",
		    "Hello Hello &lt;Ada&gt; &amp; &quot;Co&quot;, 100%" },
		{ "{{t greet user.email}} {{t greet missing}}", "Hello a@b.c, 100% Hello , 100%" },
		{ "<i title=\"{{t quoted}}\">", "<i title=\"Say &quot;&lt;hi&gt;&quot;\">" },
		{ "a{{! a comment with }and{ }}b", "ab" },
		{ "{{t}}{{attr}}{{url}}", "" },	/* names, if alone */
		{ "} }} {", "} }} {" },
	};
	const char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(render(cases[i].text, true, &page), 0);
		assert_string_equal(page, cases[i].page);
	}
}

static void
sections_choose_and_repeat(void **state)
{
	static const struct {
		const char *text, *page;
	} cases[] = {
		{ "{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{^yes}}c{{/yes}}{{^no}}d{{/no}}", "ad" },
		{ "{{#nothing}}a{{/nothing}}{{#missing}}b{{/missing}}{{^missing}}c{{/missing}}",
		    "c" },
		{ "{{#empty}}a{{/empty}}{{#zero}}b{{/zero}}", "" },
		{ "{{#none}}c{{/none}}{{^none}}d{{/none}}", "d" },
		{ "{{#n}}a{{/n}}{{#x}}b{{/x}}{{#name}}c{{/name}}", "abc" },
		{ "{{#list}}[{{v}}]{{/list}}", "[a][&lt;b&gt;]" },
		{ "{{#list}}({{name}}{{n}}){{/list}}",
		    "(&lt;Ada&gt; &amp; \"Co\"42)(inner42)" },
		{ "{{#words}}{{.}},{{/words}}", "p,q," },
		{ "{{#user}}{{email}} {{deep.er}} {{#deep}}{{er}}{{/deep}}{{/user}}",
		    "a@b.c down down" },
		{ "{{#user.email}}{{.}}{{/user.email}}", "a@b.c" },
		{ "{{#yes}}{{#no}}a{{/no}}{{^no}}b{{/no}}c{{/yes}}d", "bcd" },
		{ "{{#none}}{{#yes}}a{{/yes}}{{/none}}b", "b" },
		{ "<b{{#yes}} autofocus{{/yes}}>", "<b autofocus>" },
		{ "<b class=\"x{{#yes}} y{{/yes}}\">", "<b class=\"x y\">" },
	};
	const char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(render(cases[i].text, true, &page), 0);
		assert_string_equal(page, cases[i].page);
	}
}

static void
tags_alone_on_a_line_take_the_line_with_them(void **state)
{
	static const struct {
		const char *text, *page;
	} cases[] = {
		{ "a\n{{#yes}}\nb\n{{/yes}}\nc\n", "a\nb\nc\n" },
		{ "a\n  {{#yes}} \t\r\nb\n\t{{/yes}}", "a\nb\n" },
		{ "{{! x }}\na", "a" },
		{ "{{#yes}}\na\n{{/yes}}\n{{^yes}}\nb\n{{/yes}}\nc", "a\nc" },
		{ "a {{#yes}}\nb{{/yes}}\nc", "a \nb\nc" },
		{ "{{#yes}} x\n{{/yes}}", " x\n" },
		{ "{{#yes}}{{/yes}}\na", "\na" },
		{ "{{#list}}\n{{v}}\n{{/list}}\n", "a\n<b>\n" },
		{ "{{n}}\na", "42\na" },
		{ "a\n\n{{#yes}}\n\nb\n{{/yes}}\n", "a\n\n\nb\n" },
	};
	const char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(render(cases[i].text, false, &page), 0);
		assert_string_equal(page, cases[i].page);
	}
}

static void
in_mails_nothing_is_escaped(void **state)
{
	const char *page;

	(void)state;
	assert_int_equal(render("{{name}} {{attr name}} {{url evil}} {{t quoted}} <{{n}}", false,
	    &page), 0);
	assert_string_equal(page, "<Ada> & \"Co\" <Ada> & \"Co\" javascript:alert(1) Say \"<hi>\" "
	    "<42");
}

static void
what_is_no_template_is_a_fault(void **state)
{
	static const char *const cases[] = {
		"{{", "{{name", "{{name}", "{{}}", "{{ }}", "{{#}}{{/}}", "{{#yes}}", "{{/yes}}",
		"{{#yes}}{{/no}}", "{{#yes}}{{#no}}{{/yes}}{{/no}}", "{{{name}}}", "{{&name}}",
		"{{raw name}}", "{{attr a b}}", "{{t a b c}}", "{{na/me}}", "{{na<me}}",
		"{{>../secret}}", "{{>missing}}", "{{t missing}}", "{{=<% %>=}}",
		"{{#yes}}{{name}}",
		"{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
	};
	const char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (render(cases[i], true, &page) != FAULT)
			fail_msg("%s renders", cases[i]);
}

static void
a_value_stands_only_where_its_encoder_protects(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "<p>{{name}}{{attr name}}{{url link}}{{t hello}}</p>", true },
		{ "<p class='{{attr name}}' id=\"x{{attr n}}\">{{name}}", true },
		{ "<p title=\">\">{{name}}", true },
		{ "<!doctype html><!-- a > b -->{{name}}", true },
		{ "<script src=\"{{url link}}\"></script>{{name}}", true },
		{ "<style>p > b {}</style>{{name}}", true },
		{ "<a href=\"/login?{{attr n}}\" title=\"{{attr n}}\">", true },
		{ "<img src=\"{{attr n}}\">", true },
		{ "<a\n href = \"{{url link}}\"\n>", true },
		{ "<p title=\"{{name}}\">", false },
		{ "<p title='{{name}}'>", false },
		{ "<p title={{attr name}}>", false },
		{ "<p {{attr name}}>", false },
		{ "<p{{attr name}}>", false },
		{ "<{{name}}>", false },
		{ "<p {{t hello}}>", false },
		{ "<a href=\"{{attr link}}\">", false },
		{ "<a HREF = '{{attr link}}'>", false },
		{ "<a class=x href=\"{{t hello}}\">", false },
		{ "<form action=\"{{attr link}}\">", false },
		{ "<button formaction=\"{{attr link}}\">", false },
		{ "<a href=\"{{#yes}}/x{{/yes}}{{attr link}}\">", false },
		{ "<p onclick=\"f('{{attr name}}')\">", false },
		{ "<p style=\"color:{{attr name}}\">", false },
		{ "<iframe srcdoc=\"{{attr name}}\">", false },
		{ "<script>{{name}}</script>", false },
		{ "<SCRIPT>var x = \"</b>{{attr name}}\";</SCRIPT>", false },
		{ "<style>{{name}}</style>", false },
		{ "<!-- {{name}} -->", false },
		{ "<p {{>part}}>", false },
		{ "<p title=\"{{>part}}\">", false },
		{ "{{#yes}}<p title=\"{{/yes}}x\">", false },
		{ "{{#yes}}<p{{/yes}}>", false },
		{ "<p title=\"{{#yes}}\">{{/yes}}", false },
		{ "<p", false },
		{ "<p title=\"", false },
		{ "<!-- ", false },
		{ "<script>", false },
	};
	const char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if ((render(cases[i].text, true, &page) == 0) != cases[i].good)
			fail_msg("%s is %s", cases[i].text, cases[i].good ? "refused" : "let in");
}

static const char *
repeated(const char *open, int n, const char *middle, const char *close)
{
	struct buf *b = buf_new(rq->mem, 64 * 1024);

	for (int i = 0; i < n; i++)
		buf_text(b, open);
	buf_text(b, middle);
	for (int i = 0; i < n; i++)
		buf_text(b, close);
	return b->s;
}

static void
sections_nest_sixteen_deep(void **state)
{
	const char *page;

	(void)state;
	assert_int_equal(render(repeated("{{#yes}}", 15, "x", "{{/yes}}"), true, &page), 0);
	assert_string_equal(page, "x");
	assert_int_equal(render(repeated("{{#yes}}", 16, "x", "{{/yes}}"), true, &page), FAULT);
	assert_int_equal(render(repeated("{{#yes}}", 17, "x", "{{/yes}}"), true, &page), FAULT);
}

static void
a_page_has_an_end(void **state)
{
	struct json *big = json_object(rq->mem), *list = json_array(rq->mem);
	struct buf *b = buf_new(rq->mem, 64 * 1024 * 1024), *small = buf_new(rq->mem, 100);
	char *kilo = arena_array(rq->mem, 1025, 1);

	(void)state;
	memset(kilo, 'x', 1024);
	for (int i = 0; i < 300; i++)
		json_add_text(list, kilo);
	json_set(big, "list", list);
	assert_int_equal(template_render_text(rq, "{{#list}}{{.}}{{/list}}", true, big, NULL, b),
	    FAULT);
	assert_true(b->len < 260 * 1024);
	assert_int_equal(template_render_text(rq, "{{#list}}{{.}}{{/list}}", true, big, NULL,
	    small), FAULT);
}

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(arena_printf(rq->mem, "%s/%s", dir, name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
file(const char *name, const char **out_r)
{
	struct buf *b = buf_new(rq->mem, 64 * 1024);
	int r = template_render(rq, name, json(model), json(sentences), b);

	*out_r = b->s;
	return r;
}

static void
files_are_found_by_their_name_and_read_once(void **state)
{
	const char *page;

	(void)state;
	put("page.html", "{{>part}}\n<b>{{name}}</b>\n{{#words}}\n{{>part}}\n{{/words}}\n");
	put("part.html", "<i>{{.}}</i>\n");
	put("mail.txt", "{{name}}\n{{>foot}}\n");
	put("foot.txt", "--\n{{n}}\n");
	assert_int_equal(file("page", &page), 0);
	assert_string_equal(page, "<i></i>\n<b>&lt;Ada&gt; &amp; \"Co\"</b>\n<i>p</i>\n<i>q</i>\n");
	put("part.html", "changed");
	assert_int_equal(file("page.html", &page), 0);
	assert_string_equal(page, "<i></i>\n<b>&lt;Ada&gt; &amp; \"Co\"</b>\n<i>p</i>\n<i>q</i>\n");
	assert_int_equal(file("mail.txt", &page), 0);
	assert_string_equal(page, "<Ada> & \"Co\"\n--\n42\n");
}

static void
partials_that_call_themselves_end(void **state)
{
	const char *page;

	(void)state;
	put("self.html", "x{{>self}}");
	put("ping.html", "{{#yes}}{{>pong}}{{/yes}}");
	put("pong.html", "{{>ping}}");
	assert_int_equal(file("self", &page), FAULT);
	assert_int_equal(file("ping", &page), FAULT);
}

static void
files_that_are_no_templates_are_faults(void **state)
{
	const char *page;

	(void)state;
	put("broken.html", "{{#yes}}");
	put("latin.html", "caf\xe9");
	assert_int_equal(file("broken", &page), FAULT);
	assert_int_equal(file("latin", &page), FAULT);
	assert_int_equal(file("missing", &page), FAULT);
	assert_int_equal(file("/etc/passwd.txt", &page), FAULT);
	assert_int_equal(file("../page", &page), FAULT);
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

static int
before_all(void **state)
{
	(void)state;
	settings.templates = mkdtemp(dir);
	return settings.templates == NULL;
}

static int
after_all(void **state)
{
	static const char *const files[] = { "page.html", "part.html", "mail.txt", "foot.txt",
		"self.html", "ping.html", "pong.html", "broken.html", "latin.html" };

	(void)state;
	if (chdir(dir) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		(void)unlink(files[i]);
	return rmdir(dir);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, before_each, after_each)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(tags_become_values),
		CASE(sections_choose_and_repeat),
		CASE(tags_alone_on_a_line_take_the_line_with_them),
		CASE(in_mails_nothing_is_escaped),
		CASE(what_is_no_template_is_a_fault),
		CASE(a_value_stands_only_where_its_encoder_protects),
		CASE(sections_nest_sixteen_deep),
		CASE(a_page_has_an_end),
		CASE(files_are_found_by_their_name_and_read_once),
		CASE(partials_that_call_themselves_end),
		CASE(files_that_are_no_templates_are_faults),
	};

	return cmocka_run_group_tests_name("template", tests, before_all, after_all);
}
