/* test_secret - comparing what must not be guessed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/secret.h"

static void
only_equal_texts_are_equal(void **state)
{
	(void)state;
	assert_true(secret_equal("", ""));
	assert_true(secret_equal("abc", "abc"));
	assert_false(secret_equal("abc", "abd"));
	assert_false(secret_equal("abc", "bbc"));
	assert_false(secret_equal("abc", "ab"));
	assert_false(secret_equal("", "a"));
	assert_false(secret_equal(NULL, NULL));
	assert_false(secret_equal("a", NULL));
}

static void
any_bit_makes_texts_differ(void **state)
{
	char a[33], b[33];

	(void)state;
	memset(a, '@', 32);
	a[32] = '\0';
	for (int i = 0; i < 256; i++) {
		memcpy(b, a, sizeof(b));
		b[i / 8] = (char)(b[i / 8] ^ 1 << i % 8);
		assert_int_equal(secret_equal(a, b), false);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_equal_texts_are_equal),
		cmocka_unit_test(any_bit_makes_texts_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
