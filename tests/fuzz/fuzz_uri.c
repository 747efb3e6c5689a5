/* fuzz_uri - what may be registered stays what it is, with parameters behind it or not */
#include <stdlib.h>

#include "base/text.h"
#include "web/uri.h"

#include "fuzz.h"

static void
expect(bool condition)
{
	if (!condition)
		abort();
}

static void
registered(struct arena *mem, const char *url)
{
	bool web = strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
	const char *more = uri_with(mem, url, '?', "code=x&state=y");
	const char *host = web ? strstr(url, "//") + 2 : "", *p;

	for (p = url; *p != '\0'; p++)
		expect(*p > ' ' && *p < 0x7f && strchr("\\#<>\"", *p) == NULL);
	expect(strncasecmp(url, "javascript:", 11) != 0 && strncasecmp(url, "data:", 5) != 0);
	host = arena_dupn(mem, host, strcspn(host, "/?"));
	expect(!web || uri_host(mem, "https", host) != NULL);
	expect(strlen(more) > 1024 || uri_may_register(more));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	const char *s = arena_dupn(mem, data, size), *host;
	struct buf *b = buf_new(mem, 16 * 1024 * 1024);

	if (uri_may_register(s))
		registered(mem, s);
	if ((host = uri_host(mem, "https", s)) != NULL)
		expect(text_equal(host, uri_host(mem, "https", host)));
	uri_add(b, s, s);
	expect(strspn(b->s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+%=")
	    == b->len);
	(void)uri_with(mem, s, '#', b->s);
	arena_free(&mem);
	return 0;
}
