/* test_codec - base64, base64url, base32 and hexadecimal: vectors of RFC 4648 section 10 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/codec.h"

static struct arena *mem;

static int
begin(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&mem);
	return 0;
}

static const struct {
	const char *plain, *base64, *url, *base32, *hex;
} vectors[] = {
	{ "", "", "", "", "" },
	{ "f", "Zg==", "Zg", "MY", "66" },
	{ "fo", "Zm8=", "Zm8", "MZXQ", "666f" },
	{ "foo", "Zm9v", "Zm9v", "MZXW6", "666f6f" },
	{ "foob", "Zm9vYg==", "Zm9vYg", "MZXW6YQ", "666f6f62" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE", "MZXW6YTB", "666f6f6261" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy", "MZXW6YTBOI", "666f6f626172" },
	{ "\xfb\xff\xfe", "+//+", "-__-", "7P774", "fbfffe" },
};

enum { NVECTORS = sizeof(vectors) / sizeof(*vectors) };

static void
encoding_is_what_rfc_4648_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < NVECTORS; i++) {
		size_t n = strlen(vectors[i].plain);

		assert_string_equal(base64(mem, vectors[i].plain, n), vectors[i].base64);
		assert_string_equal(base64url(mem, vectors[i].plain, n), vectors[i].url);
		assert_string_equal(base32(mem, vectors[i].plain, n), vectors[i].base32);
		assert_string_equal(hex(mem, vectors[i].plain, n), vectors[i].hex);
	}
}

static void
decoding_gives_the_bytes_back(void **state)
{
	unsigned char *data;
	size_t n;

	(void)state;
	for (size_t i = 0; i < NVECTORS; i++) {
		const char *s = vectors[i].base64;

		assert_true(base64_decode(mem, s, strlen(s), &data, &n));
		assert_int_equal(n, strlen(vectors[i].plain));
		assert_string_equal(data, vectors[i].plain);
		s = vectors[i].url;
		assert_true(base64url_decode(mem, s, strlen(s), &data, &n));
		assert_int_equal(n, strlen(vectors[i].plain));
		assert_string_equal(data, vectors[i].plain);
	}
}

static void
every_byte_survives_the_way_there_and_back(void **state)
{
	unsigned char all[256], *data;
	const char *s;
	size_t n;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	s = base64(mem, all, 256);
	assert_true(base64_decode(mem, s, strlen(s), &data, &n));
	assert_int_equal(n, 256);
	assert_memory_equal(data, all, 256);
	s = base64url(mem, all, 256);
	assert_true(base64url_decode(mem, s, strlen(s), &data, &n));
	assert_memory_equal(data, all, 256);
}

static void
decoding_is_strict(void **state)
{
	static const char *const wrong[] = { "Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v====",
		"Zh==",	/* bits left over */
		"Zm9=", "Zm 9", "Zm9v\n", "Zm-v", "Zm9vZ", "=Zg=", "Zg==Zg==" };
	static const char *const wrong_url[] = { "Z", "Zm9vZ", "Zg==", "Zh", "Zm9", "+//+",
		"Zm9v " };
	unsigned char *data;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(base64_decode(mem, wrong[i], strlen(wrong[i]), &data, &n));
		assert_null(data);
		assert_int_equal(n, 0);
	}
	for (size_t i = 0; i < sizeof(wrong_url) / sizeof(*wrong_url); i++)
		assert_false(base64url_decode(mem, wrong_url[i], strlen(wrong_url[i]), &data, &n));
	assert_false(base64url_decode(mem, "Zm\0v", 4, &data, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoding_is_what_rfc_4648_says),
		cmocka_unit_test(decoding_gives_the_bytes_back),
		cmocka_unit_test(every_byte_survives_the_way_there_and_back),
		cmocka_unit_test(decoding_is_strict),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
