/* test_keyring - which keys a pool signs with, and how long they stay published */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "oidc/keyring.h"
#include "world.h"

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE };

static void
rotate(int64_t ahead)
{
	struct json *doc = json_copy(world.rq->mem, world.rq->pool->doc);

	assert_int_equal(keyring_rotate(world.rq, world.rq->pool, world.rq->now + ahead, doc), 0);
	assert_int_equal(pool_change(world.rq, world.rq->pool, doc), 0);
	world_step(1);
}

/* A pool whose keys are real. */
static void
a_pool(void)
{
	world_pool("{'SigningAlgorithm':'ES256'}", "{}");
	rotate(0);
}

static const char *
signs(const char *use)
{
	const struct key *key;

	assert_int_equal(keyring_signer(world.rq, world.rq->pool, use, NULL, &key), 0);
	return key_id(key);
}

static size_t
published(const char *kid)
{
	const struct json *jwks, *keys;
	size_t i;

	assert_int_equal(keyring_jwks(world.rq, world.rq->pool, &jwks), 0);
	keys = json_get(jwks, "keys");
	for (i = 0; kid != NULL && i < json_count(keys); i++)
		if (text_equal(json_text(json_at(keys, i), "kid"), kid))
			return 1;
	return kid == NULL ? json_count(keys) : 0;
}

static bool
verifies(const char *use, const char *kid)
{
	const struct key *key;

	assert_int_equal(keyring_verifier(world.rq, world.rq->pool, use, kid, &key), 0);
	return key != NULL;
}

static void
new_keys_are_published_at_once_and_sign_when_their_time_comes(void **state)
{
	char old[64], fresh[64];

	(void)state;
	a_pool();
	(void)snprintf(old, sizeof(old), "%s", signs("access"));
	assert_string_not_equal(old, signs("id"));
	rotate(10 * MINUTE);
	assert_int_equal(published(NULL), 4);
	world_step(10 * MINUTE - 10);
	assert_string_equal(signs("access"), old);
	assert_true(keyring_signs(world.rq, world.rq->pool, old));
	world_step(20);
	(void)snprintf(fresh, sizeof(fresh), "%s", signs("access"));
	assert_string_not_equal(fresh, old);
	assert_false(keyring_signs(world.rq, world.rq->pool, old));
	assert_int_equal(published(fresh), 1);
	assert_true(verifies("access", fresh));
	assert_true(verifies("access", old));
	assert_false(verifies("id", old));
}

static void
a_retired_key_is_published_until_no_token_of_it_can_be_alive(void **state)
{
	char old[64];

	(void)state;
	a_pool();
	(void)snprintf(old, sizeof(old), "%s", signs("id"));
	rotate(10 * MINUTE);
	world_step(DAY + 10 * MINUTE - 10);
	assert_int_equal(published(old), 1);
	assert_true(verifies("id", old));
	world_step(20);
	assert_int_equal(published(old), 0);
	assert_int_equal(published(NULL), 2);
	assert_false(verifies("id", old));
}

static void
keys_that_never_signed_are_retired_with_the_others(void **state)
{
	char old[64];

	(void)state;
	a_pool();
	(void)snprintf(old, sizeof(old), "%s", signs("access"));
	rotate(10 * MINUTE);
	rotate(0);
	assert_int_equal(published(NULL), 6);
	assert_string_not_equal(signs("access"), old);
	world_step(DAY + 1);
	assert_int_equal(published(NULL), 2);
	assert_int_equal(published(signs("access")), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_keys_are_published_at_once_and_sign_when_their_time_comes),
		cmocka_unit_test(a_retired_key_is_published_until_no_token_of_it_can_be_alive),
		cmocka_unit_test(keys_that_never_signed_are_retired_with_the_others),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
