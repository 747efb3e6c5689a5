/* test_mfa - codes of the second factor: how often they may be guessed at */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/mfa.h"
#include "account/refusals.h"
#include "world.h"

enum { TRIES = 15, PAUSE = 16 * 60 * 1000 };

/* A code is sent and missed, or not even looked at. */
static const struct refusal *
miss(void)
{
	const struct user *user = world_user("alice");
	const struct delivery *delivery;
	const struct refusal *refusal;
	const char *device;

	assert_int_equal(mfa_begin(world.rq, world.client, user, "EMAIL_OTP", &delivery, &device),
	    0);
	world_step(0);
	(void)world_letter();
	user = world_user("alice");
	assert_int_equal(mfa_prove(world.rq, user, "EMAIL_OTP", "no code", &user), REFUSED);
	refusal = world.rq->refusal;
	world_step(PAUSE);
	return refusal;
}

static void
slow_guesses_are_counted_after_the_lock_is_forgotten(void **state)
{
	int i;

	(void)state;
	world_pool("{'MfaConfiguration':'ON','EmailMfaConfiguration':{}}", "{}");
	world_create("alice", "CONFIRMED", "", false,
	    "[{'Name':'email','Value':'a@example.org'}]");
	for (i = 0; i < TRIES; i++)
		assert_ptr_equal(miss(), &code_mismatch);
	assert_ptr_equal(miss(), &too_often);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_guesses_are_counted_after_the_lock_is_forgotten),
	};

	return cmocka_run_group_tests_name("mfa", tests, world_begin, world_end);
}
