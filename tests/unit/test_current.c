/* test_current - the browser's session */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/current.h"
#include "base/text.h"
#include "world.h"

enum { HOUR = 3600 * 1000 };

static char cookie[64];

static bool
is_signed_in(const char *value)
{
	const struct session *session;
	const struct user *user;

	assert_int_equal(current_session(world.rq, value, &session, &user), 0);
	assert_true((session == NULL) == (user == NULL));
	return session != NULL;
}

static void
sign_in(void)
{
	const struct session *session;
	const char *value;

	world_pool("{}", "{}");
	world_create("alice", "CONFIRMED", "", false, "[]");
	assert_int_equal(current_begin(world.rq, world_user("alice"), "pwd", &session, &value), 0);
	assert_int_equal(session->auth_time, world.rq->now / 1000);
	(void)snprintf(cookie, sizeof(cookie), "%s", value);
	world_step(0);
}

static void
a_session_lives_an_hour_and_does_not_slide(void **state)
{
	const struct session *session;
	const struct user *user;

	(void)state;
	sign_in();
	assert_int_equal(current_session(world.rq, cookie, &session, &user), 0);
	assert_string_equal(user->username, "alice");
	world_step(HOUR / 2);
	assert_true(is_signed_in(cookie));
	world_step(HOUR / 2 - 1);
	assert_true(is_signed_in(cookie));
	world_step(1);
	assert_false(is_signed_in(cookie));
}

static void
no_cookie_and_a_foreign_cookie_are_nobodys(void **state)
{
	(void)state;
	sign_in();
	assert_false(is_signed_in(NULL));
	assert_false(is_signed_in(""));
	assert_false(is_signed_in("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
	world_pool("{}", "{}");		/* another pool */
	assert_false(is_signed_in(cookie));
}

static void
ending_a_session_ends_it(void **state)
{
	(void)state;
	sign_in();
	current_end(world.rq, cookie);
	current_end(world.rq, NULL);
	current_end(world.rq, "unknown");
	world_step(0);
	assert_false(is_signed_in(cookie));
}

static void
a_disabled_user_has_no_session(void **state)
{
	const struct user *alice;
	struct json *doc;

	(void)state;
	sign_in();
	alice = world_user("alice");
	doc = json_copy(world.rq->mem, alice->doc);
	json_set_bool(doc, "Enabled", false);
	assert_int_equal(user_change(world.rq, world.rq->pool, alice, doc), 0);
	world_step(0);
	assert_false(is_signed_in(cookie));
}

static void
a_successor_of_the_same_name_does_not_inherit_it(void **state)
{
	(void)state;
	sign_in();
	user_drop(world.rq, world.rq->pool, world_user("alice"));
	world_step(0);
	assert_false(is_signed_in(cookie));
	world_create("alice", "CONFIRMED", "", false, "[]");
	assert_false(is_signed_in(cookie));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_lives_an_hour_and_does_not_slide),
		cmocka_unit_test(no_cookie_and_a_foreign_cookie_are_nobodys),
		cmocka_unit_test(ending_a_session_ends_it),
		cmocka_unit_test(a_disabled_user_has_no_session),
		cmocka_unit_test(a_successor_of_the_same_name_does_not_inherit_it),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
