/* outbox - messages waiting to be sent
 *
 * Keys begin with the time a message is due, so that the first row is the next one. Those of calls
 * begin with a word instead, behind all times. */
#include <inttypes.h>

#include "base/text.h"
#include "store/outbox.h"

static const char calls[] = "calls";

static const struct kv_key *
outbox_key(struct rq *rq, bool call, int64_t due, const char *id)
{
	const char *time = arena_printf(rq->mem, "%015" PRId64, due);

	return call ? kv_key(rq->mem, KV_OUTBOX, calls, time, id, NULL) :
	    kv_key(rq->mem, KV_OUTBOX, time, id, NULL);
}

static struct json *
outbox_doc(struct rq *rq, const char *sealed, int64_t created, int64_t tries)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Sealed", sealed);
	json_set_int(doc, "Created", created);
	json_set_int(doc, "Tries", tries);
	return doc;
}

int
outbox_put(struct rq *rq, const char *id, const char *sealed)
{
	return record_create(rq, outbox_key(rq, false, rq->now, id),
	    outbox_doc(rq, sealed, rq->now, 0), 0);
}

int
outbox_put_call(struct rq *rq, const char *id, const char *sealed)
{
	return record_create(rq, outbox_key(rq, true, rq->now, id),
	    outbox_doc(rq, sealed, rq->now, 0), 0);
}

static const struct letter *
letter_decode(struct arena *mem, const struct record *record)
{
	struct letter *letter = arena_alloc(mem, sizeof(*letter));

	letter->call = text_equal(kv_part(mem, record->key, 0), calls);
	(void)text_number(kv_part(mem, record->key, letter->call), &letter->due);
	letter->id = kv_part(mem, record->key, letter->call + 1);
	letter->sealed = json_text(record->doc, "Sealed");
	letter->created = json_int(record->doc, "Created", 0);
	letter->tries = json_int(record->doc, "Tries", 0);
	letter->record = record;
	return letter;
}

static int
outbox_scan(struct rq *rq, const struct kv_key *prefix, bool call, size_t most,
    const struct letter *const **letters_r, size_t *n_r)
{
	const struct record *records;
	const struct letter **list;
	size_t i, n;
	int r;

	*letters_r = NULL;
	*n_r = 0;
	if ((r = record_scan(rq, prefix, NULL, most, &records, &n)) != 0)
		return r;
	list = arena_array(rq->mem, n, sizeof(*list));
	for (i = 0; i < n; i++) {
		list[*n_r] = letter_decode(rq->mem, &records[i]);
		if (list[*n_r]->due > rq->now || list[*n_r]->call != call)
			break;
		(*n_r)++;
	}
	*letters_r = list;
	return 0;
}

int
outbox_due(struct rq *rq, size_t most, const struct letter *const **letters_r, size_t *n_r)
{
	return outbox_scan(rq, kv_key(rq->mem, KV_OUTBOX, NULL), false, most, letters_r, n_r);
}

int
outbox_due_calls(struct rq *rq, size_t most, const struct letter *const **letters_r, size_t *n_r)
{
	return outbox_scan(rq, kv_key(rq->mem, KV_OUTBOX, calls, NULL), true, most, letters_r,
	    n_r);
}

/* A new time is a new key: the old record goes in the same step. */
int
outbox_later(struct rq *rq, const struct letter *letter, int64_t due)
{
	record_take(rq, letter->record);
	return record_put(rq, outbox_key(rq, letter->call, due, letter->id),
	    outbox_doc(rq, letter->sealed, letter->created, letter->tries + 1), 0);
}

void
outbox_drop(struct rq *rq, const struct letter *letter)
{
	record_take(rq, letter->record);
}
