/* test_random - unguessable values: what can be said of their form */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "base/syntax.h"

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

static void
two_draws_differ(void **state)
{
	unsigned char a[1000], b[1000];

	(void)state;
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	/* the end as well as the beginning: longer than one call to the kernel */
	assert_memory_not_equal(a + 968, b + 968, 32);
	assert_string_not_equal(random_token(mem), random_token(mem));
	assert_string_not_equal(random_uuid(mem), random_uuid(mem));
}

static void
a_draw_stays_below_its_limit_and_reaches_all_of_it(void **state)
{
	int seen[7] = { 0 };

	(void)state;
	for (int i = 0; i < 7000; i++) {
		uint32_t x = random_below(7);

		assert_true(x < 7);
		seen[x]++;
	}
	/* 1000 expected; 700 is ten standard deviations away */
	for (int i = 0; i < 7; i++)
		assert_true(seen[i] > 700);
	assert_int_equal(random_below(1), 0);
	assert_true(random_below(UINT32_MAX) < UINT32_MAX);
}

static void
a_token_has_256_bits_in_base64url(void **state)
{
	const char *s = random_token(mem);

	(void)state;
	assert_int_equal(strlen(s), 43);
	assert_true(syn_word(s));
}

static void
a_uuid_is_version_4(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		const char *s = random_uuid(mem);

		assert_true(syn_uuid(s));
		assert_int_equal(s[14], '4');
		assert_non_null(strchr("89ab", s[19]));
		assert_null(strpbrk(s, "ABCDEF"));
	}
}

static void
a_text_is_drawn_from_its_alphabet(void **state)
{
	const char *s = random_text(mem, 500, "xyz");

	(void)state;
	assert_int_equal(strlen(s), 500);
	assert_int_equal(strspn(s, "xyz"), 500);
	assert_non_null(strchr(s, 'x'));
	assert_non_null(strchr(s, 'z'));
	assert_string_equal(random_text(mem, 0, "a"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_draws_differ),
		cmocka_unit_test(a_draw_stays_below_its_limit_and_reaches_all_of_it),
		cmocka_unit_test(a_token_has_256_bits_in_base64url),
		cmocka_unit_test(a_uuid_is_version_4),
		cmocka_unit_test(a_text_is_drawn_from_its_alphabet),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
