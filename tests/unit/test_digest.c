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
hmac_is_what_rfc_4231_says(void **state)
{
	static const struct {
		const char *key, *data, *mac;
		size_t nkey;	/* of one repeated byte; 0: the key is the text */
		size_t ndata;
	} cases[] = {	/* test cases 1, 2, 3, 6 and 7 */
		{ "\x0b", "Hi There",
		    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 20, 0 },
		{ "Jefe", "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 0, 0 },
		{ "\xaa", "\xdd",
		    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", 20, 50 },
		{ "\xaa", "Test Using Larger Than Block-Size Key - Hash Key First",
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", 131, 0 },
		{ "\xaa", "This is a test using a larger than block-size key and a larger than "
		    "block-size data. The key needs to be hashed before being used by the HMAC "
		    "algorithm.",
		    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2", 131, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t nkey = cases[i].nkey > 0 ? cases[i].nkey : strlen(cases[i].key);
		size_t ndata = cases[i].ndata > 0 ? cases[i].ndata : strlen(cases[i].data);
		char *key = arena_alloc(mem, nkey), *data = arena_alloc(mem, ndata);
		unsigned char mac[SHA256_SIZE];

		for (size_t j = 0; j < nkey; j++)
			key[j] = cases[i].key[cases[i].nkey > 0 ? 0 : j];
		for (size_t j = 0; j < ndata; j++)
			data[j] = cases[i].data[cases[i].ndata > 0 ? 0 : j];
		digest_hmac(key, nkey, data, ndata, mac);
		assert_string_equal(hex(mem, mac, sizeof(mac)), cases[i].mac);
	}
}

static void
hmac_takes_an_empty_key_and_keeps_none(void **state)
{
	unsigned char mac[SHA256_SIZE];

	(void)state;
	digest_hmac("secret", 6, "x", 1, mac);
	digest_hmac("", 0, "", 0, mac);
	assert_string_equal(hex(mem, mac, sizeof(mac)),
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
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
		cmocka_unit_test(hmac_is_what_rfc_4231_says),
		cmocka_unit_test(hmac_takes_an_empty_key_and_keeps_none),
		cmocka_unit_test(digest_text_is_the_s256_of_rfc_7636),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
