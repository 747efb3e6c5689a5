/* test_acr - how strongly somebody signed in */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "oidc/acr.h"
#include "world.h"

static struct words
words(const char *s)
{
	return words_split(world.rq->mem, s, ' ');
}

static void
the_level_is_the_highest_that_the_factors_satisfy(void **state)
{
	static const struct { const char *methods; int level; } cases[] = {
		{ "", 0 }, { "fed", 0 }, { "otp", 0 }, { "pwd", 1 }, { "sms", 2 },
		{ "email_otp", 2 }, { "swk", 3 }, { "hwk", 3 }, { "pwd sms", 3 }, { "sms pwd", 3 },
		{ "pwd email_otp", 3 }, { "pwd otp", 4 }, { "pwd sms otp", 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(acr_level(words(cases[i].methods)), cases[i].level);
}

static int
wanted(const char *asked, const char *methods)
{
	return acr_wanted(world.rq->pool, words(asked), words(methods));
}

static void
the_first_level_within_reach_is_wanted_and_unknown_ones_are_passed_over(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	assert_int_equal(wanted("", "pwd"), 0);
	assert_int_equal(wanted("urn:cognito:loa:1", "pwd"), 1);
	assert_int_equal(wanted("urn:cognito:loa:4 urn:cognito:loa:1", "pwd"), 1);
	assert_int_equal(wanted("urn:cognito:loa:4 urn:cognito:loa:1", "pwd otp"), 4);
	assert_int_equal(wanted("urn:cognito:loa:1 urn:cognito:loa:4", "pwd otp"), 1);
	assert_int_equal(wanted("urn:other urn:cognito:loa:2", "swk"), 2);
	assert_int_equal(wanted("urn:cognito:loa:4", "pwd sms"), 0);
	assert_int_equal(wanted("urn:other", "pwd otp"), 0);
}

static void
a_pool_names_its_levels_and_then_their_own_names_are_unknown(void **state)
{
	(void)state;
	world_pool("{'AcrConfiguration': {'Level1': {'AcrValue': 'urn:x:low'}}}", "{}");
	assert_string_equal(acr_name(world.rq->pool->doc, 1), "urn:x:low");
	assert_string_equal(acr_name(world.rq->pool->doc, 2), "urn:cognito:loa:2");
	assert_int_equal(wanted("urn:cognito:loa:1", "pwd"), 0);
	assert_int_equal(wanted("urn:x:low", "pwd"), 1);
}

static void
on_the_lite_tier_nothing_is_wanted(void **state)
{
	(void)state;
	world_pool("{'UserPoolTier': 'LITE'}", "{}");
	assert_int_equal(wanted("urn:cognito:loa:1", "pwd"), 0);
}

static void
note(const char *methods, const char *acr, const char *amr)
{
	const struct session session = { .methods = methods, .auth_time = 5 };
	struct grant grant = { 0 };

	acr_note(world.rq, &session, &grant);
	assert_int_equal(grant.auth_time, 5);
	if (acr == NULL)
		assert_null(grant.acr);
	else
		assert_string_equal(grant.acr, acr);
	if (amr == NULL)
		assert_null(grant.amr);
	else
		assert_string_equal(grant.amr, amr);
}

static void
a_grant_notes_the_level_and_the_methods_with_mfa_for_two(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	note("pwd", "urn:cognito:loa:1", "pwd");
	note("swk", "urn:cognito:loa:3", "swk");
	note("pwd otp", "urn:cognito:loa:4", "pwd otp mfa");
	note("fed", NULL, "fed");
	note("", NULL, NULL);
	note(NULL, NULL, NULL);		/* a session of before methods were noted */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_level_is_the_highest_that_the_factors_satisfy),
		cmocka_unit_test(
		    the_first_level_within_reach_is_wanted_and_unknown_ones_are_passed_over),
		cmocka_unit_test(a_pool_names_its_levels_and_then_their_own_names_are_unknown),
		cmocka_unit_test(on_the_lite_tier_nothing_is_wanted),
		cmocka_unit_test(a_grant_notes_the_level_and_the_methods_with_mfa_for_two),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
