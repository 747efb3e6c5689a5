/* test_siphash - the vectors of the reference implementation */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/siphash.h"

/* vectors.h of the authors: key and text are 00 01 02 …, the text as long as the row says. */
static const struct {
	size_t n;
	uint64_t hash;
} vectors[] = {
	{ 0, UINT64_C(0x726fdb47dd0e0e31) }, { 1, UINT64_C(0x74f839c593dc67fd) },
	{ 7, UINT64_C(0xab0200f58b01d137) }, { 8, UINT64_C(0x93f5f5799a932462) },
	{ 15, UINT64_C(0xa129ca6149be45e5) }, { 63, UINT64_C(0x958a324ceb064572) },
};

static void
the_vectors_of_its_authors_hold(void **state)
{
	const uint64_t key[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
	unsigned char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++)
		assert_int_equal(siphash(key, text, vectors[i].n), vectors[i].hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_vectors_of_its_authors_hold) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
