/* throttle - failed attempts, counted */
#include <string.h>

#include "base/text.h"
#include "store/throttle.h"

static const struct kv_key *
throttle_key(struct rq *rq, const char *pool, const char *subject)
{
	return kv_key(rq->mem, KV_THROTTLE, pool,
	    arena_dupn(rq->mem, subject, strcspn(subject, "~")), NULL);
}

/* How many failures of the subject a record counts: it may be of another name at its place. */
static int64_t
throttle_count(const struct record *record, const char *subject)
{
	const char *name = strchr(subject, '~');
	const char *held = record == NULL ? NULL : json_text(record->doc, "Name");

	if (record == NULL || (name != NULL && !text_equal(name + 1, held)))
		return 0;
	return json_int(record->doc, "Failures", 0);
}

int
throttle_get(struct rq *rq, const char *pool, const char *subject, struct throttle *throttle_r)
{
	const struct record *record;
	int r;

	*throttle_r = (struct throttle){ 0, 0 };
	r = record_get(rq, throttle_key(rq, pool, subject), &record);
	if (r != 0 || record == NULL)
		return r;
	throttle_r->failures = throttle_count(record, subject);
	if (throttle_r->failures > 0)
		throttle_r->last = json_int(record->doc, "Last", 0);
	return 0;
}

/* Slow work lies between reading the count and here. Reading again keeps many attempts made at once
 * from counting as one. */
int
throttle_put(struct rq *rq, const char *pool, const char *subject, int64_t failures,
    int64_t expires)
{
	const struct kv_key *key = throttle_key(rq, pool, subject);
	struct json *doc = json_object(rq->mem);
	const struct record *now;
	int64_t counted;
	int r;

	if ((r = record_get(rq, key, &now)) != 0)
		return r;
	counted = throttle_count(now, subject);
	json_set_int(doc, "Failures", counted + 1 > failures ? counted + 1 : failures);
	json_set_int(doc, "Last", rq->now);
	if (strchr(subject, '~') != NULL)
		json_set_text(doc, "Name", strchr(subject, '~') + 1);
	if (now == NULL)
		return record_create(rq, key, doc, expires);
	return record_change(rq, now, doc, expires);
}

void
throttle_drop(struct rq *rq, const char *pool, const char *subject)
{
	kv_drop(rq, throttle_key(rq, pool, subject));
}
