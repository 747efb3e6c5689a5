/* test_enrol - sign-up, its confirmation, and new codes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/enrol.h"
#include "account/refusals.h"
#include "base/syntax.h"
#include "base/text.h"
#include "crypto/password.h"
#include "world.h"

enum { HOUR = 3600 * 1000, DAY = 24 * HOUR };

#define GOOD "Correct-h0rse"
#define MAIL "[{'Name':'email','Value':'alice@example.org'}]"

static const struct enrolled *enrolled;

static const struct refusal *
sign_up(const char *name, const char *password, const char *attributes)
{
	world.rq->refusal = NULL;
	(void)enrol_signup(world.rq, world.client, name, password, world_json(attributes),
	    &enrolled);
	return world.rq->refusal;
}

/* Wrong codes and refused resends count too: what a refusal collected is applied. */
static const struct refusal *
confirm(const char *name, const char *code)
{
	const struct refusal *refusal;
	const struct user *user;

	world.rq->refusal = NULL;
	(void)enrol_confirm(world.rq, world.client, name, code, false, &user);
	refusal = world.rq->refusal;
	assert_true((user == NULL) == (refusal != NULL));
	world_step(0);
	return refusal;
}

static const struct refusal *
resend(const char *name, const struct delivery **delivery_r)
{
	world.rq->refusal = NULL;
	(void)enrol_resend(world.rq, world.client, name, delivery_r);
	return world.rq->refusal;
}

static char code[16];

static const char *
mailed_code(void)
{
	const struct json *letter = world_letter();
	const char *text = json_text(letter, "Text");

	assert_non_null(text);
	text = strstr(text, " is ");
	assert_non_null(text);
	(void)snprintf(code, sizeof(code), "%.6s", text + strlen(" is "));
	assert_true(syn_number(code));
	return code;
}

static const char *
wrong_code(void)
{
	return text_equal(code, "000000") ? "000001" : "000000";
}

static void
signed_up(const char *pool, const char *client)
{
	world_pool(pool, client);
	assert_null(sign_up("alice", GOOD, MAIL));
	world_step(0);
	(void)mailed_code();
}

static const char verifying[] = "{'AutoVerifiedAttributes':['email'],'AliasAttributes':['email']}";

static void
where_both_are_verified_only_the_phone_gets_a_code(void **state)
{
	static const char both[] = "{'AutoVerifiedAttributes':['email','phone_number']}";
	static const char attributes[] = "[{'Name':'email','Value':'alice@example.org'},"
	    "{'Name':'phone_number','Value':'+15550001234'}]";

	(void)state;
	world_sms("maildir:sms");
	world_pool(both, "{}");
	assert_null(sign_up("alice", GOOD, attributes));
	assert_string_equal(enrolled->delivery->attribute, "phone_number");
	assert_string_equal(enrolled->delivery->medium, "SMS");
	assert_string_equal(enrolled->delivery->destination, "+*******1234");
	world_step(0);
	assert_string_equal(json_text(world_letter(), "To"), "+15550001234");
	world_sms("");
	world_pool(both, "{}");
	assert_null(sign_up("alice", GOOD, attributes));
	assert_string_equal(enrolled->delivery->medium, "EMAIL");
	world_step(0);
	assert_string_equal(json_text(world_letter(), "To"), "alice@example.org");
}

static void
who_signs_up_is_unconfirmed_until_the_mailed_code_comes_back(void **state)
{
	const struct credential *credential;
	const struct user *user;

	(void)state;
	world_pool(verifying, "{}");
	assert_null(sign_up("alice", GOOD, MAIL));
	assert_string_equal(enrolled->username, "alice");
	assert_true(syn_uuid(enrolled->sub));
	assert_string_equal(enrolled->delivery->attribute, "email");
	assert_string_equal(enrolled->delivery->medium, "EMAIL");
	assert_string_equal(enrolled->delivery->destination, "a***@e***");
	world_step(0);
	user = world_user("alice");
	assert_string_equal(user->status, "UNCONFIRMED");
	assert_true(user->enabled);
	assert_string_equal(user_attribute(user, "email_verified"), "false");
	assert_int_equal(credential_get(world.rq, user->pool, user->sub, &credential), 0);
	assert_true(password_verify(world.rq, credential->hash, GOOD));
	assert_false(credential->temporary);
	(void)mailed_code();
	assert_ptr_equal(confirm("alice", wrong_code()), &code_mismatch);
	assert_null(confirm("alice", code));
	user = world_user("alice@example.org");	/* proven: an alias now */
	assert_string_equal(user->status, "CONFIRMED");
	assert_string_equal(user_attribute(user, "email_verified"), "true");
	assert_ptr_equal(confirm("alice", code), &not_confirmable);
}

static void
a_pool_that_signs_in_with_addresses_names_people_by_uuid(void **state)
{
	(void)state;
	world_pool("{'AutoVerifiedAttributes':['email'],'UsernameAttributes':['email']}", "{}");
	assert_ptr_equal(sign_up("alice", GOOD, "[]"), &want_email);
	assert_null(sign_up("alice@example.org", GOOD, "[]"));
	assert_true(syn_uuid(enrolled->username));
	assert_string_equal(enrolled->username, enrolled->sub);
	world_step(0);
	assert_string_equal(user_attribute(world_user("alice@example.org"), "email"),
	    "alice@example.org");
	(void)mailed_code();
	assert_ptr_equal(sign_up("alice@example.org", GOOD, "[]"), &name_exists);
	/* The name is what counts, whatever the form says besides. */
	assert_null(sign_up("bob@example.org", GOOD, MAIL));
	world_step(0);
	assert_string_equal(user_attribute(world_user("bob@example.org"), "email"),
	    "bob@example.org");
	assert_non_null(world_letter());
	assert_null(confirm("alice@example.org", code));
}

static void
what_is_wrong_with_a_sign_up_is_said_and_nothing_is_stored(void **state)
{
	const struct user *user;

	(void)state;
	world_pool(verifying, "{}");
	assert_ptr_equal(sign_up("alice", "short", MAIL), &password_short);
	assert_ptr_equal(sign_up("alice@example.org", GOOD, "[]"), &name_is_email);
	assert_ptr_equal(sign_up("alice", GOOD, "[{'Name':'email','Value':'x'}]"), &bad_email);
	assert_ptr_equal(sign_up("alice", GOOD, "[{'Name':'email_verified','Value':'true'}]"),
	    &not_writable);
	world_step(0);
	assert_int_equal(user_find(world.rq, world.rq->pool, "alice", false, &user), 0);
	assert_null(user);
	assert_null(world_letter());
	assert_null(sign_up("alice", GOOD, MAIL));
	world_step(0);
	assert_ptr_equal(sign_up("alice", GOOD, MAIL), &user_exists);
	assert_non_null(world_letter());
}

static void
nobody_takes_a_name_that_leads_to_another(void **state)
{
	(void)state;
	world_pool("{'AliasAttributes':['preferred_username'],"
	    "'UsernameConfiguration':{'CaseSensitive':false}}", "{}");
	world_create("Alice", "CONFIRMED", "", false,
	    "[{'Name':'preferred_username','Value':'al'}]");
	assert_ptr_equal(sign_up("ALICE", GOOD, "[]"), &user_exists);
	assert_ptr_equal(sign_up("Al", GOOD, "[]"), &user_exists);
	assert_null(sign_up("Alan", GOOD, "[]"));
	assert_string_equal(enrolled->username, "alan");
	world_forget();
}

static void
a_closed_pool_takes_nobody(void **state)
{
	(void)state;
	world_pool("{'AdminCreateUserConfig':{'AllowAdminCreateUserOnly':true}}", "{}");
	assert_ptr_equal(sign_up("alice", GOOD, MAIL), &sign_up_closed);
}

static void
without_verification_no_code_is_sent(void **state)
{
	const struct delivery *delivery;

	(void)state;
	world_pool("{}", "{}");
	assert_null(sign_up("alice", GOOD, MAIL));
	assert_null(enrolled->delivery);
	world_step(0);
	assert_null(world_letter());
	assert_ptr_equal(confirm("alice", "123456"), &code_expired);
	assert_ptr_equal(resend("alice", &delivery), &nothing_to_verify);
}

static void
a_code_lives_a_day(void **state)
{
	(void)state;
	signed_up(verifying, "{}");
	world_step(DAY - 1);
	assert_ptr_equal(confirm("alice", wrong_code()), &code_mismatch);
	world_step(1);
	assert_ptr_equal(confirm("alice", code), &code_expired);
}

static void
fifteen_wrong_codes_within_the_hour_are_enough(void **state)
{
	int i;

	(void)state;
	signed_up(verifying, "{}");
	for (i = 0; i < 15; i++)
		assert_ptr_equal(confirm("alice", wrong_code()), &code_mismatch);
	assert_ptr_equal(confirm("alice", code), &too_often);
	world_step(HOUR);
	assert_ptr_equal(confirm("alice", code), &code_expired);	/* guessed at too often */
}

static void
a_new_code_replaces_the_old_and_five_an_hour_are_enough(void **state)
{
	const struct delivery *delivery;
	char first[16];
	int i;

	(void)state;
	signed_up(verifying, "{}");
	(void)snprintf(first, sizeof(first), "%s", code);
	for (i = 0; i < 5; i++) {
		assert_null(resend("alice", &delivery));
		assert_string_equal(delivery->destination, "a***@e***");
		world_step(0);
		(void)mailed_code();
	}
	assert_ptr_equal(resend("alice", &delivery), &too_often);
	world_step(0);
	assert_null(world_letter());
	if (!text_equal(first, code))
		assert_ptr_equal(confirm("alice", first), &code_mismatch);
	world_step(HOUR);
	assert_null(resend("alice", &delivery));
	world_step(0);
	assert_null(confirm("alice", mailed_code()));
	assert_ptr_equal(resend("alice", &delivery), &already_confirmed);
}

static void
unknown_names_are_told_apart_only_where_the_client_allows_it(void **state)
{
	const struct delivery *delivery;
	int i;

	(void)state;
	world_pool(verifying, "{}");
	assert_ptr_equal(confirm("nobody", "123456"), &no_such_pair);
	assert_ptr_equal(resend("nobody", &delivery), &no_such_pair);
	world_pool(verifying, "{'PreventUserExistenceErrors':'ENABLED'}");
	assert_ptr_equal(confirm("nobody", "123456"), &code_expired);
	for (i = 0; i < 5; i++) {
		assert_null(resend("nobody", &delivery));
		assert_string_equal(delivery->medium, "EMAIL");
		assert_int_equal(strlen(delivery->destination), strlen("n***@e***"));
		world_step(0);
		assert_null(world_letter());
	}
	assert_ptr_equal(resend("nobody", &delivery), &too_often);
}

static void
an_alias_is_anothers_until_the_code_is_proven_with_force(void **state)
{
	const struct user *user;

	(void)state;
	signed_up(verifying, "{}");
	assert_null(confirm("alice", code));
	assert_null(sign_up("mallory", GOOD, MAIL));
	world_step(0);
	(void)mailed_code();
	assert_ptr_equal(confirm("mallory", code), &alias_exists);
	assert_string_equal(world_user("mallory")->status, "UNCONFIRMED");
	assert_int_equal(enrol_confirm(world.rq, world.client, "mallory", code, true, &user), 0);
	world_step(0);
	assert_string_equal(world_user("alice@example.org")->username, "mallory");
	assert_string_equal(user_attribute(world_user("alice"), "email_verified"), "false");
}

static void
a_disabled_user_cannot_confirm(void **state)
{
	const struct user *alice;
	struct json *doc;

	(void)state;
	signed_up(verifying, "{}");
	alice = world_user("alice");
	doc = json_copy(world.rq->mem, alice->doc);
	json_set_bool(doc, "Enabled", false);
	assert_int_equal(user_change(world.rq, world.rq->pool, alice, doc), 0);
	world_step(0);
	assert_ptr_equal(confirm("alice", code), &user_disabled);
}

static void
a_code_for_an_address_of_the_past_proves_nothing(void **state)
{
	const struct user *alice;
	struct json *doc;

	(void)state;
	signed_up(verifying, "{}");
	alice = world_user("alice");
	doc = json_copy(world.rq->mem, alice->doc);
	user_doc_set(world.rq, doc, "email", "other@example.org");
	assert_int_equal(user_change(world.rq, world.rq->pool, alice, doc), 0);
	world_step(0);
	assert_ptr_equal(confirm("alice", code), &code_expired);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_both_are_verified_only_the_phone_gets_a_code),
		cmocka_unit_test(who_signs_up_is_unconfirmed_until_the_mailed_code_comes_back),
		cmocka_unit_test(a_pool_that_signs_in_with_addresses_names_people_by_uuid),
		cmocka_unit_test(what_is_wrong_with_a_sign_up_is_said_and_nothing_is_stored),
		cmocka_unit_test(nobody_takes_a_name_that_leads_to_another),
		cmocka_unit_test(a_closed_pool_takes_nobody),
		cmocka_unit_test(without_verification_no_code_is_sent),
		cmocka_unit_test(a_code_lives_a_day),
		cmocka_unit_test(fifteen_wrong_codes_within_the_hour_are_enough),
		cmocka_unit_test(a_new_code_replaces_the_old_and_five_an_hour_are_enough),
		cmocka_unit_test(unknown_names_are_told_apart_only_where_the_client_allows_it),
		cmocka_unit_test(an_alias_is_anothers_until_the_code_is_proven_with_force),
		cmocka_unit_test(a_disabled_user_cannot_confirm),
		cmocka_unit_test(a_code_for_an_address_of_the_past_proves_nothing),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
