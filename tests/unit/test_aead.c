/* test_aead - sealing: who can open what
 *
 * The master keys are read once per process, so each test runs in one of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/rq.h"
#include "crypto/aead.h"

#define KEY_A "a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
#define KEY_B "b AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"

static struct conf settings;
const struct conf *const conf = &settings;

static char folder[] = "/tmp/test_aead.XXXXXX";
static struct rq *rq;

static void
master(const char *text, mode_t mode)
{
	FILE *f;

	settings.master_key = arena_printf(rq->mem, "%s/master.key", folder);
	(void)unlink(settings.master_key);
	assert_non_null(f = fopen(settings.master_key, "w"));
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(settings.master_key, mode), 0);
}

/* Opens in a process that reads the key file anew: the step's answer. */
static int
opened_elsewhere(const char *purpose, const char *text)
{
	unsigned char *data;
	size_t n;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(aead_open(rq, purpose, text, &data, &n) & 255);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (signed char)WEXITSTATUS(status);
}

/* Seals in a process of its own, so that this one has read no key file yet. */
static const char *
sealed_elsewhere(const char *purpose, const char *data)
{
	char text[4096] = "";
	const char *sealed;
	ssize_t n;
	int pipes[2], status;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	if ((pid = fork()) == 0) {
		if (aead_seal(rq, purpose, data, strlen(data), &sealed) != 0)
			_exit(1);
		_exit(write(pipes[1], sealed, strlen(sealed)) < 0);
	}
	(void)close(pipes[1]);
	n = read(pipes[0], text, sizeof(text) - 1);
	(void)close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return arena_dupn(rq->mem, text, (size_t)n);
}

static void
what_is_sealed_opens_for_the_same_purpose_alone(void **state)
{
	const char *text, *again;
	unsigned char *data;
	size_t n;

	(void)state;
	master(KEY_A, 0600);
	assert_int_equal(aead_seal(rq, "totp", "se\0cret", 7, &text), 0);
	assert_int_equal(strncmp(text, "a.", 2), 0);
	assert_int_equal(aead_open(rq, "totp", text, &data, &n), 0);
	assert_int_equal(n, 7);
	assert_memory_equal(data, "se\0cret\0", 8);
	assert_int_equal(aead_open(rq, "client", text, &data, &n), REFUSED);
	assert_null(data);
	assert_int_equal(aead_open(rq, "", text, &data, &n), REFUSED);
	assert_int_equal(aead_seal(rq, "totp", "se\0cret", 7, &again), 0);
	assert_string_not_equal(text, again);
	assert_int_equal(aead_seal(rq, "totp", "", 0, &text), 0);
	assert_int_equal(aead_open(rq, "totp", text, &data, &n), 0);
	assert_int_equal(n, 0);
}

static void
no_byte_can_be_changed_and_none_be_missing(void **state)
{
	unsigned char *data;
	const char *text;
	size_t n, len;

	(void)state;
	master(KEY_A, 0600);
	assert_int_equal(aead_seal(rq, "key", "0123456789", 10, &text), 0);
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			char *bad = arena_dup(rq->mem, text);

			bad[i] = (char)(bad[i] ^ 1 << bit);
			assert_int_equal(aead_open(rq, "key", bad, &data, &n), REFUSED);
			assert_null(data);
		}
		assert_int_equal(aead_open(rq, "key", arena_dupn(rq->mem, text, i), &data, &n),
		    REFUSED);
	}
	assert_int_equal(aead_open(rq, "key", arena_printf(rq->mem, "%sA", text), &data, &n),
	    REFUSED);
}

static void
texts_that_were_never_sealed_are_refused(void **state)
{
	static const char *const cases[] = {
		"", ".", "a", "a.", ".a", "a.AAAA", "a.!!!!", "a..", "plain text",
		"a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"c.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	unsigned char *data;
	size_t n;

	(void)state;
	master(KEY_A, 0600);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(aead_open(rq, "key", cases[i], &data, &n), REFUSED);
}

static void
after_a_rotation_old_texts_open_and_new_ones_use_the_new_key(void **state)
{
	const char *old, *new;

	(void)state;
	master(KEY_A, 0600);
	old = sealed_elsewhere("key", "x");
	assert_int_equal(opened_elsewhere("key", old), 0);
	master(KEY_B KEY_A, 0640);
	new = sealed_elsewhere("key", "x");
	assert_int_equal(strncmp(new, "b.", 2), 0);
	assert_int_equal(opened_elsewhere("key", old), 0);
	assert_int_equal(opened_elsewhere("key", new), 0);
	master(KEY_B, 0600);
	assert_int_equal(opened_elsewhere("key", old), REFUSED);
	master("a AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n", 0600);
	assert_int_equal(opened_elsewhere("key", old), REFUSED);
}

static void
an_unusable_key_file_is_a_fault(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
	} cases[] = {
		{ KEY_A, 0604 }, { KEY_A, 0602 }, { KEY_A, 0601 }, { KEY_A, 0644 },
		{ "", 0600 }, { "\n\n", 0600 }, { "a", 0600 }, { "a AAAA\n", 0600 },
		{ "a.b AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 0600 },
		{ KEY_A KEY_A, 0600 },
		{ KEY_A "b AAAA\n", 0600 },
		{ "abcdefghijabcdefghijabcdefghijabc "
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 0600 },
	};
	const char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		master(cases[i].text, cases[i].mode);
		assert_int_equal(aead_seal(rq, "key", "x", 1, &text), FAULT);
		assert_null(text);
	}
	settings.master_key = "/nonexistent/master.key";
	assert_int_equal(aead_seal(rq, "key", "x", 1, &text), FAULT);
	settings.master_key = folder;
	assert_int_equal(aead_seal(rq, "key", "x", 1, &text), FAULT);
}

static void
a_new_key_file_is_private_usable_and_never_overwrites(void **state)
{
	const char *path = arena_printf(rq->mem, "%s/new.key", folder), *text;
	struct stat st;

	(void)state;
	(void)unlink(path);
	assert_int_equal(aead_create_file(rq, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(aead_create_file(rq, path), FAULT);
	settings.master_key = path;
	text = sealed_elsewhere("key", "x");
	assert_int_equal(opened_elsewhere("key", text), 0);
	(void)unlink(path);
	assert_int_equal(aead_create_file(rq, path), 0);
	assert_int_equal(opened_elsewhere("key", text), REFUSED);
	(void)unlink(path);
	assert_int_equal(aead_create_file(rq, "/nonexistent/new.key"), FAULT);
}

static int
setup(void **state)
{
	(void)state;
	rq = rq_begin("test");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

/* The same for the same, and nothing like it for another purpose, text or key. */
static void
a_mark_is_known_to_those_with_the_key_alone(void **state)
{
	const char *mark, *again, *other;

	(void)state;
	master("a AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", 0600);
	assert_int_equal(aead_mark(rq, "password", "alice", &mark), 0);
	assert_int_equal(aead_mark(rq, "password", "alice", &again), 0);
	/* HMAC-SHA-256(HMAC-SHA-256(00 01 .. 1f, "mark"), "password alice"), by Python's hmac. */
	assert_string_equal(mark, "AWZC8pOIV9mKbLrJkBIoXC2goYc5tGjG5ign_j5p2KE");
	assert_string_equal(again, mark);
	assert_int_equal(aead_mark(rq, "password", "alicf", &other), 0);
	assert_string_not_equal(other, mark);
	assert_int_equal(aead_mark(rq, "confirm", "alice", &other), 0);
	assert_string_not_equal(other, mark);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens_for_the_same_purpose_alone),
		cmocka_unit_test(no_byte_can_be_changed_and_none_be_missing),
		cmocka_unit_test(texts_that_were_never_sealed_are_refused),
		cmocka_unit_test(after_a_rotation_old_texts_open_and_new_ones_use_the_new_key),
		cmocka_unit_test(an_unusable_key_file_is_a_fault),
		cmocka_unit_test(a_mark_is_known_to_those_with_the_key_alone),
		cmocka_unit_test(a_new_key_file_is_private_usable_and_never_overwrites),
	};
	int failed = 0, status;

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		const struct CMUnitTest one[] = { tests[i] };
		pid_t pid = fork();

		if (pid == 0)
			return cmocka_run_group_tests(one, setup, teardown);
		failed += pid == -1 || waitpid(pid, &status, 0) != pid || status != 0;
	}
	(void)unlink("master.key");
	return chdir("/") != 0 || rmdir(folder) != 0 || failed != 0;
}
