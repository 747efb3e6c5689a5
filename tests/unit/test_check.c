/* test_check - tarn check finds what is broken, says nothing of what is sound, and mends */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "sbin/check.h"
#include "store/grants.h"
#include "store/group.h"
#include "world.h"

static char pool[64];

/* Requests of its own read the same documents: what the world's knows is read again after it. */
static size_t
wrong(bool mend)
{
	size_t n;

	assert_int_equal(check_store(world.rq, mend, &n), 0);
	world_step(0);
	return n;
}

/* A key that signs, as the pool's document names it. */
static void
key_for(const char *member, const char *use)
{
	const char *kid = json_text(json_get(world.rq->pool->doc, "SigningKeys"), member);
	struct json *doc = world_json("{'Algorithm':'RS256','Sealed':'x','Created':1}");
	struct json *jwk = json_object(world.rq->mem);

	json_set_text(doc, "Kid", kid);
	json_set_text(doc, "Use", use);
	json_set_text(jwk, "kid", kid);
	json_set(doc, "Jwk", jwk);
	assert_int_equal(signer_create(world.rq, pool, doc), 0);
}

static void
signed_in(void)
{
	const struct user *user = world_user("alice");
	struct grant grant = { .id = "f", .client = "client", .username = "alice", .sub = user->sub,
		.scope = "", .created = world.rq->now, .expires = world.rq->now + 3600000 };

	assert_int_equal(family_put_refreshable(world.rq, pool, &grant, "t"), 0);
}

/* One of everything that refers to something. */
static void
sound_store(void)
{
	world_pool("{'AliasAttributes':['email']}", "{}");
	(void)snprintf(pool, sizeof(pool), "%s", world.rq->pool->id);
	key_for("Id", "id");
	key_for("Access", "access");
	assert_int_equal(group_create(world.rq, pool,
	    world_json("{'GroupName':'g','CreationDate':1,"
	    "'UserPoolId':'eu-test-1_x','LastModifiedDate':1}")), 0);
	world_create("alice", "CONFIRMED", "Correct-h0rse", false,
	    "[{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]");
	assert_int_equal(group_enter(world.rq, pool, "g", world_user("alice")->sub, "alice"), 0);
	signed_in();
	assert_int_equal(domain_create(world.rq, "a.example", world_json(arena_printf(world.rq->mem,
	    "{'UserPoolId':'%s','Domain':'a.example','Custom':true,'Created':1}", pool))), 0);
	world_step(1);
}

static void
drop_all(void)
{
	const struct kv_row *rows;
	size_t i, n;
	int kind;

	for (kind = KV_META + 1; kind < KV_NKINDS; kind++) {
		assert_int_equal(kv_scan(world.rq, kv_key(world.rq->mem, (enum kv_kind)kind, NULL),
		    NULL,
		    100, &rows, &n), 0);
		for (i = 0; i < n; i++)
			if (kind != KV_POOL && kind != KV_KEY && kind != KV_CLIENT &&
			    kind != KV_CLIENT_POOL)
				kv_drop(world.rq, rows[i].key);
	}
	assert_int_equal(kv_apply(world.rq), 0);
}

static void
nothing_is_said_of_a_sound_store(void **state)
{
	(void)state;
	sound_store();
	assert_int_equal(wrong(false), 0);
	drop_all();
}

/* What is dropped from a sound store, and how much check then finds. */
static void
a_missing_record_is_found_and_what_hangs_on_it_mended(void **state)
{
	static const struct {
		enum kv_kind kind;
		const char *parts[3];	/* NULL: none; SUB: alice's */
		size_t found;
	} cases[] = {
		{ KV_ALIAS, { "sub", "SUB" }, 4 },	/* of the user, and what names the sub */
		{ KV_ALIAS, { "email", "a@example.org" }, 1 },
		{ KV_CREDENTIAL, { "SUB" }, 0 },
		{ KV_GROUP, { "g" }, 2 },
		{ KV_MEMBER, { "SUB", "g" }, 1 },
		{ KV_GROUP_MEMBER, { "g", "SUB" }, 1 },
		{ KV_REFRESH, { "t" }, 1 },
		{ KV_FAMILY, { "f" }, 0 },
		{ KV_POOL_DOMAIN, { "a.example" }, 1 },
	};
	const struct credential *credential;
	const char *parts[3];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sound_store();
		for (j = 0; j < 3; j++)
			parts[j] = text_equal(cases[i].parts[j], "SUB") ? world_user("alice")->sub :
			    cases[i].parts[j];
		kv_drop(world.rq, kv_key(world.rq->mem, cases[i].kind, pool, parts[0], parts[1],
		    parts[2], NULL));
		assert_int_equal(kv_apply(world.rq), 0);
		assert_int_equal(wrong(false), cases[i].found);
		(void)wrong(true);
		assert_int_equal(wrong(false), 0);
		assert_int_equal(credential_get(world.rq, pool, world_user("alice")->sub,
		    &credential), 0);
		assert_true((credential == NULL) == (cases[i].kind == KV_CREDENTIAL));
		drop_all();
	}
}

/* In its grace, or remembered for good. */
static void
a_rotated_token_may_outlive_its_family(void **state)
{
	const struct grant *family;
	int remember;

	(void)state;
	for (remember = 0; remember < 2; remember++) {
		sound_store();
		assert_int_equal(family_find(world.rq, pool, "t", &family), 0);
		assert_int_equal(family_rotate(world.rq, pool, family, "t2", 60000, remember), 0);
		world_step(1);
		assert_int_equal(wrong(false), 0);
		assert_int_equal(family_find(world.rq, pool, "t2", &family), 0);
		family_drop(world.rq, pool, family);
		world_step(1);
		assert_int_equal(wrong(false), 0);
		assert_int_equal(family_find(world.rq, pool, "t", &family), 0);
		assert_null(family);
		drop_all();
	}
}

static void
an_alias_that_leads_to_the_wrong_one_is_found(void **state)
{
	(void)state;
	sound_store();
	world_create("bob", "CONFIRMED", "", false, "[]");
	kv_put(world.rq, kv_key(world.rq->mem, KV_ALIAS, pool, "email", "b@example.org", NULL),
	    "{\"Username\":\"bob\"}", 0);
	kv_put(world.rq, kv_key(world.rq->mem, KV_ALIAS, pool, "email", "a@example.org", NULL),
	    "{\"Username\":\"bob\"}", 0);
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(wrong(true), 3); /* both lead to bob, who has neither; alice has one */
	assert_int_equal(wrong(true), 1);	/* alice's own, now free, is written again */
	assert_int_equal(wrong(false), 0);
	drop_all();
}

static void
a_document_without_its_shape_is_found_and_left_alone(void **state)
{
	(void)state;
	sound_store();
	kv_put(world.rq, kv_key(world.rq->mem, KV_SESSION, pool, "x", NULL), "{\"Sub\":1}", 0);
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(wrong(true), 1);
	assert_int_equal(wrong(false), 1);
	drop_all();
}

static void
a_pool_without_keys_is_found(void **state)
{
	(void)state;
	sound_store();
	kv_drop(world.rq, kv_key(world.rq->mem, KV_KEY, pool, world.rq->pool->id_key, NULL));
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(wrong(false), 1);
	key_for("Id", "id");
	world_step(1);
	assert_int_equal(wrong(false), 0);
	drop_all();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_of_a_sound_store),
		cmocka_unit_test(a_missing_record_is_found_and_what_hangs_on_it_mended),
		cmocka_unit_test(a_rotated_token_may_outlive_its_family),
		cmocka_unit_test(an_alias_that_leads_to_the_wrong_one_is_found),
		cmocka_unit_test(a_document_without_its_shape_is_found_and_left_alone),
		cmocka_unit_test(a_pool_without_keys_is_found),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
