/* keys - the command about the signing keys of a pool */
#include <stdio.h>
#include <string.h>

#include "account/refusals.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/text.h"
#include "oidc/discovery.h"
#include "oidc/keyring.h"
#include "sbin/keys.h"

static void
show_key(struct rq *rq, const struct pool *pool, struct json *list, const struct signer *signer)
{
	struct json *key = json_object(rq->mem);

	json_set_text(key, "Kid", signer->kid);
	json_set_text(key, "Use", signer->use);
	json_set_text(key, "Algorithm", signer->algorithm);
	json_set_bool(key, "Signs", keyring_signs(rq, pool, signer->kid));
	json_set_text(key, "Created", clock_iso(rq->mem, signer->created));
	if (signer->retired != 0)
		json_set_text(key, "Retired", clock_iso(rq->mem, signer->retired));
	json_add(list, key);
}

static int
keys_list(struct rq *rq, const struct pool *pool)
{
	struct json *out = json_object(rq->mem), *list = json_array(rq->mem);
	const struct signer *const *signers;
	size_t i, n;
	int r;

	if ((r = signer_list(rq, pool->id, &signers, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		show_key(rq, pool, list, signers[i]);
	json_set(out, "Keys", list);
	(void)puts(json_pretty(rq->mem, out));
	return 0;
}

/* Published as soon as it is so. */
static int
keys_apply(struct rq *rq, const struct pool *pool)
{
	int r = kv_apply(rq);

	if (r == KV_BROKEN)
		return fault(rq, "somebody else changes the keys of %s", pool->id);
	return r != 0 ? r : discovery_publish(rq, pool);
}

/* A relying party that meets a kid it does not know may fetch the key set again, but need not, and
 * a cache on the way may keep it: so it is some time before new keys sign. */
static int
keys_rotate(struct rq *rq, const struct pool *pool, bool at_once)
{
	struct json *doc = json_copy(rq->mem, pool->doc);
	int64_t from = rq->now + (at_once ? 0 : conf->key_ahead_seconds * 1000);
	int r;

	if (pool->keys_from != 0 && !at_once)
		return refuse_with(rq, &invalid_parameter, arena_printf(rq->mem, "Pool %s has new "
		    "keys already, which sign from %s on. --now makes others, which sign at once.",
		    pool->id, clock_iso(rq->mem, pool->keys_from)), "a rotation is under way");
	if ((r = keyring_rotate(rq, pool, from, doc)) != 0 || (r = pool_change(rq, pool, doc)) != 0)
		return r;
	return keys_apply(rq, pool);
}

/* Of a stolen key: tokens that somebody else makes with it would be good for another day. */
static int
keys_drop(struct rq *rq, const struct pool *pool, const char *kid)
{
	const struct signer *signer;
	int r;

	if ((r = signer_get(rq, pool->id, kid, &signer)) != 0)
		return r;
	if (signer == NULL)
		return refuse_with(rq, &no_such_resource, arena_printf(rq->mem,
		    "Pool %s has no key %s.", pool->id, kid), "no such key");
	if (signer->retired == 0 || signer->retired > rq->now)
		return refuse_with(rq, &invalid_parameter, arena_printf(rq->mem, "Key %s is not "
		    "retired: keys rotate --now puts others in its place.", kid), "it signs");
	signer_drop(rq, signer);
	return keys_apply(rq, pool);
}

static int
keys_of(struct rq *rq, const char *verb, const char *id, const char *option, const char *kid)
{
	const struct pool *pool;
	int r;

	if ((r = pool_get(rq, id, &pool)) != 0)
		return r;
	if (pool == NULL)
		return refuse_with(rq, &no_such_resource, arena_printf(rq->mem,
		    "User pool %s does not exist.", id), "no such pool");
	if (strcmp(verb, "list") == 0)
		return keys_list(rq, pool);
	return kid != NULL ? keys_drop(rq, pool, kid) : keys_rotate(rq, pool, option != NULL);
}

int
keys(struct rq *rq, int argc, const char *const *argv)
{
	static const struct { const char *verb, *option; int least, most; } forms[] = {
		{ "list", "", 3, 3 }, { "rotate", "--now", 3, 4 }, { "drop", "--kid", 5, 5 },
	};
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (argc >= forms[i].least && argc <= forms[i].most &&
		    strcmp(argv[0], forms[i].verb) == 0 && strcmp(argv[1], "--user-pool-id") == 0 &&
		    (argc == 3 || strcmp(argv[3], forms[i].option) == 0))
			return told(rq, keys_of(rq, argv[0], argv[2], argc > 3 ? argv[3] : NULL,
			    argc > 4 ? argv[4] : NULL));
	return usage("keys list --user-pool-id ID | rotate --user-pool-id ID [--now] | "
	    "drop --user-pool-id ID --kid KID");
}
