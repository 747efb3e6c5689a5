/* ticket - one-time codes */
#include <stddef.h>

#include "base/shape.h"
#include "store/ticket.h"

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
