/* test_uri - URLs built, taken apart, and let in or not */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "web/uri.h"

static struct arena *mem;

static const char *const welcome[] = {
	"https://app.example/callback",
	"https://app.example",
	"https://app.example/",
	"https://app.example:8443/a/b;c?d=e&f=%20",
	"HTTPS://App.Example/CB",
	"https://192.0.2.7/cb",
	"https://[2001:db8::1]:8443/cb",
	"https://a_b.example/?x",
	"http://localhost",
	"http://localhost:3000/cb?x=y",
	"http://127.0.0.1:80/",
	"http://[::1]:5173/cb",
	"myapp://callback",
	"myapp://",
	"myapp://x/y?z",
	"com.example.app:/oauth2redirect",
	"exp://127.0.0.1:19000/--/cb",
};

static const char *const unwelcome[] = {
	"",
	"/callback",
	"app.example/cb",
	"https:",
	"https:/app.example",
	"https://",
	"https:///cb",
	"https://:443/",
	"https://app.example:0/",
	"https://app.example:/",
	"https://app.example:65536/",
	"https://app.example:8o/",
	"https://app..example/",
	"https://.example/",
	"https://app.example./",
	"https://app.exa%6dple/",
	"https://user@app.example/",
	"https://user:pw@app.example/",
	"https://app.example@evil.example/",
	"https://app.example/#frag",
	"https://app.example#",
	"https://app.example/a b",
	"https://app.example/a\\b",
	"https://app.example\\@evil.example/",
	"https://app.example/%zz",
	"https://app.example/%4",
	"https://app.example/\xc3\xa9",
	"https://app.example/\n",
	"https://app.example/<x>",
	"https://app.example/\"",
	"https://app.example/[x]",
	"https://[::1/",
	"https://[::g]/",
	"https://[]/",
	"https://[::1]x/",
	"http://app.example/cb",
	"http://localhost.evil.example/",
	"http://localhost@evil.example/",
	"http://127.0.0.1.evil.example/",
	"http://127.0.0.2/",
	"http://[::2]/",
	"http:localhost",
	"javascript:alert(1)",
	"javascript://x/%0aalert(1)",
	"JavaScript://x",
	"data:text/html,x",
	"data:/x",
	"vbscript:/x",
	"blob:/x",
	"file:///etc/passwd",
	"about:/blank",
	"mailto:/x",
	"urn:/ietf:wg:oauth:2.0:oob",
	"urn:ietf:wg:oauth:2.0:oob",
	"intent://x",
	"myapp:callback",
	"myapp:",
	"myapp:?x",
	"myapp://user@x",
	"myapp://x:y/",
	"1app://x",
	"my_app://x",
	"://x",
};

static void
good_addresses_may_be_registered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(welcome) / sizeof(*welcome); i++)
		if (!uri_may_register(welcome[i]))
			fail_msg("%s is refused", welcome[i]);
}

static void
other_addresses_may_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(unwelcome) / sizeof(*unwelcome); i++)
		if (uri_may_register(unwelcome[i]))
			fail_msg("%s is let in", unwelcome[i]);
}

static void
an_address_has_at_most_1024_bytes(void **state)
{
	char *url = arena_array(mem, 2048, 1);

	(void)state;
	memset(url, 'a', 1024);
	memcpy(url, "https://a/", 10);
	assert_true(uri_may_register(url));
	url[1024] = 'a';
	assert_false(uri_may_register(url));
}

/* The rule again, said as a pattern: an oracle that shares no line with the code. */
#define PCT "%[0-9A-Fa-f][0-9A-Fa-f]"
#define CHAR "([A-Za-z0-9._~:/?@!$&'()*+,;=-]|" PCT ")"
#define LABEL "[A-Za-z0-9_-]{1,63}"
#define HOST "((" LABEL "\\.)*" LABEL "|\\[[0-9A-Fa-f:.]{2,}\\])"
#define PORT "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|" \
	"6553[0-5]))?"
#define REST "([/?]" CHAR "*)?$"

enum { WEB, LOCAL, CUSTOM, TAKEN, NPATTERNS };

static regex_t patterns[NPATTERNS];

static int
compile(void **state)
{
	static const struct {
		const char *text;
		int flags;
	} wanted[NPATTERNS] = {
		[WEB] = { "^https://" HOST PORT REST, REG_ICASE },
		[LOCAL] = { "^http://(localhost|127\\.0\\.0\\.1|\\[::1\\])" PORT REST, REG_ICASE },
		[CUSTOM] = { "^[A-Za-z][A-Za-z0-9+.-]*:"
		    "(//" HOST "?" PORT REST "|/(([^/]|$).*)?$)", 0 },
		[TAKEN] = { "^(https?|about|blob|chrome|chrome-extension|cid|content|data|edge|"
		    "file|filesystem|ftps?|intent|jar|javascript|livescript|mailto|mhtml|mocha|"
		    "moz-extension|opera|resource|safari-extension|safari-web-extension|sms|tel|"
		    "urn|vbscript|view-source|wss?|wyciwyg):", REG_ICASE },
	};

	(void)state;
	for (size_t i = 0; i < NPATTERNS; i++)
		if (regcomp(&patterns[i], wanted[i].text,
		    wanted[i].flags | REG_EXTENDED | REG_NOSUB) != 0)
			return -1;
	return 0;
}

static bool
match(size_t i, const char *s)
{
	return regexec(&patterns[i], s, 0, NULL, 0) == 0;
}

static bool
spelled(const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		    "-._~:/?[]@!$&'()*+,;=%", *s) == NULL)
			return false;
	return true;
}

static bool
percents(const char *s)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	while ((s = strchr(s, '%')) != NULL) {
		if (s[1] == '\0' || s[2] == '\0' || strchr(hex, s[1]) == NULL ||
		    strchr(hex, s[2]) == NULL)
			return false;
		s++;
	}
	return true;
}

/* What no pattern says well: lengths, the user part, and brackets behind the host. */
static bool
sane(const char *s)
{
	const char *slashes = strstr(s, "://"), *rest = s, *p;
	size_t n;

	if (!spelled(s) || !percents(s) || strlen(s) > 1024)
		return false;
	if (slashes != NULL && strcspn(s, "/?#") == (size_t)(slashes + 1 - s)) {
		n = strcspn(slashes + 3, "/?#");
		if (memchr(slashes + 3, '@', n) != NULL || strcspn(slashes + 3, ":/?#") > 253)
			return false;
		rest = slashes + 3 + n;
	}
	for (p = rest; *p != '\0'; p++)
		if (*p == '[' || *p == ']')
			return false;
	return true;
}

static bool
expected(const char *s)
{
	if (!sane(s))
		return false;
	return match(WEB, s) || match(LOCAL, s) || (match(CUSTOM, s) && !match(TAKEN, s));
}

static uint32_t dice = 2463534242u;

static size_t
roll(size_t limit)
{
	dice ^= dice << 13;
	dice ^= dice >> 17;
	dice ^= dice << 5;
	return dice % limit;
}

/* One change of url, in place: a byte set, put in, taken out, or the tail of another address. */
static void
mutate(char *url, size_t size)
{
	static const char marks[] = ":/?#[]@\\%. \t\nhtps:/09aAzZ~-_|<>\"'\x7f\x80\xff,;";
	size_t n = strlen(url), at = roll(n + 1);
	const char *other = welcome[roll(sizeof(welcome) / sizeof(*welcome))];

	switch (roll(4)) {
	case 0:
		if (at < n)
			url[at] = marks[roll(sizeof(marks) - 1)];
		break;
	case 1:
		if (n + 2 < size) {
			memmove(url + at + 1, url + at, n - at + 1);
			url[at] = marks[roll(sizeof(marks) - 1)];
		}
		break;
	case 2:
		if (at < n)
			memmove(url + at, url + at + 1, n - at);
		break;
	default:
		other += roll(strlen(other));
		if (at + strlen(other) < size)
			memcpy(url + at, other, strlen(other) + 1);
	}
}

static void
changed_addresses_are_judged_as_the_pattern_says(void **state)
{
	size_t in = 0, out = 0;
	char url[256];

	(void)state;
	for (size_t i = 0; i < 50000; i++) {
		size_t from = roll(sizeof(welcome) / sizeof(*welcome));

		(void)snprintf(url, sizeof(url), "%s", welcome[from]);
		for (size_t k = 0; k < 20; k++) {
			bool is = uri_may_register(url);

			if (is != expected(url))
				fail_msg("%s is %s", url, is ? "let in" : "refused");
			in += is;
			out += !is;
			mutate(url, sizeof(url));
			if (!is && roll(3) == 0)
				break;
		}
	}
	assert_true(in > 50000 && out > 50000);	/* the test has seen both sides */
}

static void
every_byte_survives_a_form(void **state)
{
	struct buf *b = buf_new(mem, 1024);

	(void)state;
	uri_form(b, "aZ09-._~ +&=%/?#\n\xc3\xa9*'");
	assert_string_equal(b->s, "aZ09-._~+%2B%26%3D%25%2F%3F%23%0A%C3%A9%2A%27");
}

static void
parameters_are_joined(void **state)
{
	struct buf *b = buf_new(mem, 1024);

	(void)state;
	uri_add(b, "none", NULL);
	assert_string_equal(b->s, "");
	uri_add(b, "code", "x y");
	uri_add(b, "none", NULL);
	uri_add(b, "requiredAttributes[a]", "&");
	uri_add(b, "empty", "");
	assert_string_equal(b->s, "code=x+y&requiredAttributes%5Ba%5D=%26&empty=");
}

static void
parameters_go_behind_what_is_there(void **state)
{
	static const struct {
		const char *url, *with_query, *with_fragment;
	} cases[] = {
		{ "https://a/b", "https://a/b?x=y", "https://a/b#x=y" },
		{ "https://a/b?c=d", "https://a/b?c=d&x=y", "https://a/b?c=d#x=y" },
		{ "https://a/b?", "https://a/b?x=y", "https://a/b?#x=y" },
		{ "https://a/b?c&", "https://a/b?c&x=y", "https://a/b?c&#x=y" },
		{ "https://a", "https://a?x=y", "https://a#x=y" },
		{ "myapp://", "myapp://?x=y", "myapp://#x=y" },
		{ "/login#top", "/login?x=y#top", "/login#top&x=y" },
		{ "/login#?", "/login?x=y#?", "/login#?&x=y" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(uri_with(mem, cases[i].url, '?', "x=y"), cases[i].with_query);
		assert_string_equal(uri_with(mem, cases[i].url, '#', "x=y"),
		    cases[i].with_fragment);
		assert_string_equal(uri_with(mem, cases[i].url, '?', ""), cases[i].url);
	}
}

static void
a_host_is_spelled_in_one_way(void **state)
{
	static const struct {
		const char *scheme, *host, *spelled;
	} cases[] = {
		{ "https", "Auth.Example", "auth.example" },
		{ "https", "auth.example:443", "auth.example" },
		{ "https", "auth.example:80", "auth.example:80" },
		{ "http", "localhost:8080", "localhost:8080" },
		{ "http", "localhost:80", "localhost" },
		{ "http", "[::1]:8080", "[::1]:8080" },
		{ "http", "127.0.0.1", "127.0.0.1" },
		{ "http", "", NULL },
		{ "http", ":80", NULL },
		{ "http", "a/b", NULL },
		{ "http", "a@b", NULL },
		{ "http", "a b", NULL },
		{ "http", "a:b", NULL },
		{ "http", "a:80:80", NULL },
		{ "http", "a..b", NULL },
		{ "http", "a.", NULL },
		{ "http", "[::1", NULL },
		{ "http", "a\nb", NULL },
		{ "http", "\xc3\xa9", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *host = uri_host(mem, cases[i].scheme, cases[i].host);

		assert_int_equal(host == NULL, cases[i].spelled == NULL);
		if (host != NULL)
			assert_string_equal(host, cases[i].spelled);
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

static int
after_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < NPATTERNS; i++)
		regfree(&patterns[i]);
	return 0;
}

static void
a_loopback_address_is_the_same_on_any_port(void **state)
{
	static const struct { const char *registered, *url; bool same; } cases[] = {
		{ "http://127.0.0.1/cb", "http://127.0.0.1:51423/cb", true },
		{ "http://127.0.0.1:80/cb", "http://127.0.0.1/cb", true },
		{ "http://[::1]:1/cb?x", "http://[::1]:2/cb?x", true },
		{ "http://localhost/cb", "http://localhost:1/cb", false },
		{ "https://127.0.0.1/cb", "https://127.0.0.1:1/cb", false },
		{ "http://127.0.0.1/cb", "http://[::1]:1/cb", false },
		{ "http://127.0.0.1/cb", "http://127.0.0.1:1/CB", false },
		{ "http://127.0.0.1/cb", "http://127.0.0.1:1/cb/", false },
		{ "http://127.0.0.1/cb", "http://127.0.0.1:1/cb#x", false },
		{ "http://127.0.0.1/cb", "http://127.0.0.1:1@x/cb", false },
		{ "http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false },
		{ "http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false },
		{ "http://127.0.0.1/cb", "http://127.0.0.1:/cb", false },
		{ "http://127.0.0.1", "http://127.0.0.1:1/", false },
		{ "app:/cb", "http://127.0.0.1:1/cb", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (uri_same_loopback(cases[i].registered, cases[i].url) != cases[i].same)
			fail_msg("%s and %s", cases[i].registered, cases[i].url);
}

static void
a_place_is_told_whatever_its_query_and_the_spelling_of_its_host(void **state)
{
	static const struct {
		const char *url;
		bool is;
	} cases[] = {
		{ "https://auth.example/oauth2/token", true },
		{ "HTTPS://AUTH.Example:443/oauth2/token?a=b#c", true },
		{ "https://auth.example/oauth2/token/", false },
		{ "https://auth.example/oauth2/Token", false },
		{ "https://auth.example/oauth2/toke", false },
		{ "https://auth.example/", false },
		{ "https://auth.example", false },
		{ "https://auth.example:8443/oauth2/token", false },
		{ "http://auth.example/oauth2/token", false },
		{ "https://auth.example.evil/oauth2/token", false },
		{ "https://auth.example@evil/oauth2/token", false },
		{ "https://evil@auth.example/oauth2/token", false },
		{ "//auth.example/oauth2/token", false },
		{ "/oauth2/token", false },
		{ "https:/oauth2/token", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (uri_is_place(mem, cases[i].url, "https", "auth.example", "/oauth2/token") !=
		    cases[i].is)
			fail_msg("%s", cases[i].url);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, before_each, after_each)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(good_addresses_may_be_registered),
		CASE(other_addresses_may_not),
		CASE(an_address_has_at_most_1024_bytes),
		CASE(changed_addresses_are_judged_as_the_pattern_says),
		CASE(every_byte_survives_a_form),
		CASE(parameters_are_joined),
		CASE(parameters_go_behind_what_is_there),
		CASE(a_host_is_spelled_in_one_way),
		CASE(a_loopback_address_is_the_same_on_any_port),
		CASE(a_place_is_told_whatever_its_query_and_the_spelling_of_its_host),
	};

	return cmocka_run_group_tests_name("uri", tests, compile, after_all);
}
