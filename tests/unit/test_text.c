/* test_text - small work on UTF-8 text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"

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
nothing_equals_null(void **state)
{
	(void)state;
	assert_true(text_equal("a", "a"));
	assert_false(text_equal("a", "A"));
	assert_false(text_equal(NULL, NULL));
	assert_false(text_equal("a", NULL));
}

static void
beginnings_and_ends_are_found(void **state)
{
	(void)state;
	assert_true(text_starts("abc", "ab"));
	assert_true(text_starts("abc", ""));
	assert_false(text_starts("ab", "abc"));
	assert_true(text_ends("abc", "bc"));
	assert_true(text_ends("abc", ""));
	assert_false(text_ends("bc", "abc"));
}

static void
only_well_formed_utf8_is_taken(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		bool good;
	} cases[] = {
		{ "", 0, true },
		{ "plain", 5, true },
		{ "\xc3\xa9", 2, true },
		{ "\xe2\x82\xac", 3, true },
		{ "\xf0\x9f\x98\x80", 4, true },
		{ "\xf4\x8f\xbf\xbf", 4, true },
		{ "a\0b", 3, false },			/* NUL */
		{ "\xc0\xaf", 2, false },		/* overlong slash */
		{ "\xe0\x80\xaf", 3, false },
		{ "\xf0\x80\x80\xaf", 4, false },
		{ "\xed\xa0\x80", 3, false },		/* surrogate */
		{ "\xf4\x90\x80\x80", 4, false },	/* beyond U+10FFFF */
		{ "\xc3", 1, false },			/* cut off */
		{ "\xe2\x82", 2, false },
		{ "\x80", 1, false },			/* a continuation alone */
		{ "\xff", 1, false },
		{ "\xc3\x28", 2, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(text_is_utf8(cases[i].s, cases[i].n), cases[i].good);
}

static void
length_counts_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_length(""), 0);
	assert_int_equal(text_length("abc"), 3);
	assert_int_equal(text_length("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 3);
}

static void
lower_case_leaves_other_bytes(void **state)
{
	(void)state;
	assert_string_equal(text_lower(mem, "AbZ[@\xc3\x89"), "abz[@\xc3\x89");
}

static void
a_hole_is_filled_once(void **state)
{
	(void)state;
	assert_string_equal(text_fill(mem, "no %s here", "x"), "no x here");
	assert_string_equal(text_fill(mem, "%s and %s", "x"), "x and %s");
	assert_string_equal(text_fill(mem, "100%", "x"), "100%");
	assert_string_equal(text_fill(mem, "a%sb", NULL), "ab");
	assert_string_equal(text_fill(mem, "%s", "%d%s"), "%d%s");
}

static void
numbers_are_digits_that_fit(void **state)
{
	static const char *const wrong[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0",
		"9223372036854775808", "99999999999999999999" };
	int64_t n;

	(void)state;
	assert_true(text_number("0", &n));
	assert_int_equal(n, 0);
	assert_true(text_number("0042", &n));
	assert_int_equal(n, 42);
	assert_true(text_number("9223372036854775807", &n));
	assert_true(n == INT64_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		n = 1;
		assert_false(text_number(wrong[i], &n));
		assert_int_equal(n, 0);
	}
}

static void
words_are_cut_and_joined(void **state)
{
	struct words list = words_split(mem, "  openid email  phone ", ' ');

	(void)state;
	assert_int_equal(list.n, 3);
	assert_null(list.at[3]);
	assert_string_equal(words_join(mem, list, ","), "openid,email,phone");
	assert_true(words_have(list, "email"));
	assert_false(words_have(list, "mail"));
	assert_int_equal(words_split(mem, NULL, ' ').n, 0);
	assert_int_equal(words_split(mem, "", ' ').n, 0);
	assert_int_equal(words_split(mem, "   ", ' ').n, 0);
	assert_string_equal(words_join(mem, words_split(mem, NULL, ' '), ","), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_equals_null),
		cmocka_unit_test(beginnings_and_ends_are_found),
		cmocka_unit_test(only_well_formed_utf8_is_taken),
		cmocka_unit_test(length_counts_code_points),
		cmocka_unit_test(lower_case_leaves_other_bytes),
		cmocka_unit_test(a_hole_is_filled_once),
		cmocka_unit_test(numbers_are_digits_that_fit),
		cmocka_unit_test(words_are_cut_and_joined),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
