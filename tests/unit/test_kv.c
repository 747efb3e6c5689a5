/* test_kv - the store as rules see it, over the real engine
 *
 * Each test has a store of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/rq.h"
#include "base/text.h"
#include "store/gate.h"
#include "store/kv.h"

static struct conf settings = { .cache_megabytes = 4 };
const struct conf *const conf = &settings;

static struct rq *rq;
static char folder[64];
static bool disk_full;

/* In place of the C library's. */
int
statvfs(const char *restrict path, struct statvfs *restrict st)
{
	(void)path;
	memset(st, 0, sizeof(*st));
	st->f_frsize = 4096;
	st->f_bavail = disk_full ? 1 : 1 << 20;
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	rq = rq_begin("test_kv");
	(void)snprintf(folder, sizeof(folder), "/tmp/test_kv.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	settings.data = arena_printf(rq->mem, "%s/data", folder);
	settings.run = arena_printf(rq->mem, "%s/run", folder);
	return 0;
}

static void
remove_all(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	const char *inner;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
			continue;
		inner = arena_printf(rq->mem, "%s/%s", path, entry->d_name);
		if (unlink(inner) == -1)
			remove_all(inner);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static int
end(void **state)
{
	(void)state;
	kv_close();
	remove_all(folder);
	rq_end(&rq);
	return 0;
}

static const struct kv_key *
user(const char *name)
{
	return kv_key(rq->mem, KV_USER, "pool", name, NULL);
}

static const struct kv_key *
session(const char *name)
{
	return kv_key(rq->mem, KV_SESSION, "pool", name, NULL);
}

static void
put(const struct kv_key *key, const char *text, int64_t expires)
{
	kv_put(rq, key, text, expires);
	assert_int_equal(kv_apply(rq), 0);
}

static const char *
get(const struct kv_key *key)
{
	const struct kv_value *value;

	assert_int_equal(kv_get(rq, key, &value), 0);
	return value == NULL ? NULL : value->text;
}

static size_t
count(const struct kv_key *prefix)
{
	const struct kv_row *rows;
	size_t n;

	assert_int_equal(kv_scan(rq, prefix, NULL, 1000, &rows, &n), 0);
	return n;
}

static void
a_value_is_read_as_it_was_written(void **state)
{
	const struct kv_value *value;

	(void)state;
	assert_null(get(user("ann")));
	put(user("ann"), "{\"a\":1}", 0);
	put(session("s"), "", rq->now + 5000);
	assert_int_equal(kv_get(rq, user("ann"), &value), 0);
	assert_string_equal(value->text, "{\"a\":1}");
	assert_int_equal(value->n, 7);
	assert_int_equal(value->expires, 0);
	assert_int_equal(kv_get(rq, session("s"), &value), 0);
	assert_string_equal(value->text, "");
	assert_int_equal(value->expires, rq->now + 5000);
}

static void
a_value_may_be_long(void **state)
{
	const size_t n = 300 * 1000;
	char *text = arena_alloc(rq->mem, n + 1);
	const struct kv_row *rows;
	size_t found;

	(void)state;
	memset(text, 'x', n);
	put(user("ann"), text, 0);
	put(user("bob"), "short", 0);
	kv_close();
	assert_string_equal(get(user("ann")), text);
	kv_close();
	assert_int_equal(kv_scan(rq, kv_key(rq->mem, KV_USER, NULL), NULL, 10, &rows, &found), 0);
	assert_int_equal(found, 2);
	assert_string_equal(rows[0].value->text, text);
	assert_string_equal(rows[1].value->text, "short");
}

static void
a_key_gives_its_parts_back(void **state)
{
	const struct kv_key *key = kv_key(rq->mem, KV_ALIAS, "pool", "", "v", NULL);

	(void)state;
	assert_int_equal(key->n, 9);
	assert_memory_equal(key->data, "Apool\0\0v\0", 9);
	assert_string_equal(kv_part(rq->mem, key, 0), "pool");
	assert_string_equal(kv_part(rq->mem, key, 1), "");
	assert_string_equal(kv_part(rq->mem, key, 2), "v");
	assert_null(kv_part(rq->mem, key, 3));
	assert_null(kv_part(rq->mem, key, -1));
	assert_null(kv_part(rq->mem, kv_key(rq->mem, KV_META, NULL), 0));
}

static void
a_key_that_is_too_long_matches_nothing_and_cannot_be_written(void **state)
{
	char part[1000];
	const struct kv_value seen = { "x", 1, 0 };

	(void)state;
	memset(part, 'x', sizeof(part));
	part[sizeof(part) - 1] = '\0';
	assert_null(get(user(part)));
	assert_int_equal(count(user(part)), 0);
	kv_expect_absent(rq, user(part));
	assert_int_equal(kv_apply(rq), 0);
	kv_expect_same(rq, user(part), &seen);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
	kv_put(rq, user(part), "x", 0);
	assert_int_equal(kv_apply(rq), FAULT);
	kv_drop(rq, user(part));
	assert_int_equal(kv_apply(rq), FAULT);
	part[993] = '\0';	/* with kind, pool and two NULs: 1,000 */
	put(user(part), "x", 0);
	assert_string_equal(get(user(part)), "x");
	assert_int_equal(count(user(part)), 1);
}

static void
a_scan_matches_whole_parts_in_order(void **state)
{
	const struct kv_row *rows;
	size_t n;

	(void)state;
	kv_put(rq, kv_key(rq->mem, KV_GROUP, "pool", "b", NULL), "2", 0);
	kv_put(rq, kv_key(rq->mem, KV_GROUP, "pool", "a", NULL), "1", 0);
	kv_put(rq, kv_key(rq->mem, KV_GROUP, "pool2", "c", NULL), "3", 0);
	kv_put(rq, kv_key(rq->mem, KV_MEMBER, "pool", "s", "g", NULL), "4", 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(kv_scan(rq, kv_key(rq->mem, KV_GROUP, "pool", NULL), NULL, 10, &rows, &n),
	    0);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].value->text, "1");
	assert_string_equal(rows[1].value->text, "2");
	assert_string_equal(kv_part(rq->mem, rows[1].key, 1), "b");
	assert_int_equal(count(kv_key(rq->mem, KV_GROUP, NULL)), 3);
	assert_int_equal(count(kv_key(rq->mem, KV_GROUP, "poo", NULL)), 0);
}

static void
a_scan_goes_on_after_a_key_and_stops_at_its_most(void **state)
{
	const struct kv_key *prefix = kv_key(rq->mem, KV_USER, "pool", NULL);
	const struct kv_row *rows;
	size_t i, n;

	(void)state;
	for (i = 0; i < 300; i++)
		kv_put(rq, user(arena_printf(rq->mem, "u%03zu", i)), "x",
		    i % 3 == 0 ? rq->now : 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(kv_scan(rq, prefix, NULL, 150, &rows, &n), 0);
	assert_int_equal(n, 150);
	assert_string_equal(kv_part(rq->mem, rows[0].key, 1), "u001");
	assert_string_equal(kv_part(rq->mem, rows[149].key, 1), "u224");
	assert_int_equal(kv_scan(rq, prefix, rows[149].key, 150, &rows, &n), 0);
	assert_int_equal(n, 50);
	assert_string_equal(kv_part(rq->mem, rows[0].key, 1), "u226");
	assert_int_equal(kv_scan(rq, prefix, rows[49].key, 150, &rows, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(kv_scan(rq, prefix, user("u2"), 1, &rows, &n), 0);
	assert_string_equal(kv_part(rq->mem, rows[0].key, 1), "u200");
	assert_int_equal(kv_scan(rq, prefix, NULL, 0, &rows, &n), 0);
	assert_int_equal(n, 0);
}

static void
the_last_put_or_drop_of_a_key_wins(void **state)
{
	(void)state;
	kv_put(rq, user("ann"), "1", 0);
	kv_put(rq, user("ann"), "2", 0);
	kv_put(rq, user("bob"), "1", 0);
	kv_drop(rq, user("bob"));
	kv_drop(rq, user("cid"));
	kv_put(rq, user("cid"), "3", 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_string_equal(get(user("ann")), "2");
	assert_null(get(user("bob")));
	assert_string_equal(get(user("cid")), "3");
}

static void
nothing_collected_is_applied_without_opening_the_store(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(kv_apply(rq), 0);
	kv_put(rq, user("ann"), "1", 0);
	kv_forget(rq);
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(stat(settings.data, &st), -1);
	assert_null(get(user("ann")));
}

static void
what_was_applied_is_not_applied_again(void **state)
{
	(void)state;
	put(user("ann"), "1", 0);
	kv_drop(rq, user("ann"));
	assert_int_equal(kv_apply(rq), 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_null(get(user("ann")));
}

static void
an_expectation_that_is_broken_lets_nothing_be_written(void **state)
{
	const struct kv_value *seen;

	(void)state;
	put(user("ann"), "1", 0);
	assert_int_equal(kv_get(rq, user("ann"), &seen), 0);
	put(user("ann"), "2", 0);
	kv_put(rq, user("bob"), "1", 0);
	kv_expect_same(rq, user("ann"), seen);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
	assert_null(get(user("bob")));
	kv_put(rq, user("bob"), "1", 0);
	kv_expect_absent(rq, user("ann"));
	assert_int_equal(kv_apply(rq), KV_BROKEN);
	assert_null(get(user("bob")));
	kv_expect_same(rq, user("nobody"), seen);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
	assert_int_equal(kv_apply(rq), 0);
}

static void
an_expectation_that_holds_lets_everything_be_written(void **state)
{
	const struct kv_value *seen;

	(void)state;
	put(user("ann"), "1", 0);
	assert_int_equal(kv_get(rq, user("ann"), &seen), 0);
	kv_expect_same(rq, user("ann"), seen);
	kv_expect_absent(rq, user("bob"));
	kv_drop(rq, user("ann"));
	kv_put(rq, user("bob"), "1", 0);
	assert_int_equal(kv_apply(rq), 0);
	assert_null(get(user("ann")));
	assert_string_equal(get(user("bob")), "1");
}

static void
what_has_expired_is_absent_before_it_is_swept(void **state)
{
	const struct kv_value *seen;

	(void)state;
	put(session("s"), "1", rq->now + 10);
	assert_int_equal(kv_get(rq, session("s"), &seen), 0);
	assert_non_null(seen);
	rq->now += 10;
	assert_null(get(session("s")));
	assert_int_equal(count(kv_key(rq->mem, KV_SESSION, NULL)), 0);
	kv_expect_same(rq, session("s"), seen);
	assert_int_equal(kv_apply(rq), KV_BROKEN);
	kv_expect_absent(rq, session("s"));
	assert_int_equal(kv_apply(rq), 0);
}

static void
a_sweep_removes_what_has_expired_and_nothing_else(void **state)
{
	size_t i, n, all = 0;

	(void)state;
	for (i = 0; i < 100; i++)
		kv_put(rq, session(arena_printf(rq->mem, "%zu", i)), "x", rq->now + 10);
	kv_put(rq, user("ann"), "x", rq->now + 10);
	kv_put(rq, session("stays"), "x", 0);
	kv_put(rq, session("longer"), "x", rq->now + 10);
	kv_put(rq, session("kept"), "x", rq->now + 10);
	assert_int_equal(kv_apply(rq), 0);
	put(session("longer"), "x", rq->now + 1000);
	put(session("kept"), "x", 0);
	assert_int_equal(kv_sweep(rq, &n), 0);
	assert_int_equal(n, 0);
	rq->now += 10;
	do {
		assert_int_equal(kv_sweep(rq, &n), 0);
		assert_in_range(n, 0, 64);
		all += n;
	} while (n > 0);
	assert_int_equal(all, 103);
	rq->now -= 10;	/* what is still there would be seen again */
	assert_null(get(user("ann")));
	assert_int_equal(count(kv_key(rq->mem, KV_SESSION, NULL)), 3);
	rq->now += 1000;
	assert_int_equal(kv_sweep(rq, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(count(kv_key(rq->mem, KV_SESSION, NULL)), 2);
	assert_int_equal(kv_verify(rq), 0);
}

static void
everything_is_there_after_closing_and_after_the_shared_memory_is_gone(void **state)
{
	(void)state;
	put(user("ann"), "1", 0);
	put(session("s"), "2", 0);
	kv_close();
	assert_string_equal(get(user("ann")), "1");
	kv_close();
	remove_all(settings.run);
	assert_string_equal(get(user("ann")), "1");
	assert_string_equal(get(session("s")), "2");
}

static void
a_checkpoint_removes_logs_that_are_no_longer_needed(void **state)
{
	char *text = arena_alloc(rq->mem, 100001);
	struct stat st;
	int i;

	(void)state;
	memset(text, 'x', 100000);
	for (i = 0; i < 60; i++)
		put(session(arena_printf(rq->mem, "%d", i)), text, 0);
	assert_int_equal(kv_flush(rq), 0);
	assert_int_equal(kv_checkpoint(rq), 0);
	assert_int_equal(stat(arena_printf(rq->mem, "%s/log/log.0000000001", settings.data), &st),
	    -1);
	kv_close();
	remove_all(settings.run);
	assert_int_equal(count(kv_key(rq->mem, KV_SESSION, NULL)), 60);
}

static void
a_commit_too_many_makes_a_checkpoint_by_itself(void **state)
{
	struct gate_counts counts;
	int i;

	(void)state;
	for (i = 0; i < 8001; i++)
		put(session("s"), "x", 0);
	gate_counts(&counts);
	assert_int_equal(counts.checkpoints, 1);
}

static void
a_child_opens_the_store_for_itself(void **state)
{
	int status;

	(void)state;
	put(user("ann"), "1", 0);
	if (fork() == 0) {
		put(user("bob"), "2", 0);
		_exit(text_equal(get(user("ann")), "1") ? 0 : 1);
	}
	assert_int_not_equal(wait(&status), -1);
	assert_int_equal(status, 0);
	assert_string_equal(get(user("bob")), "2");
	assert_int_equal(kv_verify(rq), 0);
}

static void
the_state_is_another_one_after_anybodys_write(void **state)
{
	uint64_t before;

	(void)state;
	put(user("ann"), "1", 0);
	before = kv_state();
	assert_int_not_equal(before, 0);
	assert_string_equal(get(user("ann")), "1");
	assert_int_equal(kv_state(), before);
	if (fork() == 0) {
		put(user("bob"), "2", 0);
		_exit(0);
	}
	assert_int_not_equal(wait(NULL), -1);
	assert_int_not_equal(kv_state(), before);
	before = kv_state();
	put(session("s"), "x", 0);
	assert_int_not_equal(kv_state(), before);
	assert_int_equal(kv_renew(rq), 0);
	assert_int_equal(kv_state(), 0);
	assert_string_equal(get(user("ann")), "1");
	assert_int_not_equal(kv_state(), 0);
	kv_close();
	assert_int_equal(kv_state(), 0);
}

static void
on_a_full_disk_reading_goes_on_and_nothing_is_written(void **state)
{
	const struct timespec wait = { .tv_nsec = 250 * 1000 * 1000 };
	size_t n;

	(void)state;
	put(user("ann"), "1", 0);
	disk_full = true;
	(void)nanosleep(&wait, NULL);
	kv_put(rq, user("ann"), "2", 0);
	assert_int_equal(kv_apply(rq), FAULT);
	assert_int_equal(kv_sweep(rq, &n), FAULT);
	assert_string_equal(get(user("ann")), "1");
	disk_full = false;
	(void)nanosleep(&wait, NULL);
	put(user("ann"), "2", 0);
}

static size_t
lines_of(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		n += c == '\n';
	assert_int_equal(fclose(f), 0);
	return n;
}

static size_t
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	assert_int_equal(closedir(dir), 0);
	return n;
}

/* The next one in finds the gate as after a death inside. */
static void
leave_dirty(void)
{
	static const struct gate_engine unused;

	assert_int_equal(gate_enter(&unused), 0);
	gate_leave(false);
}

static void
recoveries_by_this_process_and_by_others_lose_and_leak_nothing(void **state)
{
	size_t fds, i, maps;
	int status;

	(void)state;
	put(user("ann"), "0", 0);
	maps = lines_of("/proc/self/maps");
	fds = descriptors();
	for (i = 1; i <= 40; i++) {
		put(user("ann"), arena_printf(rq->mem, "%zu", i), 0);
		leave_dirty();
		if (i % 2 == 0 && fork() == 0)
			_exit(!text_equal(get(user("ann")), arena_printf(rq->mem, "%zu", i)));
		if (i % 2 == 0) {
			assert_int_not_equal(wait(&status), -1);
			assert_int_equal(status, 0);
		}
		assert_string_equal(get(user("ann")), arena_printf(rq->mem, "%zu", i));
	}
	assert_in_range(lines_of("/proc/self/maps"), 0, maps + 3);
	assert_in_range(descriptors(), 0, fds + 1);
	assert_int_equal(kv_verify(rq), 0);
}

static void
a_process_is_worn_after_two_hundred_recoveries(void **state)
{
	int i;

	(void)state;
	put(user("ann"), "1", 0);
	for (i = 0; i < 1000 && !kv_worn(); i++) {
		leave_dirty();
		assert_string_equal(get(user("ann")), "1");
	}
	assert_in_range(i, 100, 200);	/* with those of the tests before */
}

static void
a_damaged_page_is_found(void **state)
{
	char bytes[64];
	int fd;

	(void)state;
	put(user("ann"), "1", 0);
	assert_int_equal(kv_checkpoint(rq), 0);
	assert_int_equal(kv_verify(rq), 0);
	fd = open(arena_printf(rq->mem, "%s/lasting.db", settings.data), O_RDWR);
	assert_int_not_equal(fd, -1);
	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(pwrite(fd, bytes, sizeof(bytes), 2 * 4096 - 64), 64);
	assert_int_equal(close(fd), 0);
	assert_int_equal(kv_verify(rq), FAULT);
}

static void
a_store_of_a_newer_version_is_left_alone(void **state)
{
	const struct kv_key *meta = kv_key(rq->mem, KV_META, NULL);
	const struct kv_value *value;
	struct gate_counts counts;
	const char *text;

	(void)state;
	text = get(meta);
	assert_non_null(strstr(text, "\"OldestReader\":2"));
	put(meta, "{\"Version\":9,\"OldestReader\":9,\"Created\":0}", 0);
	kv_close();
	assert_int_equal(kv_get(rq, meta, &value), FAULT);
	assert_int_equal(kv_get(rq, meta, &value), FAULT);
	gate_counts(&counts);
	assert_int_equal(counts.recoveries, 1);
	assert_int_equal(counts.deaths, 0);
}

/* Runs first: all tests behind it found their stores. */
static void
where_there_is_no_store_only_a_founder_makes_one(void **state)
{
	const struct kv_key *key = kv_key(rq->mem, KV_META, NULL);
	const struct kv_value *value;

	(void)state;
	assert_int_equal(kv_get(rq, key, &value), FAULT);
	assert_int_equal(access(settings.data, F_OK), -1);
	kv_found();
	assert_int_equal(kv_get(rq, key, &value), 0);
	assert_non_null(value);
}

static void
every_kind_has_its_own_letter_and_name(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < KV_NKINDS; i++)
		for (j = 0; j < i; j++) {
			assert_int_not_equal(kv_kinds[i].byte, kv_kinds[j].byte);
			assert_string_not_equal(kv_kinds[i].name, kv_kinds[j].name);
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(where_there_is_no_store_only_a_founder_makes_one),
		TEST(a_value_is_read_as_it_was_written),
		TEST(a_value_may_be_long),
		TEST(a_key_gives_its_parts_back),
		TEST(a_key_that_is_too_long_matches_nothing_and_cannot_be_written),
		TEST(a_scan_matches_whole_parts_in_order),
		TEST(a_scan_goes_on_after_a_key_and_stops_at_its_most),
		TEST(the_last_put_or_drop_of_a_key_wins),
		TEST(nothing_collected_is_applied_without_opening_the_store),
		TEST(what_was_applied_is_not_applied_again),
		TEST(an_expectation_that_is_broken_lets_nothing_be_written),
		TEST(an_expectation_that_holds_lets_everything_be_written),
		TEST(what_has_expired_is_absent_before_it_is_swept),
		TEST(a_sweep_removes_what_has_expired_and_nothing_else),
		TEST(everything_is_there_after_closing_and_after_the_shared_memory_is_gone),
		TEST(a_checkpoint_removes_logs_that_are_no_longer_needed),
		TEST(a_commit_too_many_makes_a_checkpoint_by_itself),
		TEST(a_child_opens_the_store_for_itself),
		TEST(the_state_is_another_one_after_anybodys_write),
		TEST(on_a_full_disk_reading_goes_on_and_nothing_is_written),
		TEST(recoveries_by_this_process_and_by_others_lose_and_leak_nothing),
		TEST(a_process_is_worn_after_two_hundred_recoveries),
		TEST(a_damaged_page_is_found),
		TEST(a_store_of_a_newer_version_is_left_alone),
		TEST(every_kind_has_its_own_letter_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
