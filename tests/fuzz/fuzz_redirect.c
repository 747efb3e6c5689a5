/* fuzz_redirect - what passes for a registered loopback address is on this machine, and differs
 * from it in the port alone. The first line of the input is the registered address. */
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

/* The address without its port, taken out by hand; NULL: it does not begin as one of ours. */
static const char *
without_port(struct arena *mem, const char *url)
{
	static const char *const begins[] = { "http://127.0.0.1", "http://[::1]" };
	size_t i, n, digits = 0;

	for (i = 0; i < 2; i++) {
		n = strlen(begins[i]);
		if (strncasecmp(url, begins[i], n) != 0)
			continue;
		if (url[n] == ':')
			digits = 1 + strspn(url + n + 1, "0123456789");
		expect(url[n + digits] == '\0' || strchr("/?", url[n + digits]) != NULL);
		expect(digits < 7);
		return arena_join(mem, begins[i], url + n + digits, "");
	}
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	const char *s = arena_dupn(mem, data, size), *a, *b;
	const char *registered = arena_dupn(mem, s, strcspn(s, "\n"));
	const char *url = s + strlen(registered) + (s[strlen(registered)] == '\n');

	if (uri_same_loopback(registered, url)) {
		a = without_port(mem, registered);
		b = without_port(mem, url);
		expect(a != NULL && text_equal(a, b));
		expect(uri_may_register(url) && uri_same_loopback(url, registered));
	}
	arena_free(&mem);
	return 0;
}
