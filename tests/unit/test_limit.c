/* test_limit - requests a second; the clock is this file's */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/rq.h"
#include "web/limit.h"

static char folder[] = "/tmp/tarn-limit-XXXXXX";
static int64_t now = 5000000;		/* milliseconds, for both clocks */
static struct rq *rq;

int64_t
clock_now(void)
{
	return now;
}

int64_t
clock_steady(void)
{
	return now;
}

const char *
clock_http(struct arena *mem, int64_t ms)
{
	return arena_printf(mem, "%lld", (long long)ms);
}

const char *
clock_iso(struct arena *mem, int64_t ms)
{
	return arena_printf(mem, "%lld", (long long)ms);
}

/* A file of settings in the folder, read. */
static void
set(const char *settings)
{
	char path[64];
	const char *error;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/conf", folder);
	assert_non_null(file = fopen(path, "we"));
	(void)fprintf(file, "run = %s\n%s", folder, settings);
	assert_int_equal(fclose(file), 0);
	assert_true(conf_read(path, &error));
}

/* What one more request from an address is told; "" : by a command. */
static int
ask(const char *from, enum limit limit, const char *subject, bool proved)
{
	static struct address source;

	if (rq != NULL)
		rq_end(&rq);
	rq = rq_begin("test");
	rq->host = "auth.example";
	if (address_source(from, NULL, "", &source))
		rq->source = &source;
	return limit_take(rq, limit, subject, proved);
}

/* How many of so many get through. */
static int
pass(int n, const char *from, enum limit limit, const char *subject, bool proved)
{
	int passed = 0;

	while (n-- > 0)
		passed += ask(from, limit, subject, proved) == 0;
	return passed;
}

static const char *
head(void)
{
	struct buf *out = buf_new(rq->mem, 4096);

	limit_head(rq, out);
	return out->s;
}

static int
begin(void **state)
{
	(void)state;
	(void)log_open("test", "stderr", "error");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
end(void **state)
{
	char path[64];

	(void)state;
	if (rq != NULL)
		rq_end(&rq);
	(void)snprintf(path, sizeof(path), "%s/conf", folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/limits", folder);
	(void)unlink(path);
	return rmdir(folder);
}

/* Every test at a time of its own, when all buckets are full. */
static int
later(void **state)
{
	(void)state;
	now += 3600 * 1000;
	set("limit_source = 300\nlimit_client = 300\nlimit_domain = 500\nlimit_share = 50\n");
	return 0;
}

static void
a_second_s_worth_at_once_then_as_many_a_second(void **state)
{
	(void)state;
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_SOURCE, NULL, false), 300);
	now += 100;
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_SOURCE, NULL, false), 30);
	now += 5000;
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_SOURCE, NULL, false), 300);
}

static void
one_source_does_not_spend_what_is_another_s(void **state)
{
	(void)state;
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_SOURCE, NULL, false), 300);
	assert_int_equal(pass(400, "192.0.2.2", LIMIT_SOURCE, NULL, false), 300);
	assert_int_equal(pass(400, "2001:db8::1", LIMIT_SOURCE, NULL, false), 300);
	assert_int_equal(pass(400, "2001:db8::2", LIMIT_SOURCE, NULL, false), 0);
	assert_int_equal(pass(1, "2001:db8:0:1::1", LIMIT_SOURCE, NULL, false), 1);
}

/* Runs first: only the folder was set yet. */
static void
the_defaults_are_the_contract_s(void **state)
{
	static const struct { enum limit limit; int most; } rows[] = {
		{ LIMIT_SOURCE, 300 }, { LIMIT_CLIENT, 300 }, { LIMIT_DOMAIN, 500 },
		{ LIMIT_MACHINE, 150 }, { LIMIT_SIGN_IN, 120 }, { LIMIT_CODE, 120 },
	};

	(void)state;
	set("");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(pass(600, "192.0.2.1", rows[i].limit, NULL, true), rows[i].most);
}

static void
a_source_without_proof_takes_its_share_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_CLIENT, "c", false), 150);
	assert_int_equal(pass(400, "192.0.2.2", LIMIT_CLIENT, "c", true), 150);
	assert_int_equal(pass(400, "192.0.2.3", LIMIT_CLIENT, "d", false), 150);
	now += 3600 * 1000;
	set("limit_share = 100\n");
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_CLIENT, "c", false), 300);
	now += 3600 * 1000;
	set("limit_client = 1\nlimit_share = 1\n");
	assert_int_equal(pass(9, "192.0.2.1", LIMIT_CLIENT, "c", false), 1);
}

static void
zero_is_no_limit_and_a_command_has_none(void **state)
{
	(void)state;
	assert_int_equal(pass(9999, "", LIMIT_SOURCE, NULL, false), 9999);
	set("limit_source = 0\n");
	assert_int_equal(pass(9999, "192.0.2.1", LIMIT_SOURCE, NULL, false), 9999);
	assert_string_equal(head(), "");
}

static void
a_handler_that_runs_again_is_counted_once(void **state)
{
	(void)state;
	set("limit_source = 2\n");
	assert_int_equal(ask("192.0.2.1", LIMIT_SOURCE, NULL, false), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(limit_take(rq, LIMIT_SOURCE, NULL, false), 0);
	assert_int_equal(pass(5, "192.0.2.1", LIMIT_SOURCE, NULL, false), 1);
}

static void
the_headers_tell_what_is_left_of_the_scarcest(void **state)
{
	(void)state;
	set("limit_source = 10\nlimit_domain = 4\n");
	assert_int_equal(ask("192.0.2.1", LIMIT_SOURCE, NULL, false), 0);
	assert_string_equal(head(), "RateLimit-Policy: \"source\";q=10;w=1\r\n"
	    "RateLimit: \"source\";r=9;t=1\r\n");
	assert_int_equal(limit_take(rq, LIMIT_DOMAIN, NULL, true), 0);
	assert_string_equal(head(), "RateLimit-Policy: \"domain\";q=4;w=1\r\n"
	    "RateLimit: \"domain\";r=3;t=1\r\n");
	assert_int_equal(pass(9, "192.0.2.1", LIMIT_DOMAIN, NULL, true), 3);
	assert_int_equal(rq->refusal->status, 429);
	assert_string_equal(head(), "RateLimit-Policy: \"domain\";q=4;w=1\r\n"
	    "RateLimit: \"domain\";r=0;t=1\r\nRetry-After: 1\r\n");
}

/* Processes share the table, and one that is killed in the middle of it hinders nobody. */
static void
many_processes_count_as_one(void **state)
{
	int passed = 0, status;
	pid_t pids[4];

	(void)state;
	(void)ask("192.0.2.9", LIMIT_SOURCE, NULL, false);
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(pass(100, "192.0.2.1", LIMIT_SOURCE, NULL, false));
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		passed += WEXITSTATUS(status);
	}
	assert_int_equal(passed, 300);
}

/* More names than there are buckets: nobody new is locked out. */
static void
a_flood_of_names_locks_nobody_out(void **state)
{
	char name[24];

	(void)state;
	set("limit_client = 2\n");
	for (int i = 0; i < 200000; i++) {
		(void)snprintf(name, sizeof(name), "c%d", i);
		assert_int_equal(ask("192.0.2.1", LIMIT_CLIENT, name, true), 0);
	}
}

static void
times_of_another_boot_are_forgotten(void **state)
{
	(void)state;
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_SOURCE, NULL, false), 300);
	now -= 3600 * 1000;
	assert_int_equal(pass(400, "192.0.2.1", LIMIT_SOURCE, NULL, false), 300);
	now += 2 * 3600 * 1000;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_the_contract_s),
		cmocka_unit_test_setup(a_second_s_worth_at_once_then_as_many_a_second, later),
		cmocka_unit_test_setup(one_source_does_not_spend_what_is_another_s, later),
		cmocka_unit_test_setup(a_source_without_proof_takes_its_share_and_no_more, later),
		cmocka_unit_test_setup(zero_is_no_limit_and_a_command_has_none, later),
		cmocka_unit_test_setup(a_handler_that_runs_again_is_counted_once, later),
		cmocka_unit_test_setup(the_headers_tell_what_is_left_of_the_scarcest, later),
		cmocka_unit_test_setup(many_processes_count_as_one, later),
		cmocka_unit_test_setup(a_flood_of_names_locks_nobody_out, later),
		cmocka_unit_test_setup(times_of_another_boot_are_forgotten, later),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
