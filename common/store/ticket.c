/* ticket - one-time codes, failed attempts, and messages waiting to be sent */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/shape.h"
#include "store/ticket.h"

/* One-time codes. */

static const struct bind ticket_table[] = {
	{ "Sealed", BIND_TEXT, offsetof(struct ticket, sealed) },
	{ "Attribute", BIND_TEXT, offsetof(struct ticket, attribute) },
	{ "Destination", BIND_TEXT, offsetof(struct ticket, destination) },
	{ "Tries", BIND_INT, offsetof(struct ticket, tries) },
	{ "Expires", BIND_INT, offsetof(struct ticket, expires) },
	{ NULL, BIND_TEXT, 0 },
};

static const struct kv_key *
ticket_key(struct rq *rq, const char *pool, const char *sub, const char *purpose)
{
	return kv_key(rq->mem, KV_TICKET, pool, sub, purpose, NULL);
}

int
ticket_get(struct rq *rq, const char *pool, const char *sub, const char *purpose,
    const struct ticket **ticket_r)
{
	const struct record *record;
	struct ticket *ticket;
	int r;

	*ticket_r = NULL;
	r = record_get(rq, ticket_key(rq, pool, sub, purpose), &record);
	if (r != 0 || record == NULL)
		return r;
	ticket = arena_alloc(rq->mem, sizeof(*ticket));
	shape_bind(rq->mem, ticket_table, record->doc, ticket);
	ticket->purpose = arena_dup(rq->mem, purpose);
	ticket->record = record;
	*ticket_r = ticket;
	return 0;
}

static struct json *
ticket_doc(struct rq *rq, const struct ticket *ticket, int64_t tries)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Sealed", ticket->sealed);
	json_set_text(doc, "Attribute", ticket->attribute);
	json_set_text(doc, "Destination", ticket->destination);
	json_set_int(doc, "Tries", tries);
	json_set_int(doc, "Expires", ticket->expires);
	return doc;
}

int
ticket_put(struct rq *rq, const char *pool, const char *sub, const struct ticket *ticket)
{
	return record_put(rq, ticket_key(rq, pool, sub, ticket->purpose),
	    ticket_doc(rq, ticket, ticket->tries), ticket->expires);
}

int
ticket_missed(struct rq *rq, const struct ticket *ticket)
{
	return record_change(rq, ticket->record, ticket_doc(rq, ticket, ticket->tries + 1),
	    ticket->expires);
}

void
ticket_take(struct rq *rq, const struct ticket *ticket)
{
	record_take(rq, ticket->record);
}

/* Failed attempts. */

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

/* The outbox. Keys begin with the time a message is due, so that the first row is the next one. */

/* Those of calls begin with a word instead, behind all times. */
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
