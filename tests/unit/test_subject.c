/* test_subject - under which name attempts of somebody, or of nobody, are counted */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "account/subject.h"
#include "base/text.h"
#include "store/throttle.h"
#include "world.h"

static const char *
subject(const char *what, const char *name, bool nobody)
{
	const char *found;

	assert_int_equal(subject_of(world.rq, what, name, nobody, &found), 0);
	return found;
}

static void
every_count_is_one_of_its_own(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	assert_string_equal(subject("password", "alice", false),
	    subject("password", "alice", false));
	assert_string_not_equal(subject("password", "alice", false),
	    subject("sign-up", "alice", false));
	assert_string_not_equal(subject("password", "alice", false),
	    subject("password", "alice", true));
}

static void
case_counts_where_the_pool_says_so(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	assert_string_not_equal(subject("password", "Bob", true), subject("password", "bob", true));
	world_pool("{'UsernameConfiguration':{'CaseSensitive':false}}", "{}");
	assert_string_equal(subject("password", "Bob", true), subject("password", "bob", true));
}

/* The name itself is nowhere in it, nor anything that follows from the name alone. */
static void
what_nobody_is_called_has_one_of_a_fixed_number_of_places(void **state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_";
	size_t place = strlen("password?") + 3;

	(void)state;
	world_pool("{}", "{}");
	for (int i = 0; i < 1000; i++) {
		const char *name = arena_printf(world.rq->mem, "nobody-%d", i);
		const char *s = subject("password", name, true);

		assert_memory_equal(s, "password?", strlen("password?"));
		assert_int_equal(strcspn(s, "~"), place);
		assert_int_equal(strspn(s + place + 1, letters), 43);
		assert_string_equal(s, subject("password", name, true));
	}
}

/* Equal work and equal answers until others take the place. */
static void
a_place_counts_the_last_of_its_names(void **state)
{
	const char *const pool = "p", *one = "password?abc~one", *two = "password?abc~two";
	struct throttle throttle;

	(void)state;
	for (int64_t i = 0; i < 3; i++) {
		assert_int_equal(throttle_put(world.rq, pool, one, i + 1, world.rq->now + 9000), 0);
		world_step(1);
	}
	assert_int_equal(throttle_get(world.rq, pool, one, &throttle), 0);
	assert_int_equal(throttle.failures, 3);
	assert_int_equal(throttle_get(world.rq, pool, two, &throttle), 0);
	assert_int_equal(throttle.failures, 0);
	assert_int_equal(throttle.last, 0);
	assert_int_equal(throttle_put(world.rq, pool, two, 1, world.rq->now + 9000), 0);
	world_step(1);
	assert_int_equal(throttle_get(world.rq, pool, two, &throttle), 0);
	assert_int_equal(throttle.failures, 1);
	assert_int_equal(throttle_get(world.rq, pool, one, &throttle), 0);
	assert_int_equal(throttle.failures, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_count_is_one_of_its_own),
		cmocka_unit_test(case_counts_where_the_pool_says_so),
		cmocka_unit_test(what_nobody_is_called_has_one_of_a_fixed_number_of_places),
		cmocka_unit_test(a_place_counts_the_last_of_its_names),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
