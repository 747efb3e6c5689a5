/* test_watch - clocks that leap */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../common/store/watch.c"
#include "world.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };
static const int64_t DAY = 24 * HOUR, YEAR = 365 * (int64_t)24 * HOUR;
static const int64_t START = INT64_C(1800000000000);

static bool
believed(int64_t now)
{
	bool answer;

	world.rq->now = now;
	assert_int_equal(watch_clock(world.rq, &answer), 0);
	assert_int_equal(kv_apply(world.rq), 0);
	return answer;
}

/* Every minute until then; what was said last. */
static bool
went_on(int64_t from, int64_t until)
{
	bool answer = false;

	for (; from <= until; from += MINUTE)
		answer = believed(from);
	return answer;
}

static void
restarted(void)
{
	memset(&my, 0, sizeof(my));
}

static int
begin(void **state)
{
	restarted();
	kv_drop(world.rq, watch_key(world.rq));
	assert_int_equal(kv_apply(world.rq), 0);
	assert_true(believed(START));
	(void)state;
	return 0;
}

static void
a_clock_that_goes_on_is_believed(void **state)
{
	(void)state;
	assert_true(went_on(START, START + 2 * HOUR));
	assert_true(believed(START + 20 * HOUR));
}

static void
a_leap_forward_is_not_and_setting_it_right_ends_that(void **state)
{
	(void)state;
	assert_false(believed(START + YEAR));
	assert_false(believed(START + YEAR + HOUR / 2));
	assert_true(believed(START + HOUR));
	assert_true(believed(START + 2 * HOUR));
}

static void
a_leap_that_goes_on_for_a_day_is_believed(void **state)
{
	int64_t there = START + YEAR;

	(void)state;
	assert_false(went_on(there, there + DAY - MINUTE));
	assert_true(believed(there + DAY));
	assert_true(believed(there + DAY + HOUR));
}

static void
a_new_process_remembers_the_doubt_and_the_proof_so_far(void **state)
{
	int64_t there = START + YEAR;

	(void)state;
	assert_false(went_on(there, there + DAY / 2));
	restarted();
	assert_false(went_on(there + DAY / 2 + MINUTE, there + DAY - 2 * MINUTE));
	assert_true(went_on(there + DAY - MINUTE, there + DAY));
}

static void
two_leaps_are_no_proof_of_each_other(void **state)
{
	int64_t there = START + YEAR;

	(void)state;
	assert_false(believed(there));
	assert_false(believed(there + DAY));
	assert_false(believed(there + DAY + DAY));
	assert_false(went_on(there + 2 * DAY, there + 3 * DAY - MINUTE));
	assert_true(believed(there + 3 * DAY));
}

static void
a_clock_set_far_back_sweeps_little_and_is_the_measure_after_a_day(void **state)
{
	int64_t there = START - YEAR;

	(void)state;
	assert_true(went_on(there, there + DAY));
	assert_false(believed(START));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_clock_that_goes_on_is_believed, begin),
		cmocka_unit_test_setup(a_leap_forward_is_not_and_setting_it_right_ends_that, begin),
		cmocka_unit_test_setup(a_leap_that_goes_on_for_a_day_is_believed, begin),
		cmocka_unit_test_setup(a_new_process_remembers_the_doubt_and_the_proof_so_far,
		    begin),
		cmocka_unit_test_setup(two_leaps_are_no_proof_of_each_other, begin),
		cmocka_unit_test_setup(
		    a_clock_set_far_back_sweeps_little_and_is_the_measure_after_a_day, begin),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
