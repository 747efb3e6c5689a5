/* record - documents in the store: JSON of the shape its kind names */
#include "base/shape.h"
#include "store/record.h"

static int
record_read(struct rq *rq, const struct kv_key *key, const struct kv_value *value, uint64_t state,
    struct record *record)
{
	const char *error;

	record->doc = NULL;
	record->parsed = NULL;
	if (value->n > 0) {
		if (!parsed(rq, key, value, state, &record->parsed, &error))
			return fault(rq, "a stored %s: %s", kv_kinds[key->kind].name, error);
		record->doc = parsed_doc(record->parsed);
	}
	record->key = key;
	record->seen = value;
	return 0;
}

int
record_get(struct rq *rq, const struct kv_key *key, const struct record **record_r)
{
	const uint64_t state = kv_state();	/* before anything is read */
	struct record *record = arena_alloc(rq->mem, sizeof(*record));
	const struct kv_value *value;
	int r;

	*record_r = NULL;
	record->key = key;
	record->parsed = parsed_still(rq, key, state, &record->doc, &record->seen);
	if (record->parsed == NULL) {
		if ((r = kv_get(rq, key, &value)) != 0 || value == NULL ||
		    (r = record_read(rq, key, value, state, record)) != 0)
			return r;
	}
	*record_r = record;
	return 0;
}

int
record_scan(struct rq *rq, const struct kv_key *prefix, const struct kv_key *after, size_t most,
    const struct record **records_r, size_t *n_r)
{
	const struct kv_row *rows;
	struct record *records;
	size_t i, n;
	int r;

	*records_r = NULL;
	*n_r = 0;
	if ((r = kv_scan(rq, prefix, after, most, &rows, &n)) != 0)
		return r;
	records = arena_array(rq->mem, n, sizeof(*records));
	for (i = 0; i < n; i++)
		if ((r = record_read(rq, rows[i].key, rows[i].value, 0,
		    &records[i])) != 0)
			return r;
	*records_r = records;
	*n_r = n;
	return 0;
}

/* The refusal of shape_check would blame the caller; what is wrong here is our own making. */
static int
record_check(struct rq *rq, const struct kv_key *key, const struct json *doc)
{
	const struct kv_kind_row *kind = &kv_kinds[key->kind];
	const struct shape *shape;

	if (*kind->shape == '\0' || doc == NULL)
		return *kind->shape == '\0' && doc == NULL ? 0 :
		    fault(rq, "a %s %s a document", kind->name, doc == NULL ? "without" : "with");
	if ((shape = shape_find(kind->shape)) == NULL)
		return fault(rq, "no shape %s", kind->shape);
	if (shape_check(rq, shape, doc) != 0) {
		rq->refusal = NULL;
		return fault(rq, "a %s that does not have its shape", kind->name);
	}
	return 0;
}

int
record_put(struct rq *rq, const struct kv_key *key, const struct json *doc, int64_t expires)
{
	int r;

	if ((r = record_check(rq, key, doc)) != 0)
		return r;
	kv_put(rq, key, doc == NULL ? "" : json_print(rq->mem, doc), expires);
	return 0;
}

int
record_create(struct rq *rq, const struct kv_key *key, const struct json *doc, int64_t expires)
{
	kv_expect_absent(rq, key);
	return record_put(rq, key, doc, expires);
}

int
record_change(struct rq *rq, const struct record *old, const struct json *doc, int64_t expires)
{
	kv_expect_same(rq, old->key, old->seen);
	return record_put(rq, old->key, doc, expires);
}

void
record_take(struct rq *rq, const struct record *old)
{
	kv_expect_same(rq, old->key, old->seen);
	kv_drop(rq, old->key);
}
