/* seen - what may be shown once */
#include "store/record.h"
#include "store/seen.h"

static const struct kv_key *
seen_key(struct rq *rq, const char *pool, const char *hash)
{
	return kv_key(rq->mem, KV_SEEN, pool, hash, NULL);
}

int
seen_get(struct rq *rq, const char *pool, const char *hash, bool *seen_r)
{
	const struct kv_value *value;
	int r = kv_get(rq, seen_key(rq, pool, hash), &value);

	*seen_r = r == 0 && value != NULL;
	return r;
}

int
seen_put(struct rq *rq, const char *pool, const char *hash, int64_t expires)
{
	return record_create(rq, seen_key(rq, pool, hash), NULL, expires);
}
