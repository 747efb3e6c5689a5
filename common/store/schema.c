/* schema - which version of the records a store holds, and how an older one becomes of this one */
#include "base/clock.h"
#include "base/random.h"
#include "store/record.h"
#include "store/schema.h"

/* Each collects what turns a store of that version into one of the next, and changes meta, the
 * document that will be written with it. 0 or FAULT. */
typedef int step_fn(struct rq *rq, struct json *meta);

static int
step_lineage(struct rq *rq, struct json *meta)
{
	json_set_text(meta, "Lineage", schema_lineage(rq->mem));
	return 0;
}

/* In order; the last leads to SCHEMA. */
static const struct {
	int64_t from;
	const char *what;
	step_fn *run;
} steps[] = {
	{ 1, "the store gets a lineage, by which backups and archived logs know it", step_lineage },
};
enum { NSTEPS = sizeof(steps) / sizeof(steps[0]) };

const char *
schema_lineage(struct arena *mem)
{
	return random_uuid(mem);
}

struct json *
schema_new(struct arena *mem)
{
	struct json *meta = json_object(mem);

	json_set_int(meta, "Version", SCHEMA);
	json_set_int(meta, "OldestReader", SCHEMA);
	json_set_int(meta, "Created", clock_now());
	json_set_text(meta, "Lineage", schema_lineage(mem));
	return meta;
}

enum schema_fit
schema_fit(const struct json *meta)
{
	if (json_int(meta, "OldestReader", INT64_MAX) > SCHEMA)
		return SCHEMA_NEWER;
	return json_int(meta, "Version", 0) < SCHEMA ? SCHEMA_OLDER : SCHEMA_FITS;
}

int
schema_upgrade(struct rq *rq, bool dry, void (*tell)(int64_t from, const char *what),
    int64_t *from_r)
{
	const struct record *record;
	struct json *meta;
	size_t i;
	int r;

	kv_admit();
	if ((r = record_get(rq, kv_key(rq->mem, KV_META, NULL), &record)) != 0)
		return r;
	if (record == NULL)
		return fault(rq, "the store has no meta record");
	meta = json_copy(rq->mem, record->doc);
	*from_r = json_int(meta, "Version", 0);
	if (*from_r < steps[0].from)
		return fault(rq, "no program upgrades a store of version %lld",
		    (long long)*from_r);
	for (i = 0; i < NSTEPS; i++) {
		if (steps[i].from < *from_r)
			continue;
		tell(steps[i].from, steps[i].what);
		if (!dry && (r = steps[i].run(rq, meta)) != 0)
			return r;
	}
	if (dry || *from_r >= SCHEMA)
		return 0;
	json_set_int(meta, "Version", SCHEMA);
	json_set_int(meta, "OldestReader", SCHEMA);
	if ((r = record_change(rq, record, meta, 0)) != 0 || (r = kv_apply(rq)) != 0)
		return r;
	return kv_renew(rq);
}
