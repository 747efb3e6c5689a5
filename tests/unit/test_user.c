/* test_user - people and the names that lead to them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "world.h"

static const char proven[] = "[{'Name':'email','Value':'A@example.org'},"
    "{'Name':'email_verified','Value':'true'}]";
static const char unproven[] = "[{'Name':'email','Value':'A@example.org'}]";

/* The username that a name leads to; NULL: nobody's. */
static const char *
leads_to(const char *name)
{
	const struct user *user;

	assert_int_equal(user_find(world.rq, world.rq->pool, name, true, &user), 0);
	return user == NULL ? NULL : user->username;
}

/* The user with an attribute changed, among the writes. */
static void
change(const char *username, const char *attribute, const char *value)
{
	const struct user *user = world_user(username);
	struct json *doc = json_copy(world.rq->mem, user->doc);

	user_doc_set(world.rq, doc, attribute, value);
	assert_int_equal(user_change(world.rq, world.rq->pool, user, doc), 0);
}

static void
with_aliases_an_address_leads_to_its_owner_once_proven(void **state)
{
	(void)state;
	world_pool("{'AliasAttributes':['email']}", "{}");
	world_create("alice", "CONFIRMED", "", false, unproven);
	assert_null(leads_to("A@example.org"));
	change("alice", "email_verified", "true");
	world_step(1);
	assert_string_equal(leads_to("A@example.org"), "alice");
	change("alice", "email_verified", "false");
	world_step(1);
	assert_null(leads_to("A@example.org"));
}

static void
where_addresses_are_usernames_they_lead_there_at_once(void **state)
{
	(void)state;
	world_pool("{'UsernameAttributes':['email']}", "{}");
	world_create("4a6c0f0e-0000-4000-8000-000000000001", "UNCONFIRMED", "", false, unproven);
	assert_non_null(leads_to("A@example.org"));
}

static void
case_matters_where_the_pool_says_so(void **state)
{
	(void)state;
	world_pool("{'AliasAttributes':['email']}", "{}");
	world_create("alice", "CONFIRMED", "", false, proven);
	assert_null(leads_to("Alice"));
	assert_null(leads_to("a@example.org"));
	world_pool("{'AliasAttributes':['email'],'UsernameConfiguration':{'CaseSensitive':false}}",
	    "{}");
	world_create("alice", "CONFIRMED", "", false, proven);
	assert_string_equal(leads_to("ALICE"), "alice");
	assert_string_equal(leads_to("a@EXAMPLE.org"), "alice");
}

static void
the_sub_leads_to_its_user_for_administrators_alone(void **state)
{
	const struct user *user;

	(void)state;
	world_pool("{}", "{}");
	world_create("alice", "CONFIRMED", "", false, "[]");
	assert_string_equal(leads_to(world_user("alice")->sub), "alice");
	assert_int_equal(user_find(world.rq, world.rq->pool, world_user("alice")->sub, false,
	    &user), 0);
	assert_null(user);
}

static void
of_two_who_take_one_alias_the_second_is_refused(void **state)
{
	(void)state;
	world_pool("{'AliasAttributes':['email']}", "{}");
	world_create("alice", "CONFIRMED", "", false, proven);
	world_create("bob", "CONFIRMED", "", false, unproven);
	change("bob", "email_verified", "true");
	assert_int_equal(kv_apply(world.rq), KV_BROKEN);
	assert_string_equal(leads_to("A@example.org"), "alice");
}

static void
an_alias_moves_when_its_owner_gives_it_up_in_the_same_request(void **state)
{
	(void)state;
	world_pool("{'AliasAttributes':['email']}", "{}");
	world_create("alice", "CONFIRMED", "", false, proven);
	world_create("bob", "CONFIRMED", "", false, unproven);
	change("alice", "email_verified", "false");
	change("bob", "email_verified", "true");
	world_step(1);
	assert_string_equal(leads_to("A@example.org"), "bob");
}

static void
a_dropped_user_leaves_nothing_that_leads_to_him(void **state)
{
	const struct credential *credential;
	const char *sub;

	(void)state;
	world_pool("{'AliasAttributes':['email']}", "{}");
	world_create("alice", "CONFIRMED", "Correct-h0rse", false, proven);
	sub = arena_dup(world.rq->mem, world_user("alice")->sub);
	user_drop(world.rq, world.rq->pool, world_user("alice"));
	assert_int_equal(kv_apply(world.rq), 0);
	assert_null(leads_to("alice"));
	assert_null(leads_to(sub));
	assert_null(leads_to("A@example.org"));
	assert_int_equal(credential_get(world.rq, world.rq->pool->id, sub, &credential), 0);
	assert_null(credential);
}

static void
of_two_changes_made_on_what_was_read_at_once_one_is_lost(void **state)
{
	const struct user *seen;

	(void)state;
	world_pool("{}", "{}");
	world_create("alice", "CONFIRMED", "", false, "[]");
	seen = world_user("alice");
	change("alice", "name", "A");
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(user_change(world.rq, world.rq->pool, seen, seen->doc), 0);
	assert_int_equal(kv_apply(world.rq), KV_BROKEN);
	assert_string_equal(user_attribute(world_user("alice"), "name"), "A");
}

static void
attributes_are_set_replaced_and_removed_in_place(void **state)
{
	struct json *doc;

	(void)state;
	world_pool("{}", "{}");
	doc = world_json("{'Sub':'s','Attributes':[{'Name':'a','Value':'1'},{'Name':'b',"
	    "'Value':'2'}]}");
	user_doc_set(world.rq, doc, "a", "3");
	user_doc_set(world.rq, doc, "c", "4");
	user_doc_set(world.rq, doc, "b", NULL);
	assert_true(json_equal(json_get(doc, "Attributes"),
	    world_json("[{'Name':'a','Value':'3'},{'Name':'c','Value':'4'}]")));
}

static void
a_value_too_long_for_a_name_is_no_name(void **state)
{
	char value[2000];

	(void)state;
	world_pool("{'AliasAttributes':['preferred_username']}", "{}");
	world_create("alice", "CONFIRMED", "", false, "[]");
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	change("alice", "preferred_username", value);
	world_step(1);
	assert_null(leads_to(value));
	assert_string_equal(user_attribute(world_user("alice"), "preferred_username"), value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_aliases_an_address_leads_to_its_owner_once_proven),
		cmocka_unit_test(where_addresses_are_usernames_they_lead_there_at_once),
		cmocka_unit_test(case_matters_where_the_pool_says_so),
		cmocka_unit_test(the_sub_leads_to_its_user_for_administrators_alone),
		cmocka_unit_test(of_two_who_take_one_alias_the_second_is_refused),
		cmocka_unit_test(an_alias_moves_when_its_owner_gives_it_up_in_the_same_request),
		cmocka_unit_test(a_dropped_user_leaves_nothing_that_leads_to_him),
		cmocka_unit_test(of_two_changes_made_on_what_was_read_at_once_one_is_lost),
		cmocka_unit_test(attributes_are_set_replaced_and_removed_in_place),
		cmocka_unit_test(a_value_too_long_for_a_name_is_no_name),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
