/* fuzz_codec - what decodes encodes back to the very same text, and the other way round */
#include "base/codec.h"
#include "fuzz.h"

static void
same(const char *s, const void *data, size_t size)
{
	if (strlen(s) != size || (size > 0 && memcmp(s, data, size) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	const char *s;
	unsigned char *bytes;
	size_t n;

	if (base64_decode(mem, (const char *)data, size, &bytes, &n))
		same(base64(mem, bytes, n), data, size);
	if (base64url_decode(mem, (const char *)data, size, &bytes, &n))
		same(base64url(mem, bytes, n), data, size);
	s = base64(mem, data, size);
	if (!base64_decode(mem, s, strlen(s), &bytes, &n) || n != size ||
	    (n > 0 && memcmp(bytes, data, n) != 0))
		abort();
	s = base64url(mem, data, size);
	if (!base64url_decode(mem, s, strlen(s), &bytes, &n) || n != size)
		abort();
	arena_free(&mem);
	return 0;
}
