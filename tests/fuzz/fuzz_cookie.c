/* fuzz_cookie - a Cookie header, and every value it gives set and read again */
#include <stdlib.h>

#include "base/text.h"
#include "web/cookie.h"

#include "fuzz.h"

static bool
can_be_set(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s == 0x7f || strchr("\",;\\", *s) != NULL)
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	const char *header = arena_dupn(mem, data, size);

	for (enum cookie i = 0; i < COOKIE_NCOOKIES; i++) {
		const char *value = cookie_get(mem, i, header), *line;

		if (value == NULL || strlen(value) > 2048 || !can_be_set(value))
			continue;
		line = cookie_set(mem, i, value, 60, "a.example", true, 0);
		if (!text_equal(cookie_get(mem, i, line), value))
			abort();
	}
	arena_free(&mem);
	return 0;
}
