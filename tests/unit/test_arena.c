/* test_arena - memory of one request */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

static int released[3], nreleased;

static void
note_release(void *object)
{
	released[nreleased++] = *(int *)object;
}

static void
memory_comes_zeroed_and_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4096, 16 * 1024, 100000, 3 };
	struct arena *mem = arena_new();
	unsigned char *got[9];

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		got[i] = arena_alloc(mem, sizes[i]);
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(got[i][j], 0);
		memset(got[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < 9; i++)
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(got[i][j], i + 1);
	arena_free(&mem);
	assert_null(mem);
}

static void
memory_is_zeroed_again_after_a_reset(void **state)
{
	struct arena *mem = arena_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		unsigned char *p = arena_alloc(mem, 1000);

		for (size_t i = 0; i < 1000; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, 1000);
		arena_reset(mem);
	}
	arena_free(&mem);
}

static void
a_large_thing_leaves_room_for_small_ones(void **state)
{
	struct arena *mem = arena_new();
	char *a = arena_dup(mem, "before");
	char *large = arena_alloc(mem, 200000);
	char *b = arena_dup(mem, "after");

	(void)state;
	memset(large, 'x', 200000);
	assert_string_equal(a, "before");
	assert_string_equal(b, "after");
	arena_free(&mem);
}

static void
copies_and_formats_end_with_nul(void **state)
{
	struct arena *mem = arena_new();

	(void)state;
	assert_string_equal(arena_dup(mem, ""), "");
	assert_string_equal(arena_dupn(mem, "abcdef", 3), "abc");
	assert_string_equal(arena_dupn(mem, NULL, 0), "");
	assert_string_equal(arena_printf(mem, "%s-%d", "x", 7), "x-7");
	assert_int_equal(strlen(arena_printf(mem, "%05000d", 1)), 5000);
	arena_free(&mem);
}

static void
deferred_calls_run_last_first(void **state)
{
	struct arena *mem = arena_new();
	int objects[] = { 1, 2, 3 };

	(void)state;
	for (int i = 0; i < 3; i++)
		arena_defer(mem, note_release, &objects[i]);
	arena_reset(mem);
	assert_int_equal(nreleased, 3);
	assert_int_equal(released[0], 3);
	assert_int_equal(released[1], 2);
	assert_int_equal(released[2], 1);
	arena_free(&mem);
	assert_int_equal(nreleased, 3);
	arena_free(&mem);	/* NULL by now */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_comes_zeroed_and_apart),
		cmocka_unit_test(memory_is_zeroed_again_after_a_reset),
		cmocka_unit_test(a_large_thing_leaves_room_for_small_ones),
		cmocka_unit_test(copies_and_formats_end_with_nul),
		cmocka_unit_test(deferred_calls_run_last_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
