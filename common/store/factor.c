/* factor - second factors that a user has registered */
#include <stddef.h>

#include "base/shape.h"
#include "store/factor.h"

static const char *const names[] = { "totp" };

static const struct bind table[] = {
	{ "Sealed", BIND_TEXT, offsetof(struct factor, sealed) },
	{ "DeviceName", BIND_TEXT, offsetof(struct factor, device) },
	{ "LastStep", BIND_INT, offsetof(struct factor, last) },
	{ NULL, BIND_TEXT, 0 },
};

static const struct kv_key *
factor_key(struct rq *rq, const char *pool, const char *sub, const char *name)
{
	return kv_key(rq->mem, KV_FACTOR, pool, sub, name, NULL);
}

static struct json *
factor_doc(struct rq *rq, const struct factor *factor, int64_t last)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Sealed", factor->sealed);
	json_set_text(doc, "DeviceName", factor->device);
	json_set_int(doc, "LastStep", last);
	return doc;
}

int
factor_get(struct rq *rq, const char *pool, const char *sub, const char *name,
    const struct factor **factor_r)
{
	const struct record *record;
	struct factor *factor;
	int r;

	*factor_r = NULL;
	r = record_get(rq, factor_key(rq, pool, sub, name), &record);
	if (r != 0 || record == NULL)
		return r;
	factor = arena_alloc(rq->mem, sizeof(*factor));
	shape_bind(rq->mem, table, record->doc, factor);
	factor->record = record;
	*factor_r = factor;
	return 0;
}

int
factor_put(struct rq *rq, const char *pool, const char *sub, const char *name,
    const struct factor *factor)
{
	return record_put(rq, factor_key(rq, pool, sub, name),
	    factor_doc(rq, factor, factor->last), 0);
}

int
factor_used(struct rq *rq, const struct factor *factor, int64_t step)
{
	return record_change(rq, factor->record, factor_doc(rq, factor, step), 0);
}

void
factor_drop_all(struct rq *rq, const char *pool, const char *sub)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		kv_drop(rq, factor_key(rq, pool, sub, names[i]));
}
