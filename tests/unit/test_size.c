/* test_size - formulas: they grow with what they are made of, and stay within what was measured */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/conf.h"
#include "store/gate.h"
#include "store/size.h"

enum { KB = 1 << 10, MB = 1 << 20 };

static struct conf settings;
const struct conf *const conf = &settings;

static int
begin(void **state)
{
	(void)state;
	settings.workers = 2;
	settings.cache_megabytes = 32;
	return 0;
}

static void
every_worker_of_every_program_and_the_dead_have_a_place(void **state)
{
	(void)state;
	assert_in_range(size_attachments(), 2 * 64 + GATE_LEAKED, 2 * 64 + GATE_LEAKED + 200);
	assert_in_range(size_mutexes(), 14 * size_attachments(), 14 * size_attachments());
	assert_in_range(size_log_table(), 512 * KB, 2 * MB);
	settings.workers = 64;
	assert_in_range(size_attachments(), 64 * 64 + GATE_LEAKED, GATE_SLOTS + GATE_LEAKED);
	assert_in_range(size_log_table(), 4 * MB, 8 * MB);
}

static void
memory_is_the_cache_and_what_manages_it(void **state)
{
	(void)state;
	assert_in_range(size_cache(), 32 * MB, 32 * MB);
	assert_in_range(size_memory(), 42 * MB, 50 * MB);
	settings.cache_megabytes = 4096;
	assert_true(size_memory() > (uint64_t)5 * 1024 * MB);
	assert_true(size_memory() < (uint64_t)6 * 1024 * MB);
}

static void
the_disk_has_room_for_three_logs_and_the_cache(void **state)
{
	(void)state;
	assert_in_range(size_disk(), 44 * MB, 44 * MB);
}

static void
the_cache_that_is_wanted_holds_the_databases(void **state)
{
	(void)state;
	assert_int_equal(size_cache_wanted(400 * (uint64_t)MB), 500);
	assert_int_equal(size_cache_wanted(1), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_worker_of_every_program_and_the_dead_have_a_place,
		    begin),
		cmocka_unit_test_setup(memory_is_the_cache_and_what_manages_it, begin),
		cmocka_unit_test_setup(the_disk_has_room_for_three_logs_and_the_cache, begin),
		cmocka_unit_test_setup(the_cache_that_is_wanted_holds_the_databases, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
