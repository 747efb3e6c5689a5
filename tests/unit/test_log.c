/* test_log - one line per event */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rq.h"

static char path[] = "/tmp/tarn-log-XXXXXX";
static struct arena *mem;

static int
begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	mem = arena_new();
	return fd == -1 || close(fd) != 0 ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&mem);
	return unlink(path);
}

/* What the file holds; then it is empty again. */
static const char *
written(void)
{
	char *s = arena_array(mem, 100000, 1);
	FILE *in = fopen(path, "re");

	assert_non_null(in);
	s[fread(s, 1, 99999, in)] = '\0';
	(void)fclose(in);
	assert_int_equal(truncate(path, 0), 0);
	return s;
}

static void
a_line_has_its_fields_in_order(void **state)
{
	int y, mo, d, h, mi, s, ms, end_at = 0;
	const char *line;

	(void)state;
	assert_true(log_open("prog", path, "info"));
	log_line(LOG_WARN, "%s %d", "count", 3);
	line = written();
	assert_int_equal(sscanf(line, "ts=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %n", &y, &mo, &d, &h, &mi,
	    &s,
	    &ms, &end_at), 7);
	assert_string_equal(line + end_at, arena_printf(mem,
	    "level=warn program=prog pid=%ld msg=\"count 3\"\n", (long)getpid()));
}

static void
a_request_brings_its_id_and_program(void **state)
{
	static const struct refusal how = { "invalid_grant", 400, NULL, NULL };
	struct rq *rq = rq_begin("token");
	const char *line;

	(void)state;
	assert_true(log_open("prog", path, "info"));
	assert_int_equal(refuse(rq, &how, "code %s", "used"), REFUSED);
	line = written();
	assert_non_null(strstr(line, arena_printf(mem, " level=note program=token pid=%ld rq=%s "
	    "code=invalid_grant msg=\"code used\"\n", (long)getpid(), rq->id)));
	assert_int_equal(fault(rq, "broken"), FAULT);
	line = written();
	assert_non_null(strstr(line, " level=error program=token "));
	assert_non_null(strstr(line, "msg=\"broken ("));
	assert_non_null(strstr(line, "test_log.c:"));
	rq_end(&rq);
}

static void
nothing_below_the_least_level_is_written(void **state)
{
	(void)state;
	assert_true(log_open("prog", path, "warn"));
	log_line(LOG_DEBUG, "a");
	log_line(LOG_INFO, "b");
	log_line(LOG_NOTE, "c");
	assert_string_equal(written(), "");
	log_line(LOG_WARN, "d");
	log_line(LOG_ERROR, "e");
	assert_non_null(strstr(written(), "level=error"));
}

static void
data_cannot_forge_a_line_or_a_field(void **state)
{
	const char *line;

	(void)state;
	assert_true(log_open("prog", path, "info"));
	log_line(LOG_INFO, "%s", "x\" code=\"y\nts=1 \\ \x1b[0m\x7f \xc3\xa9");
	line = written();
	assert_non_null(strstr(line,
	    "msg=\"x\\\" code=\\\"y?ts=1 \\\\ ?[0m? \xc3\xa9\"\n"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void
a_long_message_is_one_line_still(void **state)
{
	char long_text[20000];
	const char *line;

	(void)state;
	memset(long_text, '"', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_true(log_open("prog", path, "info"));
	log_line(LOG_INFO, "%s", long_text);
	line = written();
	assert_true(strlen(line) <= 4096);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(line[strlen(line) - 2], '"');
}

static void
a_place_that_cannot_be_opened_leaves_the_old_one(void **state)
{
	(void)state;
	assert_true(log_open("prog", path, "info"));
	assert_false(log_open("prog", "/nonexistent/log", "info"));
	log_line(LOG_INFO, "still here");
	assert_non_null(strstr(written(), "still here"));
}

static void
dying_says_why_and_ends_with_70(void **state)
{
	int status;
	pid_t child;

	(void)state;
	assert_true(log_open("prog", path, "info"));
	if ((child = fork()) == 0)
		log_die("no %s left", "room");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	assert_non_null(strstr(written(), "level=error program=prog"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_fields_in_order),
		cmocka_unit_test(a_request_brings_its_id_and_program),
		cmocka_unit_test(nothing_below_the_least_level_is_written),
		cmocka_unit_test(data_cannot_forge_a_line_or_a_field),
		cmocka_unit_test(a_long_message_is_one_line_still),
		cmocka_unit_test(a_place_that_cannot_be_opened_leaves_the_old_one),
		cmocka_unit_test(dying_says_why_and_ends_with_70),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
