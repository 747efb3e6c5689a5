/* test_buf - text that grows, up to a ceiling */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"

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
additions_are_kept_in_order(void **state)
{
	struct buf *b = buf_new(mem, 10000);

	(void)state;
	assert_string_equal(b->s, "");
	buf_text(b, "a");
	buf_char(b, 'b');
	buf_add(b, "c\0d", 3);
	buf_printf(b, "%03d", 7);
	assert_int_equal(b->len, 8);
	assert_memory_equal(b->s, "abc\0d007", 9);
	assert_false(buf_over(b));
}

static void
it_grows_to_its_ceiling_and_no_further(void **state)
{
	struct buf *b = buf_new(mem, 1000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_char(b, 'x');
	assert_false(buf_over(b));
	assert_int_equal(b->len, 1000);
	buf_char(b, 'y');
	assert_true(buf_over(b));
	assert_int_equal(b->len, 1000);
	assert_int_equal(b->s[1000], '\0');
	assert_null(strchr(b->s, 'y'));
}

static void
after_something_was_left_out_nothing_is_added(void **state)
{
	struct buf *b = buf_new(mem, 4);

	(void)state;
	buf_text(b, "abc");
	buf_text(b, "defg");
	buf_text(b, "h");
	assert_true(buf_over(b));
	assert_string_equal(b->s, "abc");
}

static void
a_ceiling_of_nothing_holds_nothing(void **state)
{
	struct buf *b = buf_new(mem, 0);

	(void)state;
	buf_text(b, "");
	assert_false(buf_over(b));
	buf_text(b, "x");
	assert_true(buf_over(b));
	assert_string_equal(b->s, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additions_are_kept_in_order),
		cmocka_unit_test(it_grows_to_its_ceiling_and_no_further),
		cmocka_unit_test(after_something_was_left_out_nothing_is_added),
		cmocka_unit_test(a_ceiling_of_nothing_holds_nothing),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
