/* resources - resource servers and their scopes (idp-api.md 5.8; oauth.md 10) */
#include "account/refusals.h"
#include "api/need.h"
#include "api/op.h"
#include "api/page.h"
#include "base/shape.h"

enum { MOST_SERVERS = 25 };	/* of a pool (oauth.md 13) */

static int
check_names(struct rq *rq, const struct json *in, struct words *names_r)
{
	const struct json *scopes = json_get(in, "Scopes");
	size_t i, n = json_count(scopes);

	*names_r = (struct words){ 0, arena_array(rq->mem, n + 1, sizeof(char *)) };
	for (i = 0; i < n; i++) {
		const char *name = json_text(json_at(scopes, i), "ScopeName");

		if (words_have(*names_r, name))
			return refuse_with(rq, &invalid_parameter, arena_printf(rq->mem,
			    "Scope %s is there twice.", name), "a scope twice");
		names_r->at[names_r->n++] = name;
	}
	return 0;
}

int
op_create_resource_server(struct rq *rq, const struct json *in, struct json *out)
{
	struct json *doc = shape_project(rq->mem, shape_find("Resource"), in);
	const char *identifier = json_text(in, "Identifier");
	const struct resource *resource;
	const struct pool *pool;
	struct words names;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 ||
	    (r = resource_get(rq, pool->id, identifier, &resource)) != 0)
		return r;
	if (resource != NULL)
		return refuse_with(rq, &invalid_parameter, arena_printf(rq->mem,
		    "%s already exists in user pool %s.", identifier, pool->id), "it exists");
	if ((r = check_names(rq, in, &names)) != 0 ||
	    (r = need_room(rq, kv_key(rq->mem, KV_RESOURCE, pool->id, NULL), MOST_SERVERS,
	    "The user pool has as many resource servers as it can have.")) != 0)
		return r;
	need_still(rq, pool->record);
	json_set(out, "ResourceServer", doc);
	return resource_create(rq, pool->id, doc);
}

int
op_describe_resource_server(struct rq *rq, const struct json *in, struct json *out)
{
	const struct resource *resource;
	const struct pool *pool;
	int r;

	if ((r = need_resource(rq, in, &pool, &resource)) != 0)
		return r;
	json_set(out, "ResourceServer", resource->doc);
	return 0;
}

/* A scope that goes stays with the clients that have it: inactive, until it comes back (oauth.md
 * 10). */
int
op_update_resource_server(struct rq *rq, const struct json *in, struct json *out)
{
	struct json *doc = shape_project(rq->mem, shape_find("Resource"), in);
	const struct resource *resource;
	const struct pool *pool;
	struct words names;
	int r;

	if ((r = need_resource(rq, in, &pool, &resource)) != 0 ||
	    (r = check_names(rq, in, &names)) != 0)
		return r;
	json_set(out, "ResourceServer", doc);
	return resource_change(rq, resource, doc);
}

int
op_delete_resource_server(struct rq *rq, const struct json *in, struct json *out)
{
	const struct resource *resource;
	const struct pool *pool;
	int r;

	(void)out;
	if ((r = need_resource(rq, in, &pool, &resource)) != 0)
		return r;
	resource_drop(rq, resource);
	return 0;
}

int
op_list_resource_servers(struct rq *rq, const struct json *in, struct json *out)
{
	static const struct page page = { "ListResourceServers", "NextToken", "MaxResults", 50 };
	const struct resource *const *resources;
	struct json *list = json_array(rq->mem);
	const struct pool *pool;
	const char *after;
	size_t i, n, most;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 ||
	    (r = page_open(rq, &page, in, &after, &most)) != 0 ||
	    (r = resource_list(rq, pool->id, after, most, &resources, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		json_add(list, resources[i]->doc);
	json_set(out, "ResourceServers", list);
	return page_more(rq, &page, in, out, n == most ? resources[n - 1]->identifier : NULL);
}
