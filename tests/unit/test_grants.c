/* test_grants - codes, sessions, families, tickets, throttles, letters */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "oidc/grant.h"
#include "store/outbox.h"
#include "store/throttle.h"
#include "store/ticket.h"
#include "world.h"

/* Of the present request: what an earlier one read is gone with it. */
static const char *
pool(void)
{
	return world.rq->pool->id;
}

static void
one_user(void)
{
	world_pool("{}", "{}");
	world_create("alice", "CONFIRMED", "", false, "[]");
}

static struct grant
a_grant(const char *id)
{
	const struct user *user = world_user("alice");

	return (struct grant){ .id = id, .client = "client", .username = user->username,
		.sub = user->sub, .scope = "openid email", .auth_time = world.rq->now / 1000,
		.created = world.rq->now, .expires = world.rq->now + 3600 * 1000 };
}

static void
put_code(const char *hash)
{
	struct code code = { .grant = a_grant("jti"), .redirect_uri = "https://a.example/",
		.challenge = "c" };

	assert_int_equal(code_put(world.rq, pool(), hash, &code), 0);
	world_step(1);
}

static const struct code *
take_code(const char *hash)
{
	const struct code *code;

	assert_int_equal(code_take(world.rq, pool(), hash, &code), 0);
	return code;
}

static void
put_family(const char *id, const char *token)
{
	struct grant grant = a_grant(id);

	assert_int_equal(family_put_refreshable(world.rq, pool(), &grant, token), 0);
	world_step(1);
}

static const struct grant *
find_family(const char *token)
{
	const struct grant *grant;

	assert_int_equal(family_find(world.rq, pool(), token, &grant), 0);
	return grant;
}

static void
sign_out(void)
{
	const struct user *user = world_user("alice");
	struct json *doc = json_copy(world.rq->mem, user->doc);

	json_set_int(doc, "TokensNotBefore", world.rq->now + 1);
	assert_int_equal(user_change(world.rq, world.rq->pool, user, doc), 0);
	world_step(10);
}

static void
a_code_carries_its_grant_and_is_taken_once(void **state)
{
	const struct code *code;

	(void)state;
	one_user();
	put_code("h");
	code = take_code("h");
	assert_non_null(code);
	assert_string_equal(code->grant.scope, "openid email");
	assert_string_equal(code->redirect_uri, "https://a.example/");
	assert_string_equal(code->challenge, "c");
	assert_null(code->grant.nonce);
	world_step(0);
	assert_null(take_code("h"));
}

static void
of_two_who_take_a_code_at_once_one_wins(void **state)
{
	struct rq *other = rq_begin("other");
	const struct code *code;

	(void)state;
	one_user();
	put_code("h");
	other->now = world.rq->now;
	assert_non_null(take_code("h"));
	assert_int_equal(code_take(other, pool(), "h", &code), 0);
	assert_non_null(code);
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(kv_apply(other), KV_BROKEN);
	rq_end(&other);
}

static void
a_code_expires_by_its_setting_and_not_by_its_grant(void **state)
{
	(void)state;
	one_user();
	put_code("h");
	world_step(299 * 1000);
	assert_non_null(take_code("h"));
	kv_forget(world.rq);
	world_step(2 * 1000);
	assert_null(take_code("h"));
}

/* Whether what a grant was given to somebody for is still good. */
static int
stands(const struct grant *grant)
{
	const struct user *user;

	return grant_user(world.rq, grant, &user);
}

static void
signing_out_kills_what_was_given_before_and_nothing_after(void **state)
{
	(void)state;
	one_user();
	put_code("h");
	put_family("before", "t1");
	assert_int_equal(stands(find_family("t1")), 0);
	sign_out();
	assert_int_equal(stands(find_family("t1")), REFUSED);
	assert_int_equal(stands(&take_code("h")->grant), REFUSED);
	kv_forget(world.rq);
	put_family("after", "t2");
	assert_int_equal(stands(find_family("t2")), 0);
}

static void
a_family_dies_with_its_user_even_if_the_name_is_given_again(void **state)
{
	(void)state;
	one_user();
	put_family("f", "t");
	user_drop(world.rq, world.rq->pool, world_user("alice"));
	world_step(1);
	assert_int_equal(stands(find_family("t")), REFUSED);
	world_create("alice", "CONFIRMED", "", false, "[]");
	assert_int_equal(stands(find_family("t")), REFUSED);
}

static void
a_name_kept_in_another_case_finds_its_user(void **state)
{
	(void)state;
	world_pool("{'UsernameConfiguration':{'CaseSensitive':false}}", "{}");
	world_create("Alice", "CONFIRMED", "", false, "[]");
	put_family("f", "t");
	assert_int_equal(stands(find_family("t")), 0);
}

static void
rotate(const char *old, const char *fresh, int64_t grace)
{
	assert_int_equal(family_rotate(world.rq, pool(), find_family(old), fresh, grace, false), 0);
	world_step(1);
}

static void
a_new_refresh_token_takes_the_place_of_the_old(void **state)
{
	(void)state;
	one_user();
	put_family("f", "t1");
	rotate("t1", "t2", 0);
	assert_null(find_family("t1"));
	assert_string_equal(find_family("t2")->id, "f");
	family_drop(world.rq, pool(), find_family("t2"));
	world_step(1);
	assert_null(find_family("t2"));
}

static void
an_old_refresh_token_lives_on_for_its_grace_and_no_longer(void **state)
{
	(void)state;
	one_user();
	put_family("f", "t1");
	rotate("t1", "t2", 10 * 1000);
	rotate("t1", "t3", 60 * 1000);	/* does not put off its end */
	world_step(9 * 1000);
	assert_non_null(find_family("t1"));
	world_step(2 * 1000);
	assert_null(find_family("t1"));
	assert_non_null(find_family("t2"));
	assert_non_null(find_family("t3"));
}

static void
a_family_outlives_its_refresh_token_for_the_sake_of_access_tokens(void **state)
{
	const struct grant *family;

	(void)state;
	one_user();
	put_family("f", "t1");
	rotate("t1", "t2", 0);
	world_step(3600 * 1000);
	assert_null(find_family("t2"));
	assert_int_equal(family_get(world.rq, pool(), "f", &family), 0);
	assert_non_null(family);
	world_step(24 * 3600 * 1000);
	assert_int_equal(family_get(world.rq, pool(), "f", &family), 0);
	assert_null(family);
}

static void
a_session_ends_when_dropped_and_when_its_time_comes(void **state)
{
	struct session session = { .username = "alice", .sub = "s", .auth_time = 7 };
	const struct session *found;

	(void)state;
	one_user();
	assert_int_equal(session_put(world.rq, pool(), "h", &session, world.rq->now + 1000), 0);
	assert_int_equal(session_put(world.rq, pool(), "i", &session, world.rq->now + 9000), 0);
	world_step(500);
	assert_int_equal(session_get(world.rq, pool(), "h", &found), 0);
	assert_int_equal(found->auth_time, 7);
	session_drop(world.rq, pool(), "i");
	world_step(600);
	assert_int_equal(session_get(world.rq, pool(), "h", &found), 0);
	assert_null(found);
	assert_int_equal(session_get(world.rq, pool(), "i", &found), 0);
	assert_null(found);
}

static void
a_ticket_counts_its_wrong_tries_until_it_is_taken(void **state)
{
	struct ticket ticket = { .purpose = "sign-up", .sealed = "x", .attribute = "email",
		.destination = "a@b.c" };
	const struct ticket *found;

	(void)state;
	one_user();
	ticket.expires = world.rq->now + 60000;
	assert_int_equal(ticket_put(world.rq, pool(), "s", &ticket), 0);
	world_step(1);
	assert_int_equal(ticket_get(world.rq, pool(), "s", "sign-up", &found), 0);
	assert_int_equal(ticket_missed(world.rq, found), 0);
	world_step(1);
	assert_int_equal(ticket_get(world.rq, pool(), "s", "sign-up", &found), 0);
	assert_int_equal(found->tries, 1);
	assert_string_equal(found->destination, "a@b.c");
	ticket_take(world.rq, found);
	world_step(1);
	assert_int_equal(ticket_get(world.rq, pool(), "s", "sign-up", &found), 0);
	assert_null(found);
}

static void
attempts_made_at_once_all_count(void **state)
{
	struct rq *other = rq_begin("other");
	struct throttle mine, theirs;

	(void)state;
	one_user();
	other->now = world.rq->now;
	assert_int_equal(throttle_get(world.rq, pool(), "x", &mine), 0);
	assert_int_equal(throttle_get(other, pool(), "x", &theirs), 0);
	assert_int_equal(throttle_put(other, pool(), "x", theirs.failures + 1, other->now + 9000),
	    0);
	assert_int_equal(kv_apply(other), 0);
	assert_int_equal(throttle_put(world.rq, pool(), "x", mine.failures + 1, other->now + 9000),
	    0);
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(throttle_get(world.rq, pool(), "x", &mine), 0);
	assert_int_equal(mine.failures, 2);
	rq_end(&other);
}

static void
letters_wait_for_their_time_in_its_order(void **state)
{
	const struct letter *const *letters;
	size_t n;

	(void)state;
	one_user();
	assert_int_equal(outbox_put(world.rq, "b", "sealed b"), 0);
	world_step(5);
	assert_int_equal(outbox_put(world.rq, "a", "sealed a"), 0);
	world_step(5);
	assert_int_equal(outbox_due(world.rq, 10, &letters, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(letters[0]->id, "b");
	assert_int_equal(outbox_later(world.rq, letters[0], world.rq->now + 1000), 0);
	world_step(5);
	assert_int_equal(outbox_due(world.rq, 10, &letters, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(letters[0]->id, "a");
	outbox_drop(world.rq, letters[0]);
	world_step(1000);
	assert_int_equal(outbox_due(world.rq, 10, &letters, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(letters[0]->sealed, "sealed b");
	assert_int_equal(letters[0]->tries, 1);
}

static const struct pushed *
get_pushed(const char *hash)
{
	const struct pushed *pushed;

	assert_int_equal(pushed_get(world.rq, pool(), hash, &pushed), 0);
	return pushed;
}

static void
put_pushed(const char *hash)
{
	struct pushed pushed = { .client = "client", .query = "state=x" };

	assert_int_equal(pushed_put(world.rq, pool(), hash, &pushed, world.rq->now + 90 * 1000), 0);
	world_step(89 * 1000);
}

static void
a_pushed_request_waits_for_its_browser_and_then_longer_but_once(void **state)
{
	(void)state;
	one_user();
	put_pushed("never brought");
	assert_string_equal(get_pushed("never brought")->query, "state=x");
	world_step(1000);
	assert_null(get_pushed("never brought"));

	put_pushed("brought");
	assert_int_equal(pushed_later(world.rq, get_pushed("brought"), world.rq->now + 600 * 1000),
	    0);
	world_step(599 * 1000);
	assert_int_equal(pushed_later(world.rq, get_pushed("brought"), world.rq->now + 600 * 1000),
	    0);
	world_step(1000);
	assert_null(get_pushed("brought"));
}

static void
of_two_who_answer_a_pushed_request_one_wins(void **state)
{
	struct rq *other = rq_begin("test");
	const struct pushed *pushed;

	(void)state;
	one_user();
	put_pushed("hash");
	pushed_take(world.rq, get_pushed("hash"));
	assert_int_equal(pushed_get(other, pool(), "hash", &pushed), 0);
	pushed_take(other, pushed);
	assert_int_equal(kv_apply(other), 0);
	assert_int_equal(kv_apply(world.rq), KV_BROKEN);
	rq_end(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_carries_its_grant_and_is_taken_once),
		cmocka_unit_test(of_two_who_take_a_code_at_once_one_wins),
		cmocka_unit_test(a_code_expires_by_its_setting_and_not_by_its_grant),
		cmocka_unit_test(signing_out_kills_what_was_given_before_and_nothing_after),
		cmocka_unit_test(a_family_dies_with_its_user_even_if_the_name_is_given_again),
		cmocka_unit_test(a_name_kept_in_another_case_finds_its_user),
		cmocka_unit_test(a_new_refresh_token_takes_the_place_of_the_old),
		cmocka_unit_test(an_old_refresh_token_lives_on_for_its_grace_and_no_longer),
		cmocka_unit_test(a_family_outlives_its_refresh_token_for_the_sake_of_access_tokens),
		cmocka_unit_test(a_session_ends_when_dropped_and_when_its_time_comes),
		cmocka_unit_test(a_ticket_counts_its_wrong_tries_until_it_is_taken),
		cmocka_unit_test(attempts_made_at_once_all_count),
		cmocka_unit_test(letters_wait_for_their_time_in_its_order),
		cmocka_unit_test(a_pushed_request_waits_for_its_browser_and_then_longer_but_once),
		cmocka_unit_test(of_two_who_answer_a_pushed_request_one_wins),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
