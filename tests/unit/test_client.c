/* test_client - app clients as rules see them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "store/registration.h"
#include "world.h"

enum { DAY = 24 * 3600 * 1000 };

static void
token_lives_follow_number_unit_and_default(void **state)
{
	static const struct {
		const char *client;
		int64_t access, id, refresh;
	} cases[] = {
		{ "{}", 3600, 3600, 30 * 86400 },
		{ "{'AccessTokenValidity':2,'IdTokenValidity':3,'RefreshTokenValidity':1}", 7200,
		    10800,
		    86400 },
		{ "{'AccessTokenValidity':5,'TokenValidityUnits':{'AccessToken':'minutes'}}", 300,
		    3600,
		    30 * 86400 },
		{ "{'RefreshTokenValidity':3600,'TokenValidityUnits':{'RefreshToken':'seconds'}}",
		    3600,
		    3600, 3600 },
		{ "{'RefreshTokenValidity':0}", 3600, 3600, 30 * 86400 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_pool("{}", cases[i].client);
		assert_int_equal(world.client->lives.access, cases[i].access);
		assert_int_equal(world.client->lives.id, cases[i].id);
		assert_int_equal(world.client->lives.refresh, cases[i].refresh);
	}
}

static void
settings_that_are_left_out_have_the_contracts_defaults(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	assert_false(world.client->oauth);
	assert_true(world.client->revocable);
	assert_false(world.client->rotates);
	assert_false(world.client->hides_users);
	assert_null(world.client->secrets);
	assert_int_equal(world.client->flows.n, 0);
	world_pool("{}", "{'EnableTokenRevocation':false,'PreventUserExistenceErrors':'ENABLED',"
	    "'RefreshTokenRotation':{'Feature':'ENABLED','RetryGracePeriodSeconds':7}}");
	assert_false(world.client->revocable);
	assert_true(world.client->hides_users);
	assert_true(world.client->rotates);
	assert_int_equal(world.client->grace_seconds, 7);
}

static void
without_a_list_every_standard_attribute_is_readable(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	assert_true(client_reads(world.client, "sub"));
	assert_true(client_reads(world.client, "email"));
	assert_true(client_reads(world.client, "email_verified"));
	assert_false(client_reads(world.client, "custom:team"));
	assert_false(client_reads(world.client, "dev:custom:tier"));
}

static void
with_a_list_what_is_on_it_is_readable(void **state)
{
	(void)state;
	world_pool("{}", "{'ReadAttributes':['custom:team','dev:custom:tier']}");
	assert_true(client_reads(world.client, "sub"));
	assert_true(client_reads(world.client, "custom:team"));
	assert_false(client_reads(world.client, "dev:custom:tier"));
	assert_false(client_reads(world.client, "email"));
	world_pool("{}", "{'ReadAttributes':[]}");
	assert_false(client_reads(world.client, "email"));
}

static void
nobody_writes_his_own_proof(void **state)
{
	static const char *const attributes[] = { "sub", "email_verified", "phone_number_verified",
		"identities", "dev:custom:tier" };
	size_t i;

	(void)state;
	world_pool("{}", "{'WriteAttributes':['sub','email_verified','phone_number_verified',"
	    "'identities','dev:custom:tier']}");
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		assert_false(client_writes(world.client, world.rq->pool->schema, attributes[i]));
}

static void
what_the_pool_requires_is_writable_always(void **state)
{
	struct json *schema;

	(void)state;
	world_pool("{}", "{'WriteAttributes':['name']}");
	schema = world_json("[{'Name':'email','Required':true},{'Name':'locale',"
	    "'Required':false}]");
	assert_true(client_writes(world.client, schema, "name"));
	assert_true(client_writes(world.client, schema, "email"));
	assert_false(client_writes(world.client, schema, "locale"));
}

static void
no_two_clients_share_an_id_whatever_their_pools(void **state)
{
	struct json *doc;

	(void)state;
	world_pool("{}", "{}");
	doc = json_copy(world.rq->mem, world.client->doc);
	assert_int_equal(client_create(world.rq, "eu-test-1_another", doc, 0), 0);
	assert_int_equal(kv_apply(world.rq), KV_BROKEN);
	client_drop(world.rq, world.client);
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(client_create(world.rq, world.rq->pool->id, doc, 0), 0);
	world_step(1);
}

/* A client that registered itself, with its registration. */
static void
register_client(const char *id)
{
	int64_t expires = world.rq->now + DAY;
	struct json *doc = json_copy(world.rq->mem, world.client->doc);
	struct registration registration = { .token = "hash", .said = world_json("{}") };

	json_set_text(doc, "ClientId", id);
	assert_int_equal(client_create(world.rq, world.rq->pool->id, doc, expires), 0);
	assert_int_equal(registration_create(world.rq, world.rq->pool->id, id, &registration,
	    expires), 0);
	world_step(0);
}

static const struct client *
the_client(const char *id)
{
	const struct client *client;

	assert_int_equal(client_get(world.rq, world.rq->pool->id, id, &client), 0);
	return client;
}

static bool
is_registered(const char *id)
{
	const struct registration *registration;

	assert_int_equal(registration_get(world.rq, world.rq->pool->id, id, &registration), 0);
	return registration != NULL;
}

static size_t
sweep(void)
{
	size_t n;

	assert_int_equal(kv_sweep(world.rq, &n), 0);
	return n;
}

static void
one_that_registered_and_was_never_used_goes_with_its_registration(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	register_client("unused");
	world_step(DAY - 1000);
	assert_non_null(the_client("unused"));
	assert_true(is_registered("unused"));
	world_step(2000);
	assert_null(the_client("unused"));
	assert_false(is_registered("unused"));
	assert_int_equal(sweep(), 3);	/* its place among the clients of all pools too */
}

static void
one_that_was_used_stays_and_is_written_for_it_once(void **state)
{
	(void)state;
	world_pool("{}", "{}");
	register_client("used");
	assert_int_equal(client_keep(world.rq, the_client("used")), 0);
	world_step(2 * DAY);
	(void)sweep();			/* the ends that were */
	assert_non_null(the_client("used"));
	assert_true(is_registered("used"));
	assert_int_equal(client_keep(world.rq, the_client("used")), 0);
	assert_null(world.rq->writes);
}

static void
a_change_puts_off_no_end(void **state)
{
	const struct client *client;

	(void)state;
	world_pool("{}", "{}");
	register_client("changed");
	client = the_client("changed");
	assert_int_equal(client_change(world.rq, client, client->doc), 0);
	world_step(DAY + 1000);
	assert_null(the_client("changed"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_lives_follow_number_unit_and_default),
		cmocka_unit_test(settings_that_are_left_out_have_the_contracts_defaults),
		cmocka_unit_test(without_a_list_every_standard_attribute_is_readable),
		cmocka_unit_test(with_a_list_what_is_on_it_is_readable),
		cmocka_unit_test(nobody_writes_his_own_proof),
		cmocka_unit_test(what_the_pool_requires_is_writable_always),
		cmocka_unit_test(no_two_clients_share_an_id_whatever_their_pools),
		cmocka_unit_test(one_that_registered_and_was_never_used_goes_with_its_registration),
		cmocka_unit_test(one_that_was_used_stays_and_is_written_for_it_once),
		cmocka_unit_test(a_change_puts_off_no_end),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
