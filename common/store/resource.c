/* resource - resource servers and their scopes */
#include "store/resource.h"

static const struct resource *
resource_decode(struct arena *mem, const struct record *record)
{
	struct resource *resource = arena_alloc(mem, sizeof(*resource));
	const struct json *scopes = json_get(record->doc, "Scopes");
	size_t i, n = json_count(scopes);

	resource->identifier = json_text(record->doc, "Identifier");
	resource->name = json_text(record->doc, "Name");
	resource->scopes.at = arena_array(mem, n + 1, sizeof(char *));
	for (i = 0; i < n; i++)
		resource->scopes.at[i] = json_text(json_at(scopes, i), "ScopeName");
	resource->scopes.n = n;
	resource->doc = record->doc;
	resource->record = record;
	return resource;
}

static const struct kv_key *
resource_key(struct rq *rq, const char *pool, const char *identifier)
{
	return kv_key(rq->mem, KV_RESOURCE, pool, identifier, NULL);
}

int
resource_get(struct rq *rq, const char *pool, const char *identifier,
    const struct resource **resource_r)
{
	const struct record *record;
	int r;

	*resource_r = NULL;
	if ((r = record_get(rq, resource_key(rq, pool, identifier), &record)) != 0)
		return r;
	if (record != NULL)
		*resource_r = resource_decode(rq->mem, record);
	return 0;
}

int
resource_create(struct rq *rq, const char *pool, const struct json *doc)
{
	return record_create(rq, resource_key(rq, pool, json_text(doc, "Identifier")), doc, 0);
}

int
resource_change(struct rq *rq, const struct resource *resource, const struct json *doc)
{
	return record_change(rq, resource->record, doc, 0);
}

void
resource_drop(struct rq *rq, const struct resource *resource)
{
	record_take(rq, resource->record);
}

int
resource_list(struct rq *rq, const char *pool, const char *after, size_t most,
    const struct resource *const **resources_r, size_t *n_r)
{
	const struct kv_key *from = after == NULL ? NULL : resource_key(rq, pool, after);
	const struct record *records;
	const struct resource **list;
	size_t i;
	int r;

	*resources_r = NULL;
	r = record_scan(rq, kv_key(rq->mem, KV_RESOURCE, pool, NULL), from, most, &records, n_r);
	if (r != 0)
		return r;
	list = arena_array(rq->mem, *n_r, sizeof(*list));
	for (i = 0; i < *n_r; i++)
		list[i] = resource_decode(rq->mem, &records[i]);
	*resources_r = list;
	return 0;
}
