/* test_signin - names and passwords, the lock-out, temporary passwords */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/refusals.h"
#include "account/signin.h"
#include "base/text.h"
#include "crypto/password.h"
#include "world.h"

enum { MINUTE = 60 * 1000 };

#define RIGHT "Correct-h0rse"

static enum signin outcome;

static int
attempt(const char *name, const char *password)
{
	const struct user *user;
	int r;

	world.rq->refusal = NULL;
	r = signin_password(world.rq, world.client, name, password, &user, &outcome);
	assert_true((r == 0) == (user != NULL));
	return r;
}

/* One attempt, applied, and what it was refused with; NULL: it went through. */
static const struct refusal *
try(const char *name, const char *password)
{
	const struct refusal *refusal;

	(void)attempt(name, password);
	refusal = world.rq->refusal;
	world_step(0);
	return refusal;
}

static void
one_user(const char *status, const char *client)
{
	world_pool("{'AliasAttributes':['email']}", client);
	world_create("alice", status, RIGHT, text_equal(status, "FORCE_CHANGE_PASSWORD"),
	    "[{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]");
}

static void
the_right_password_signs_in_under_every_name(void **state)
{
	(void)state;
	one_user("CONFIRMED", "{}");
	assert_int_equal(attempt("alice", RIGHT), 0);
	assert_int_equal(outcome, SIGNIN_DONE);
	assert_int_equal(attempt("a@example.org", RIGHT), 0);
	assert_int_equal(attempt(world_user("alice")->sub, RIGHT), REFUSED);
	assert_int_equal(attempt("Alice", RIGHT), REFUSED);	/* this pool minds case */
	assert_int_equal(attempt("alice", "correct-h0rse"), REFUSED);
	assert_int_equal(attempt("alice", ""), REFUSED);
	world_forget();
}

static void
unknown_names_are_told_apart_only_where_the_client_allows_it(void **state)
{
	(void)state;
	one_user("CONFIRMED", "{}");
	assert_ptr_equal(try("nobody", RIGHT), &no_user);
	one_user("CONFIRMED", "{'PreventUserExistenceErrors':'ENABLED'}");
	assert_ptr_equal(try("nobody", RIGHT), &wrong_credentials);
	assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
}

/* idp-api.md 13 */
static const struct { int failure; int seconds; } lock_table[] = {
	{ 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 1 }, { 6, 2 }, { 7, 4 }, { 8, 8 }, { 9, 16 },
	{ 10, 32 }, { 11, 64 }, { 12, 128 }, { 13, 256 }, { 14, 512 },
};

static void
lock_out_follows_the_table(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(lock_table) / sizeof(lock_table[0]); i++) {
		int64_t lock = lock_table[i].seconds * 1000;

		assert_ptr_equal(try(name, "wrong"), &wrong_credentials);
		if (lock == 0)
			continue;
		world_step(lock - 1);		/* still locked, and not made longer by trying */
		assert_ptr_equal(try(name, "wrong"), &locked_out);
		assert_ptr_equal(try(name, RIGHT), &locked_out);
		world_step(1);
	}
	assert_ptr_equal(try(name, "wrong"), &wrong_credentials);	/* the fifteenth */
	world_step(900 * 1000 - 1);
	assert_ptr_equal(try(name, RIGHT), &locked_out);
	world_step(1);
}

static void
failures_lock_as_the_table_says(void **state)
{
	(void)state;
	one_user("CONFIRMED", "{'PreventUserExistenceErrors':'ENABLED'}");
	lock_out_follows_the_table("alice");
	assert_null(try("alice", RIGHT));
}

static void
names_that_nobody_has_are_locked_alike(void **state)
{
	(void)state;
	one_user("CONFIRMED", "{'PreventUserExistenceErrors':'ENABLED'}");
	lock_out_follows_the_table("nobody");
}

static void
all_names_of_a_user_share_one_count(void **state)
{
	int i;

	(void)state;
	one_user("CONFIRMED", "{}");
	for (i = 0; i < 5; i++)
		assert_ptr_equal(try(i % 2 ? "alice" : "a@example.org", "wrong"),
		    &wrong_credentials);
	assert_ptr_equal(try("alice", RIGHT), &locked_out);
	assert_ptr_equal(try("a@example.org", RIGHT), &locked_out);
}

/* A clock that is set back, or an answer that comes late. */
static void
no_lock_outlasts_itself_whatever_the_clock_does(void **state)
{
	int i;

	(void)state;
	one_user("CONFIRMED", "{}");
	assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	world_step(-60 * MINUTE);
	assert_null(try("alice", RIGHT));		/* a single failure locks nobody */
	for (i = 0; i < 5; i++)
		assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	world_step(-1);
	assert_ptr_equal(try("alice", RIGHT), &locked_out);
	world_step(-60 * MINUTE);
	assert_null(try("alice", RIGHT));
}

static void
success_or_a_quarter_of_an_hour_forgets_the_failures(void **state)
{
	int i;

	(void)state;
	one_user("CONFIRMED", "{}");
	for (i = 0; i < 5; i++)
		assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	world_step(1000);
	assert_null(try("alice", RIGHT));
	for (i = 0; i < 4; i++)
		assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	assert_null(try("alice", RIGHT));
	for (i = 0; i < 5; i++)
		assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	world_step(15 * MINUTE);
	for (i = 0; i < 4; i++)
		assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	assert_null(try("alice", RIGHT));
}

static void
the_state_of_a_user_is_told_only_with_the_password(void **state)
{
	static const struct { const char *status; enum signin outcome; } cases[] = {
		{ "CONFIRMED", SIGNIN_DONE }, { "UNCONFIRMED", SIGNIN_UNCONFIRMED },
		{ "FORCE_CHANGE_PASSWORD", SIGNIN_NEW_PASSWORD },
		    { "RESET_REQUIRED", SIGNIN_RESET },
		{ "EXTERNAL_PROVIDER", SIGNIN_DONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		one_user(cases[i].status, "{}");
		assert_int_equal(attempt("alice", RIGHT), 0);
		assert_int_equal(outcome, cases[i].outcome);
		assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	}
}

static void
a_disabled_user_cannot_sign_in(void **state)
{
	const struct user *user;
	struct json *doc;

	(void)state;
	one_user("CONFIRMED", "{}");
	user = world_user("alice");
	doc = json_copy(world.rq->mem, user->doc);
	json_set_bool(doc, "Enabled", false);
	assert_int_equal(user_change(world.rq, world.rq->pool, user, doc), 0);
	world_step(0);
	assert_ptr_equal(try("alice", RIGHT), &user_disabled);
	assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
}

static void
a_user_without_a_password_cannot_guess_one(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	world_create("bob", "EXTERNAL_PROVIDER", "", false, "[]");
	assert_ptr_equal(try("bob", ""), &wrong_credentials);
	assert_ptr_equal(try("bob", RIGHT), &wrong_credentials);
}

static void
imported_users_are_told_to_reset_unless_users_are_hidden(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	world_create("bob", "RESET_REQUIRED", "", false, "[]");
	assert_ptr_equal(try("bob", "any"), &reset_required);
	world_pool("{}", "{'PreventUserExistenceErrors':'ENABLED'}");
	world_create("bob", "RESET_REQUIRED", "", false, "[]");
	assert_ptr_equal(try("bob", "any"), &wrong_credentials);
}

static void
a_temporary_password_expires(void **state)
{
	(void)state;
	one_user("FORCE_CHANGE_PASSWORD", "{}");
	world_step(INT64_C(7) * 24 * 60 * MINUTE - 1);
	assert_null(try("alice", RIGHT));
	world_step(1);
	assert_ptr_equal(try("alice", RIGHT), &temporary_expired);
}

static bool
hash_starts(const char *parameters)
{
	const struct credential *credential;

	assert_int_equal(credential_get(world.rq, world.rq->pool->id, world_user("alice")->sub,
	    &credential), 0);
	return text_starts(credential->hash, parameters);
}

static void
an_outdated_hash_is_made_anew(void **state)
{
	static const char old[] = "$argon2id$v=19$m=8192,t=1,p=1$";
	static const char new[] = "$argon2id$v=19$m=8192,t=2,p=1$";

	(void)state;
	one_user("CONFIRMED", "{}");
	assert_null(try("alice", RIGHT));
	assert_true(hash_starts(old));
	world_hashing(2);
	assert_ptr_equal(try("alice", "wrong"), &wrong_credentials);
	assert_true(hash_starts(old));
	assert_null(try("alice", RIGHT));
	assert_true(hash_starts(new));
	assert_null(try("alice", RIGHT));
	world_hashing(1);
}

static void
a_hash_made_anew_keeps_those_before_it(void **state)
{
	const struct credential *credential;
	const char *sub;

	(void)state;
	one_user("CONFIRMED", "{}");
	sub = world_user("alice")->sub;
	assert_int_equal(credential_get(world.rq, world.rq->pool->id, sub, &credential), 0);
	assert_int_equal(credential_put(world.rq, world.rq->pool->id, sub, credential->hash, false,
	    world_json("[\"earlier\"]")), 0);
	world_step(0);
	world_hashing(2);
	assert_null(try("alice", RIGHT));
	assert_true(hash_starts("$argon2id$v=19$m=8192,t=2,p=1$"));
	assert_int_equal(credential_get(world.rq, world.rq->pool->id, sub, &credential), 0);
	assert_string_equal(json_as_text(json_at(credential->before, 0)), "earlier");
	world_hashing(1);
}

static void
a_temporary_password_does_not_grow_younger_by_use(void **state)
{
	(void)state;
	one_user("FORCE_CHANGE_PASSWORD", "{}");
	world_hashing(2);
	world_step(INT64_C(6) * 24 * 60 * MINUTE);
	assert_null(try("alice", RIGHT));
	world_step(INT64_C(1) * 24 * 60 * MINUTE);
	assert_ptr_equal(try("alice", RIGHT), &temporary_expired);
	world_hashing(1);
}

/* The password is changed between the reading and the writing of a sign-in. */
static void
a_sign_in_does_not_bring_back_the_password_it_saw(void **state)
{
	struct rq *other;
	const char *hash;

	(void)state;
	one_user("CONFIRMED", "{}");
	world_hashing(2);
	assert_int_equal(attempt("alice", RIGHT), 0);
	other = rq_begin("test");
	assert_int_equal(password_hash(other, "Another-h0rse", &hash), 0);
	assert_int_equal(credential_put(other, world.rq->pool->id, world_user("alice")->sub, hash,
	    false, NULL), 0);
	assert_int_equal(kv_apply(other), 0);
	rq_end(&other);
	assert_int_equal(kv_apply(world.rq), KV_BROKEN);
	world_step(0);
	assert_ptr_equal(try("alice", RIGHT), &wrong_credentials);
	assert_null(try("alice", "Another-h0rse"));
	world_hashing(1);
}

static const struct json *
nothing(void)
{
	return world_json("[]");
}

static void
a_new_password_replaces_a_temporary_one_once(void **state)
{
	(void)state;
	one_user("FORCE_CHANGE_PASSWORD", "{}");
	assert_int_equal(signin_new_password(world.rq, world.client, world_user("alice"), "short",
	    nothing()), REFUSED);
	assert_ptr_equal(world.rq->refusal, &password_short);
	assert_int_equal(signin_new_password(world.rq, world.client, world_user("alice"),
	    "Another-h0rse", nothing()), 0);
	world_step(0);
	assert_string_equal(world_user("alice")->status, "CONFIRMED");
	assert_ptr_equal(try("alice", RIGHT), &wrong_credentials);
	assert_null(try("alice", "Another-h0rse"));
	assert_int_equal(signin_new_password(world.rq, world.client, world_user("alice"),
	    "Third-h0rse", nothing()), REFUSED);
	world_step(INT64_C(30) * 24 * 60 * MINUTE);
	assert_null(try("alice", "Another-h0rse"));	/* it is not temporary */
}

static void
a_new_password_comes_with_the_missing_attributes(void **state)
{
	(void)state;
	world_pool("{'SchemaAttributes':["
	    "{'Name':'sub','AttributeDataType':'String','Mutable':false,'Required':true},"
	    "{'Name':'name','AttributeDataType':'String','Mutable':true,'Required':true}]}", "{}");
	world_create("alice", "FORCE_CHANGE_PASSWORD", RIGHT, true, "[]");
	assert_int_equal(signin_new_password(world.rq, world.client, world_user("alice"),
	    "Another-h0rse", nothing()), REFUSED);
	assert_string_equal(world_refusal(),
	    "InvalidParameterException: Attributes did not conform "
	    "to the schema: name: The attribute is required");
	assert_int_equal(signin_new_password(world.rq, world.client, world_user("alice"),
	    "Another-h0rse", world_json("[{'Name':'name','Value':'Alice'}]")), 0);
	world_step(0);
	assert_string_equal(user_attribute(world_user("alice"), "name"), "Alice");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_password_signs_in_under_every_name),
		cmocka_unit_test(unknown_names_are_told_apart_only_where_the_client_allows_it),
		cmocka_unit_test(failures_lock_as_the_table_says),
		cmocka_unit_test(names_that_nobody_has_are_locked_alike),
		cmocka_unit_test(all_names_of_a_user_share_one_count),
		cmocka_unit_test(no_lock_outlasts_itself_whatever_the_clock_does),
		cmocka_unit_test(success_or_a_quarter_of_an_hour_forgets_the_failures),
		cmocka_unit_test(the_state_of_a_user_is_told_only_with_the_password),
		cmocka_unit_test(a_disabled_user_cannot_sign_in),
		cmocka_unit_test(a_user_without_a_password_cannot_guess_one),
		cmocka_unit_test(imported_users_are_told_to_reset_unless_users_are_hidden),
		cmocka_unit_test(a_temporary_password_expires),
		cmocka_unit_test(an_outdated_hash_is_made_anew),
		cmocka_unit_test(a_hash_made_anew_keeps_those_before_it),
		cmocka_unit_test(a_temporary_password_does_not_grow_younger_by_use),
		cmocka_unit_test(a_sign_in_does_not_bring_back_the_password_it_saw),
		cmocka_unit_test(a_new_password_replaces_a_temporary_one_once),
		cmocka_unit_test(a_new_password_comes_with_the_missing_attributes),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
