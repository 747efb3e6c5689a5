/* test_attribute - what attributes may hold and who may set them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/attribute.h"
#include "account/refusals.h"
#include "base/text.h"
#include "world.h"

static struct json *
blank(void)
{
	return world_json("{'Username':'new','Sub':'s','UserStatus':'UNCONFIRMED','Enabled':true,"
	    "'UserCreateDate':1,'UserLastModifiedDate':1,'Attributes':[]}");
}

static const char *
value_of(const struct json *doc, const char *name)
{
	const struct user user = { .doc = doc };

	return user_attribute(&user, name);
}

/* Sets one attribute of a new user; NULL: done. */
static const struct refusal *
set_one(const struct client *client, const char *name, const char *value)
{
	struct json *list = world_json("[{}]");

	json_set_text((struct json *)(uintptr_t)json_at(list, 0), "Name", name);
	json_set_text((struct json *)(uintptr_t)json_at(list, 0), "Value", value);
	world.rq->refusal = NULL;
	(void)attribute_set(world.rq, world.rq->pool, client, NULL, list, blank());
	return world.rq->refusal;
}

static void
values_have_the_form_of_their_type(void **state)
{
	static const struct { const char *name, *value; const struct refusal *refused; } cases[] = {
		{ "name", "Zo\xc3\xab", NULL },
		{ "name", "", NULL },
		{ "email", "a@example.org", NULL },
		{ "email", "a@", &bad_email },
		{ "email", "a b@example.org", &bad_email },
		{ "phone_number", "+4930123456", NULL },
		{ "phone_number", "030123456", &bad_phone },
		{ "birthdate", "2000-02-29", NULL },
		{ "birthdate", "2000-2-29", &attribute_form },
		{ "updated_at", "0", NULL },
		{ "updated_at", "-1", &attribute_form },
		{ "updated_at", "soon", &attribute_form },
		{ "custom:team", "ab", NULL },
		{ "custom:team", "a", &attribute_form },
		{ "custom:team", "abcde", NULL },
		{ "custom:team", "abcdef", &attribute_form },
		{ "custom:age", "-1", NULL },
		{ "custom:age", "-2", &attribute_form },
		{ "custom:age", "150", NULL },
		{ "custom:age", "150.5", &attribute_form },
		{ "custom:age", "1e2", &attribute_form },
		{ "custom:since", "2026-11-20", NULL },
		{ "custom:since", "2026-11-20T12:00:00Z", NULL },
		{ "custom:since", "today", &attribute_form },
		{ "custom:happy", "true", NULL },
		{ "custom:happy", "yes", &attribute_form },
		{ "email_verified", "true", NULL },
		{ "email_verified", "1", &attribute_form },
		{ "dev:custom:tier", "gold", NULL },
		{ "custom:none", "x", &attribute_unknown },
		{ "sub", "x", &attribute_fixed },
	};
	size_t i;

	(void)state;
	world_pool("{}", "{}");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (set_one(NULL, cases[i].name, cases[i].value) != cases[i].refused)
			fail_msg("%s=%s: %s", cases[i].name, cases[i].value, world_refusal());
}

static void
a_person_sets_only_what_the_client_may_write(void **state)
{
	static const struct { const char *name, *value; const struct refusal *refused; } cases[] = {
		{ "name", "Alice", NULL },
		{ "custom:age", "30", NULL },
		{ "email", "a@example.org", &not_writable },
		{ "custom:happy", "true", &not_writable },
		{ "custom:none", "x", &not_writable },
		{ "email_verified", "true", &not_writable },
		{ "sub", "x", &not_writable },
		{ "dev:custom:tier", "gold", &not_writable },
	};
	size_t i;

	(void)state;
	world_pool("{}", "{'WriteAttributes':['name','custom:age','email_verified','sub',"
	    "'dev:custom:tier']}");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (set_one(world.client, cases[i].name, cases[i].value) != cases[i].refused)
			fail_msg("%s=%s: %s", cases[i].name, cases[i].value, world_refusal());
}

static int
change(const char *list, struct json **doc_r)
{
	const struct user *alice = world_user("alice");

	*doc_r = json_copy(world.rq->mem, alice->doc);
	world.rq->refusal = NULL;
	return attribute_set(world.rq, world.rq->pool, NULL, alice, world_json(list), *doc_r);
}

static void
a_changed_address_loses_its_proof(void **state)
{
	struct json *doc;

	(void)state;
	world_pool("{}", "{}");
	world_create("alice", "CONFIRMED", "", false,
	    "[{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]");
	assert_int_equal(change("[{'Name':'email','Value':'b@example.org'}]", &doc), 0);
	assert_string_equal(value_of(doc, "email_verified"), "false");
	assert_int_equal(change("[{'Name':'email','Value':'a@example.org'}]", &doc), 0);
	assert_string_equal(value_of(doc, "email_verified"), "true");
	assert_int_equal(change("[{'Name':'email','Value':'b@example.org'},"
	    "{'Name':'email_verified','Value':'true'}]", &doc), 0);
	assert_string_equal(value_of(doc, "email_verified"), "true");
	assert_int_equal(change("[{'Name':'email','Value':''}]", &doc), 0);
	assert_null(value_of(doc, "email"));
	assert_null(value_of(doc, "email_verified"));
	assert_int_equal(change("[{'Name':'name','Value':'A'}]", &doc), 0);
	assert_string_equal(value_of(doc, "email_verified"), "true");
}

static void
an_immutable_attribute_is_set_with_the_user_alone(void **state)
{
	struct json *doc;

	(void)state;
	world_pool("{}", "{}");
	world_create("alice", "CONFIRMED", "", false, "[{'Name':'custom:team','Value':'red'}]");
	assert_int_equal(change("[{'Name':'custom:team','Value':'blue'}]", &doc), REFUSED);
	assert_ptr_equal(world.rq->refusal, &attribute_fixed);
	assert_int_equal(change("[{'Name':'custom:team','Value':''}]", &doc), REFUSED);
	assert_int_equal(change("[{'Name':'custom:team','Value':'red'}]", &doc), 0);
	world_create("bob", "CONFIRMED", "", false, "[]");
	doc = json_copy(world.rq->mem, world_user("bob")->doc);
	assert_int_equal(attribute_set(world.rq, world.rq->pool, NULL, world_user("bob"),
	    world_json("[{'Name':'custom:team','Value':'red'}]"), doc), REFUSED);
}

static const char with_required[] = "{'SchemaAttributes':["
    "{'Name':'sub','AttributeDataType':'String','Mutable':false,'Required':true},"
    "{'Name':'name','AttributeDataType':'String','Mutable':true,'Required':true},"
    "{'Name':'birthdate','AttributeDataType':'String','Mutable':false,'Required':true}]}";

static void
what_is_required_is_asked_of_those_who_sign_up(void **state)
{
	struct json *doc;
	struct words missing;

	(void)state;
	world_pool(with_required, "{}");
	assert_ptr_equal(set_one(world.client, "name", "Alice"), &attribute_missing_one);
	assert_null(set_one(NULL, "name", "Alice"));
	missing = attribute_missing(world.rq, world.rq->pool, blank());
	assert_int_equal(missing.n, 2);
	assert_string_equal(missing.at[0], "name");
	world_create("alice", "FORCE_CHANGE_PASSWORD", "", false, "[{'Name':'name','Value':'A'}]");
	assert_int_equal(change("[{'Name':'birthdate','Value':'2000-01-01'}]", &doc), 0);
	assert_int_equal(change("[{'Name':'name','Value':''}]", &doc), REFUSED);
	assert_ptr_equal(world.rq->refusal, &attribute_missing_one);
}

static void
usernames_have_the_form_that_the_pool_wants(void **state)
{
	static const char names[] = "{}";
	static const char aliases[] = "{'AliasAttributes':['email','phone_number']}";
	static const char emails[] = "{'UsernameAttributes':['email']}";
	static const char phones[] = "{'UsernameAttributes':['phone_number']}";
	static const char both[] = "{'UsernameAttributes':['email','phone_number']}";
	static const struct {
		const char *pool, *name, *attribute;
		const struct refusal *refused;
	} cases[] = {
		{ names, "alice", NULL, NULL }, { names, "a@example.org", NULL, NULL },
		{ names, "a b", NULL, &invalid_parameter }, { names, "", NULL, &invalid_parameter },
		{ aliases, "alice", NULL, NULL },
		{ aliases, "a@example.org", NULL, &name_is_email },
		{ aliases, "+4930123456", NULL, &name_is_phone },
		{ emails, "a@example.org", "email", NULL }, { emails, "alice", NULL, &want_email },
		{ emails, "+4930123456", NULL, &want_email },
		{ phones, "+4930123456", "phone_number", NULL },
		{ phones, "a@example.org", NULL, &want_phone },
		{ both, "a@example.org", "email", NULL },
		{ both, "+4930123456", "phone_number", NULL }, { both, "x", NULL, &want_either },
	};
	const char *attribute;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_pool(cases[i].pool, "{}");
		r = attribute_username(world.rq, world.rq->pool, cases[i].name, &attribute);
		assert_int_equal(r, cases[i].refused == NULL ? 0 : REFUSED);
		assert_ptr_equal(world.rq->refusal, cases[i].refused);
		assert_true(attribute == cases[i].attribute ||
		    text_equal(attribute, cases[i].attribute));
	}
}

static void
an_alias_is_one_persons_unless_it_is_taken_by_force(void **state)
{
	static const char proven[] =
	    "[{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]";
	const struct user *bob;
	struct json *doc;

	(void)state;
	world_pool("{'AliasAttributes':['email']}", "{}");
	world_create("alice", "CONFIRMED", "", false, proven);
	world_create("bob", "CONFIRMED", "", false, "[{'Name':'email','Value':'a@example.org'}]");
	bob = world_user("bob");
	doc = json_copy(world.rq->mem, bob->doc);
	assert_int_equal(attribute_claim(world.rq, world.rq->pool, bob, doc, false), 0);
	json_set(doc, "Attributes", world_json(proven));
	assert_int_equal(attribute_claim(world.rq, world.rq->pool, bob, doc, false), REFUSED);
	assert_string_equal(world_refusal(),
	    "AliasExistsException: An account with the email already exists.");
	assert_int_equal(attribute_claim(world.rq, world.rq->pool, bob, doc, true), 0);
	assert_int_equal(user_change(world.rq, world.rq->pool, bob, doc), 0);
	world_step(0);
	assert_string_equal(world_user("a@example.org")->username, "bob");
	assert_string_equal(user_attribute(world_user("alice"), "email_verified"), "false");
}

static void
an_address_that_is_a_username_is_nobody_elses(void **state)
{
	struct json *doc;

	(void)state;
	world_pool("{'UsernameAttributes':['email']}", "{}");
	world_create("0-1", "UNCONFIRMED", "", false, "[{'Name':'email','Value':'a@example.org'}]");
	doc = blank();
	json_set(doc, "Attributes", world_json("[{'Name':'email','Value':'a@example.org'}]"));
	assert_int_equal(attribute_claim(world.rq, world.rq->pool, NULL, doc, true), REFUSED);
	assert_string_equal(world_refusal(),
	    "UsernameExistsException: An account with the given email already exists.");
	/* and its owner may not be left without a name */
	doc = json_copy(world.rq->mem, world_user("0-1")->doc);
	assert_int_equal(attribute_set(world.rq, world.rq->pool, NULL, world_user("0-1"),
	    world_json("[{'Name':'email','Value':''}]"), doc), REFUSED);
}

static void
a_preferred_username_waits_for_the_confirmation(void **state)
{
	(void)state;
	world_pool("{'AliasAttributes':['preferred_username']}", "{}");
	assert_ptr_equal(set_one(world.client, "preferred_username", "al"), &invalid_parameter);
	assert_null(set_one(NULL, "preferred_username", "al"));
	world_pool("{}", "{}");
	assert_null(set_one(world.client, "preferred_username", "al"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_the_form_of_their_type),
		cmocka_unit_test(a_person_sets_only_what_the_client_may_write),
		cmocka_unit_test(a_changed_address_loses_its_proof),
		cmocka_unit_test(an_immutable_attribute_is_set_with_the_user_alone),
		cmocka_unit_test(what_is_required_is_asked_of_those_who_sign_up),
		cmocka_unit_test(usernames_have_the_form_that_the_pool_wants),
		cmocka_unit_test(an_alias_is_one_persons_unless_it_is_taken_by_force),
		cmocka_unit_test(an_address_that_is_a_username_is_nobody_elses),
		cmocka_unit_test(a_preferred_username_waits_for_the_confirmation),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
