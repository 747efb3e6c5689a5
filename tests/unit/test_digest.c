/* test_digest - SHA-256 and HMAC-SHA-256 against the vectors of the RFCs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/codec.h"
#include "crypto/digest.h"

static struct arena *mem;

static void
sha256_is_what_rfc_6234_says(void **state)
{
	static const struct {
		const char *part;
		size_t times;
		const char *hash;
	} cases[] = {	/* section 8.5, and the hash of nothing */
		{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "a", 1000000,
		    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
		{ "0123456701234567012345670123456701234567012345670123456701234567", 10,
		    "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = strlen(cases[i].part);
		char *data = arena_array(mem, cases[i].times, n + 1);
		unsigned char hash[SHA256_SIZE];

		for (size_t j = 0; j < cases[i].times; j++)
			memcpy(data + j * n, cases[i].part, n);
		digest_sha256(data, n * cases[i].times, hash);
		assert_string_equal(hex(mem, hash, sizeof(hash)), cases[i].hash);
	}
}

static void
digest_text_is_the_s256_of_rfc_7636(void **state)
{
	(void)state;
	assert_string_equal(digest_text(mem, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static int
setup(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_what_rfc_6234_says),
		cmocka_unit_test(digest_text_is_the_s256_of_rfc_7636),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
