/* test_gate - who may be inside, and what the next one does after a death
 *
 * The engine is a counter in shared memory. Each test has a gate of its own and runs its actors as
 * processes, because a gate is a process's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/rq.h"
#include "store/gate.h"

static struct conf settings;
const struct conf *const conf = &settings;

static struct {
	_Atomic int recovered, joined, abandoned, synced, inside, overlaps;
	_Atomic int recover_answer, join_answer, sync_answer;
	_Atomic int ready, go;
} *seen;

static struct arena *mem;

static int
fake_recover(uint32_t *log_r)
{
	*log_r = 1;
	seen->recovered++;
	return seen->recover_answer;
}

static int
fake_join(void)
{
	seen->joined++;
	return seen->join_answer;
}

static void
fake_abandon(void)
{
	seen->abandoned++;
}

static int
fake_sync(uint32_t log)
{
	(void)log;
	seen->synced++;
	return seen->sync_answer;
}

static void
fake_forget(void)
{
}

static const struct gate_engine fake = {
	"one", fake_recover, fake_join, fake_abandon, fake_sync, fake_forget
};
static const struct gate_engine other = {
	"two", fake_recover, fake_join, fake_abandon, fake_sync, fake_forget
};

static int
begin(void **state)
{
	char folder[] = "/tmp/test_gate.XXXXXX";

	(void)state;
	mem = arena_new();
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || mkdtemp(folder) == NULL)
		return -1;
	settings.data = arena_printf(mem, "%s/data", folder);
	settings.run = arena_printf(mem, "%s/run", folder);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	gate_close();
	(void)unlink(arena_printf(mem, "%s/gate", settings.run));
	(void)unlink(arena_printf(mem, "%s/lock", settings.data));
	(void)rmdir(settings.run);
	(void)rmdir(settings.data);
	(void)rmdir(arena_dupn(mem, settings.run, strlen(settings.run) - strlen("/run")));
	(void)munmap(seen, sizeof(*seen));
	arena_free(&mem);
	return 0;
}

/* Runs act in a process of its own, which ends with what it returns. */
static pid_t
start(int (*act)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act());
	return pid;
}

/* The exit status of a process, or the signal that ended it, negative. */
static int
finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void
pause_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 },
	    NULL);
}

static void
wait_for(_Atomic int *what)
{
	while (*what == 0)
		pause_ms(1);
}

static void
visit(void)
{
	assert_int_equal(gate_enter(&fake), 0);
	gate_leave(true);
}

static int
act_visit(void)
{
	if (gate_enter(&fake) != 0)
		return 1;
	gate_leave(true);
	return 0;
}

static int
act_die_inside(void)
{
	return gate_enter(&fake) == 0 ? raise(SIGKILL) : 1;
}

static int
act_die_outside(void)
{
	return act_visit() == 0 ? raise(SIGKILL) : 1;
}

static int
act_stop_inside(void)
{
	if (gate_enter(&fake) != 0)
		return 1;
	seen->ready = 1;
	return raise(SIGSTOP);
}

static int
act_stop_in_recovery(void)
{
	if (gate_enter(&fake) != 0)
		return 1;
	gate_lengthy();
	seen->ready = 1;
	return raise(SIGSTOP);
}

static int
act_count(void)
{
	int i;

	for (i = 0; i < 2000; i++) {
		if (gate_enter(&fake) != 0)
			return 1;
		if (atomic_fetch_add(&seen->inside, 1) != 0)
			seen->overlaps++;
		atomic_fetch_sub(&seen->inside, 1);
		gate_leave(true);
	}
	return 0;
}

static int
act_commit(void)
{
	uint64_t number;
	int i;

	for (i = 0; i < 200; i++) {
		if (gate_enter(&fake) != 0)
			return 1;
		number = gate_commit(1, 10);
		gate_leave(true);
		if (gate_sync(number) != 0)
			return 2;
	}
	return 0;
}

static int
act_other_version(void)
{
	int64_t start_ms = clock_steady();

	if (gate_enter(&other) != FAULT)
		return 1;
	return clock_steady() - start_ms < 4000 ? 0 : 2;
}

static void
the_first_one_in_recovers_and_the_second_joins(void **state)
{
	(void)state;
	visit();
	assert_int_equal(seen->recovered, 1);
	assert_int_equal(finish(start(act_visit)), 0);
	assert_int_equal(seen->recovered, 1);
	assert_int_equal(seen->joined, 1);
	visit();
	assert_int_equal(seen->joined, 1);
}

static void
after_a_death_inside_the_next_one_recovers_and_the_others_join_again(void **state)
{
	struct gate_counts counts;

	(void)state;
	visit();
	assert_int_equal(finish(start(act_die_inside)), -SIGKILL);
	assert_int_equal(finish(start(act_visit)), 0);
	assert_int_equal(seen->recovered, 2);
	seen->joined = seen->abandoned = 0;
	visit();
	assert_int_equal(seen->recovered, 2);
	assert_int_equal(seen->abandoned, 1);
	assert_int_equal(seen->joined, 1);
	gate_counts(&counts);
	assert_int_equal(counts.deaths, 1);
	assert_int_equal(counts.recoveries, 2);
}

static void
after_a_death_outside_nobody_recovers(void **state)
{
	(void)state;
	visit();
	assert_int_equal(finish(start(act_die_outside)), -SIGKILL);
	visit();
	assert_int_equal(seen->recovered, 1);
}

static void
whoever_leaves_after_an_error_makes_the_next_one_recover(void **state)
{
	(void)state;
	assert_int_equal(gate_enter(&fake), 0);
	gate_leave(false);
	visit();
	assert_int_equal(seen->recovered, 2);
}

static void
a_recovery_that_fails_lets_nobody_in_and_is_tried_again(void **state)
{
	(void)state;
	seen->recover_answer = FAULT;
	assert_int_equal(gate_enter(&fake), FAULT);
	assert_int_equal(gate_enter(&fake), FAULT);
	assert_int_equal(seen->recovered, 2);
	seen->recover_answer = 0;
	visit();
	assert_int_equal(seen->recovered, 3);
}

static void
what_cannot_be_joined_is_recovered(void **state)
{
	(void)state;
	visit();
	seen->join_answer = FAULT;
	assert_int_equal(finish(start(act_visit)), 0);
	assert_int_equal(seen->recovered, 2);
}

static void
a_program_that_may_not_use_the_store_leaves_it_as_it_is(void **state)
{
	(void)state;
	visit();
	seen->join_answer = REFUSED;
	assert_int_equal(finish(start(act_visit)), 1);
	visit();
	assert_int_equal(seen->recovered, 1);
}

static void
only_one_process_is_inside(void **state)
{
	pid_t pids[8];
	int i;

	(void)state;
	for (i = 0; i < 8; i++)
		pids[i] = start(act_count);
	for (i = 0; i < 8; i++)
		assert_int_equal(finish(pids[i]), 0);
	assert_int_equal(seen->overlaps, 0);
	assert_int_equal(seen->recovered, 1);
}

static void
evicts(int (*act)(void))
{
	struct gate_counts counts;
	int64_t start_ms;
	pid_t pid;

	visit();
	pid = start(act);
	wait_for(&seen->ready);
	start_ms = clock_steady();
	visit();
	assert_in_range(clock_steady() - start_ms, 500, 3000);
	assert_int_equal(finish(pid), -SIGKILL);
	assert_int_equal(seen->recovered, 2);
	gate_counts(&counts);
	assert_int_equal(counts.evictions, 1);
}

static void
a_stopped_holder_is_evicted_within_three_seconds(void **state)
{
	(void)state;
	evicts(act_stop_inside);
}

static void
a_holder_that_stopped_in_a_long_hold_is_evicted_as_well(void **state)
{
	(void)state;
	evicts(act_stop_in_recovery);
}

static void
a_sync_serves_all_who_wait(void **state)
{
	pid_t pids[8];
	int i;

	(void)state;
	for (i = 0; i < 8; i++)
		pids[i] = start(act_commit);
	for (i = 0; i < 8; i++)
		assert_int_equal(finish(pids[i]), 0);
	assert_in_range(seen->synced, 1, 1600);
	visit();
	assert_int_equal(gate_newest(), 1600);
}

static void
what_is_synced_already_is_not_synced_again(void **state)
{
	uint64_t first, second;

	(void)state;
	assert_int_equal(gate_enter(&fake), 0);
	first = gate_commit(1, 10);
	second = gate_commit(1, 10);
	gate_leave(true);
	assert_int_equal(gate_sync(second), 0);
	assert_int_equal(gate_sync(first), 0);
	assert_int_equal(seen->synced, 1);
}

static void
a_failed_sync_acknowledges_nothing_and_makes_the_next_one_recover(void **state)
{
	uint64_t first, second;

	(void)state;
	assert_int_equal(gate_enter(&fake), 0);
	first = gate_commit(1, 10);
	second = gate_commit(1, 10);
	gate_leave(true);
	seen->sync_answer = FAULT;
	assert_int_equal(gate_sync(first), FAULT);
	seen->sync_answer = 0;
	assert_int_equal(gate_sync(second), FAULT);
	assert_int_equal(seen->synced, 1);
	visit();
	assert_int_equal(seen->recovered, 2);
}

static void
two_hundred_dead_attachments_are_cleaned_up_by_one_recovery(void **state)
{
	struct gate_counts counts;
	int i;

	(void)state;
	visit();
	for (i = 0; i < 199; i++)
		assert_int_equal(finish(start(act_die_outside)), -SIGKILL);
	gate_reap();
	visit();
	assert_int_equal(seen->recovered, 1);
	assert_int_equal(finish(start(act_die_outside)), -SIGKILL);
	gate_reap();
	visit();
	assert_int_equal(seen->recovered, 2);
	gate_counts(&counts);
	assert_int_equal(counts.recycles, 1);
}

static void
processes_that_close_leave_nothing_to_clean_up(void **state)
{
	struct gate_counts counts;
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		visit();
		gate_close();
	}
	visit();
	gate_reap();
	visit();
	gate_counts(&counts);
	assert_int_equal(counts.recoveries, 1);
}

static void
another_library_is_kept_out_while_this_one_is_in_use(void **state)
{
	(void)state;
	visit();
	assert_int_equal(finish(start(act_other_version)), 0);
	visit();
	assert_int_equal(seen->recovered, 1);
	gate_close();
	assert_int_equal(gate_enter(&other), 0);
	gate_leave(true);
	assert_int_equal(seen->recovered, 2);
}

static int
act_visit_twice(void)
{
	if (act_visit() != 0)
		return 1;
	seen->ready = 1;
	wait_for(&seen->go);
	return act_visit();
}

static int
act_visit_another_store(void)
{
	settings.data = arena_printf(mem, "%s2", settings.data);
	return act_visit();
}

/* Two stores in one shared memory lose each other's acknowledged writes. */
static void
one_gate_is_not_for_two_stores_at_once(void **state)
{
	const char *elsewhere = arena_printf(mem, "%s2", settings.data);

	(void)state;
	visit();
	assert_int_equal(finish(start(act_visit_another_store)), 1);
	visit();
	assert_int_equal(seen->recovered, 1);
	gate_close();
	assert_int_equal(finish(start(act_visit_another_store)), 0);
	assert_int_equal(seen->recovered, 2);
	(void)unlink(arena_printf(mem, "%s/lock", elsewhere));
	(void)rmdir(elsewhere);
}

static void
a_process_whose_gate_was_deleted_ends_before_it_does_harm(void **state)
{
	pid_t pid;

	(void)state;
	pid = start(act_visit_twice);
	wait_for(&seen->ready);
	assert_int_equal(unlink(arena_printf(mem, "%s/gate", settings.run)), 0);
	visit();	/* waits until the other one must have noticed */
	assert_int_equal(seen->recovered, 2);
	seen->go = 1;
	assert_int_equal(finish(pid), EX_SOFTWARE);
}

static void
a_gate_copied_while_somebody_was_inside_opens_again(void **state)
{
	const char *path, *copy;
	char bytes[65536];
	FILE *f;
	size_t n;
	pid_t pid;

	(void)state;
	pid = start(act_stop_inside);
	wait_for(&seen->ready);
	path = arena_printf(mem, "%s/gate", settings.run);
	copy = arena_printf(mem, "%s/copy", settings.run);
	assert_non_null(f = fopen(path, "r"));
	n = fread(bytes, 1, sizeof(bytes), f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(finish(pid), -SIGKILL);
	assert_non_null(f = fopen(copy, "w"));
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(rename(copy, path), 0);
	visit();
	assert_int_equal(seen->recovered, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_one_in_recovers_and_the_second_joins),
		TEST(after_a_death_inside_the_next_one_recovers_and_the_others_join_again),
		TEST(after_a_death_outside_nobody_recovers),
		TEST(whoever_leaves_after_an_error_makes_the_next_one_recover),
		TEST(a_recovery_that_fails_lets_nobody_in_and_is_tried_again),
		TEST(what_cannot_be_joined_is_recovered),
		TEST(a_program_that_may_not_use_the_store_leaves_it_as_it_is),
		TEST(only_one_process_is_inside),
		TEST(a_stopped_holder_is_evicted_within_three_seconds),
		TEST(a_holder_that_stopped_in_a_long_hold_is_evicted_as_well),
		TEST(a_sync_serves_all_who_wait),
		TEST(what_is_synced_already_is_not_synced_again),
		TEST(a_failed_sync_acknowledges_nothing_and_makes_the_next_one_recover),
		TEST(two_hundred_dead_attachments_are_cleaned_up_by_one_recovery),
		TEST(processes_that_close_leave_nothing_to_clean_up),
		TEST(another_library_is_kept_out_while_this_one_is_in_use),
		TEST(one_gate_is_not_for_two_stores_at_once),
		TEST(a_process_whose_gate_was_deleted_ends_before_it_does_harm),
		TEST(a_gate_copied_while_somebody_was_inside_opens_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
