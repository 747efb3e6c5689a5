/* test_password - argon2id hashes: ours, and those of the argon2 tool */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/conf.h"
#include "base/rq.h"
#include "base/text.h"
#include "../../common/crypto/password.c"	/* its hash of nobody is tested too */

static struct conf settings = { .argon2_kibibytes = 8192, .argon2_passes = 1 };
const struct conf *const conf = &settings;

/* echo -n 'correct horse' | argon2 somesaltsomesalt -id -k 8192 -t 1 -p 1 -e */
#define TOOL \
	"$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+jQGvnL" \
	"H9sd/RHpVFdneZ1pWEi8VDK30k/E/IE+o3IE"

/* The same with -p 4, and an argon2i hash: -i -k 8192 -t 3 -p 1. */
#define TOOL_P4 \
	"$argon2id$v=19$m=8192,t=1,p=4$c29tZXNhbHRzb21lc2FsdA$YJ3dS6T" \
	"Rfl3OzTkO1TMkCxXwx45SCf+3GPEEsNNyR+o"
#define TOOL_I \
	"$argon2i$v=19$m=8192,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$i6bytItB" \
	"S4kQEidxfnCcCSjQ2nfWT4gq69OOtabMsO4"

static struct rq *rq;

static void
a_hash_verifies_its_password_alone(void **state)
{
	const char *hash, *again;

	(void)state;
	assert_int_equal(password_hash(rq, "correct horse", &hash), 0);
	assert_true(text_starts(hash, "$argon2id$v=19$m=8192,t=1,p=1$"));
	assert_true(password_verify(rq, hash, "correct horse"));
	assert_false(password_verify(rq, hash, "correct horsE"));
	assert_false(password_verify(rq, hash, "correct hors"));
	assert_false(password_verify(rq, hash, ""));
	assert_int_equal(password_hash(rq, "correct horse", &again), 0);
	assert_string_not_equal(hash, again);
}

static void
phc_strings_of_the_argon2_tool_verify(void **state)
{
	(void)state;
	assert_true(password_verify(rq, TOOL, "correct horse"));
	assert_false(password_verify(rq, TOOL, "wrong horse"));
	assert_true(password_verify(rq, TOOL_P4, "correct horse"));
	assert_false(password_verify(rq, TOOL_P4, "wrong horse"));
}

static void
nobody_has_no_password(void **state)
{
	(void)state;
	assert_false(password_verify(rq, NULL, "correct horse"));
	assert_false(password_verify(rq, NULL, ""));
	assert_false(password_verify(rq, "", ""));
	assert_false(password_verify(rq, "plain", "plain"));
	assert_false(password_verify(rq, "$argon2id$v=19$m=8192,t=1,p=1$", ""));
}

static void
the_hash_of_nobody_is_as_well_formed_as_a_real_one(void **state)
{
	const char *hash;

	(void)state;
	assert_int_equal(password_hash(rq, "x", &hash), 0);
	assert_int_equal(strlen(nobody(rq)), strlen(hash));
	assert_int_equal(strncmp(nobody(rq), hash, strlen("$argon2id$v=19$m=8192,t=1,p=1$")), 0);
	assert_false(password_outdated(nobody(rq)));
}

static void
a_password_has_at_most_256_characters_of_any_width(void **state)
{
	const char *longest = "", *hash;

	(void)state;
	for (int i = 0; i < 256; i++)
		longest = arena_printf(rq->mem, "%s\xf0\x9f\x90\x8e", longest);
	assert_int_equal(password_hash(rq, longest, &hash), 0);
	assert_true(password_verify(rq, hash, longest));
	assert_false(password_verify(rq, hash, arena_printf(rq->mem, "%sx", longest)));
	assert_int_equal(password_hash(rq, arena_printf(rq->mem, "%sx", longest), &hash), FAULT);
	assert_null(hash);
}

static void
a_hash_of_other_parameters_is_outdated(void **state)
{
	const char *hash;

	(void)state;
	assert_int_equal(password_hash(rq, "x", &hash), 0);
	assert_false(password_outdated(hash));
	assert_false(password_outdated(TOOL));
	assert_true(password_outdated(TOOL_I));
	settings.argon2_passes = 2;
	assert_true(password_outdated(hash));
	assert_true(password_verify(rq, hash, "x"));
	settings.argon2_passes = 1;
	settings.argon2_kibibytes = 9000;
	assert_true(password_outdated(hash));
	settings.argon2_kibibytes = 8192;
	assert_true(password_outdated("not a hash"));
	assert_true(password_outdated(""));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_verifies_its_password_alone),
		cmocka_unit_test(phc_strings_of_the_argon2_tool_verify),
		cmocka_unit_test(nobody_has_no_password),
		cmocka_unit_test(the_hash_of_nobody_is_as_well_formed_as_a_real_one),
		cmocka_unit_test(a_password_has_at_most_256_characters_of_any_width),
		cmocka_unit_test(a_hash_of_other_parameters_is_outdated),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
