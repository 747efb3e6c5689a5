/* need - what the arguments of an operation name, and must exist */
#include "account/refusals.h"
#include "api/need.h"

int
need_pool(struct rq *rq, const struct json *in, const struct pool **pool_r)
{
	const char *id = json_text(in, "UserPoolId");
	int r;

	if ((r = pool_get(rq, id, pool_r)) != 0)
		return r;
	rq->pool = *pool_r;	/* the rules of account/ look for it there */
	if (*pool_r != NULL)
		return 0;
	return refuse_with(rq, &no_such_resource,
	    arena_printf(rq->mem, "User pool %s does not exist.", id), "no pool %s", id);
}

int
need_client(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct client **client_r)
{
	const char *id = json_text(in, "ClientId");
	int r;

	*client_r = NULL;
	if ((r = need_pool(rq, in, pool_r)) != 0 ||
	    (r = client_get(rq, (*pool_r)->id, id, client_r)) != 0 || *client_r != NULL)
		return r;
	return refuse_with(rq, &no_such_resource,
	    arena_printf(rq->mem, "User pool client %s does not exist.", id), "no client %s", id);
}

int
need_user(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct user **user_r)
{
	int r;

	*user_r = NULL;
	if ((r = need_pool(rq, in, pool_r)) != 0 ||
	    (r = user_find(rq, *pool_r, json_text(in, "Username"), true, user_r)) != 0 ||
	    *user_r != NULL)
		return r;
	return refuse(rq, &no_user, "no such user in pool %s", (*pool_r)->id);
}

int
need_group(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct group **group_r)
{
	int r;

	*group_r = NULL;
	if ((r = need_pool(rq, in, pool_r)) != 0 ||
	    (r = group_get(rq, (*pool_r)->id, json_text(in, "GroupName"), group_r)) != 0 ||
	    *group_r != NULL)
		return r;
	return refuse_with(rq, &no_such_resource, "Group not found.", "no such group in pool %s",
	    (*pool_r)->id);
}

int
need_resource(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct resource **resource_r)
{
	const char *identifier = json_text(in, "Identifier");
	int r;

	*resource_r = NULL;
	if ((r = need_pool(rq, in, pool_r)) != 0 ||
	    (r = resource_get(rq, (*pool_r)->id, identifier, resource_r)) != 0 ||
	    *resource_r != NULL)
		return r;
	return refuse_with(rq, &no_such_resource,
	    arena_printf(rq->mem, "Resource server %s does not exist.", identifier),
	    "no resource server %s", identifier);
}

void
need_still(struct rq *rq, const struct record *record)
{
	kv_expect_same(rq, record->key, record->seen);
}

int
need_room(struct rq *rq, const struct kv_key *prefix, size_t most, const char *sentence)
{
	const struct kv_key *after = NULL;
	const struct kv_row *rows;
	size_t n, all = 0;
	int r;

	do {
		if ((r = kv_scan(rq, prefix, after, 1000, &rows, &n)) != 0)
			return r;
		all += n;
		if (n > 0)
			after = rows[n - 1].key;
	} while (n == 1000 && all < most);
	if (all >= most)
		return refuse_with(rq, &limit_exceeded, sentence, "%zu there already", all);
	return 0;
}

void
need_date(struct rq *rq, struct json *doc, const char *member)
{
	json_set_real(doc, member, (double)rq->now / 1000.0);
}
