/* registration - clients that registered themselves, and the tokens to do it with */
#include "store/registration.h"

static const struct kv_key *
registration_key(struct rq *rq, const char *pool, const char *client)
{
	return kv_key(rq->mem, KV_REGISTRATION, pool, client, NULL);
}

int
registration_get(struct rq *rq, const char *pool, const char *client,
    const struct registration **registration_r)
{
	struct registration *registration;
	const struct record *record;
	int r;

	*registration_r = NULL;
	r = record_get(rq, registration_key(rq, pool, client), &record);
	if (r != 0 || record == NULL)
		return r;
	registration = arena_alloc(rq->mem, sizeof(*registration));
	registration->token = json_text(record->doc, "Token");
	registration->said = json_get(record->doc, "Said");
	registration->record = record;
	*registration_r = registration;
	return 0;
}

int
registration_create(struct rq *rq, const char *pool, const char *client,
    const struct registration *registration, int64_t expires)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Token", registration->token);
	json_set(doc, "Said", registration->said);
	json_set_int(doc, "Created", rq->now);
	return record_create(rq, registration_key(rq, pool, client), doc, expires);
}

int
registration_keep(struct rq *rq, const char *pool, const char *client)
{
	const struct record *record;
	int r;

	r = record_get(rq, registration_key(rq, pool, client), &record);
	if (r != 0 || record == NULL)
		return r;
	return record_change(rq, record, record->doc, 0);
}

int
registration_change(struct rq *rq, const struct registration *registration,
    const struct json *said)
{
	struct json *doc = json_copy(rq->mem, registration->record->doc);

	json_set(doc, "Said", said);
	return record_change(rq, registration->record, doc, registration->record->seen->expires);
}

void
registration_drop(struct rq *rq, const char *pool, const char *client)
{
	kv_drop(rq, registration_key(rq, pool, client));
}

/*
 * Initial access tokens.
 */

static const struct kv_key *
initial_token_key(struct rq *rq, const char *pool, const char *hash)
{
	return kv_key(rq->mem, KV_INITIAL_TOKEN, pool, hash, NULL);
}

int
initial_token_create(struct rq *rq, const char *pool, const char *hash, int64_t uses,
    int64_t expires)
{
	struct json *doc = json_object(rq->mem);

	json_set_int(doc, "Uses", uses);
	json_set_int(doc, "Created", rq->now);
	return record_create(rq, initial_token_key(rq, pool, hash), doc, expires);
}

int
initial_token_take(struct rq *rq, const char *pool, const char *hash, bool *good_r)
{
	const struct record *record;
	struct json *doc;
	int64_t left;
	int r;

	*good_r = false;
	r = record_get(rq, initial_token_key(rq, pool, hash), &record);
	if (r != 0 || record == NULL)
		return r;
	*good_r = true;
	left = json_int(record->doc, "Uses", 1) - 1;
	if (left <= 0) {
		record_take(rq, record);
		return 0;
	}
	doc = json_copy(rq->mem, record->doc);
	json_set_int(doc, "Uses", left);
	return record_change(rq, record, doc, record->seen->expires);
}

void
initial_token_drop(struct rq *rq, const char *pool, const char *hash)
{
	kv_drop(rq, initial_token_key(rq, pool, hash));
}
