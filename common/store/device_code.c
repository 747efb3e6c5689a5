/* device_code - device codes and the user codes that lead to them */
#include "store/device_code.h"

static const struct kv_key *
device_code_key(struct rq *rq, const char *pool, const char *hash)
{
	return kv_key(rq->mem, KV_DEVICE_CODE, pool, hash, NULL);
}

static const struct kv_key *
user_code_key(struct rq *rq, const char *pool, const char *hash)
{
	return kv_key(rq->mem, KV_USER_CODE, pool, hash, NULL);
}

static struct json *
device_code_doc(struct rq *rq, const struct device_code *code)
{
	struct json *doc = grant_doc(rq, &code->grant);

	json_set_text(doc, "UserCode", code->user_code);
	if (code->denied)
		json_set_bool(doc, "Denied", true);
	json_set_int(doc, "Interval", code->interval);
	json_set_int(doc, "Polled", code->polled);
	return doc;
}

/* As long again after its end. */
static int64_t
device_code_gone(const struct device_code *code)
{
	return 2 * code->grant.expires - code->grant.created;
}

int
device_code_put(struct rq *rq, const char *pool, const char *hash, const struct device_code *code)
{
	struct json *leads = json_object(rq->mem);
	int r;

	json_set_text(leads, "DeviceCode", hash);
	r = record_create(rq, user_code_key(rq, pool, code->user_code), leads,
	    code->grant.expires);
	return r != 0 ? r : record_create(rq, device_code_key(rq, pool, hash),
	    device_code_doc(rq, code), device_code_gone(code));
}

int
device_code_get(struct rq *rq, const char *pool, const char *hash,
    const struct device_code **code_r)
{
	const struct record *record;
	struct device_code *code;
	int r;

	*code_r = NULL;
	r = record_get(rq, device_code_key(rq, pool, hash), &record);
	if (r != 0 || record == NULL)
		return r;
	code = arena_alloc(rq->mem, sizeof(*code));
	grant_read(rq->mem, record->doc, &code->grant);
	code->user_code = json_text(record->doc, "UserCode");
	code->denied = json_flag(record->doc, "Denied", false);
	code->interval = json_int(record->doc, "Interval", 0);
	code->polled = json_int(record->doc, "Polled", 0);
	code->record = record;
	*code_r = code;
	return 0;
}

int
device_code_find(struct rq *rq, const char *pool, const char *user_code,
    const struct device_code **code_r)
{
	const struct record *record;
	int r;

	*code_r = NULL;
	r = record_get(rq, user_code_key(rq, pool, user_code), &record);
	if (r != 0 || record == NULL)
		return r;
	return device_code_get(rq, pool, json_text(record->doc, "DeviceCode"), code_r);
}

int
device_code_change(struct rq *rq, const struct device_code *code)
{
	return record_change(rq, code->record, device_code_doc(rq, code),
	    code->record->seen->expires);
}

void
device_code_take(struct rq *rq, const struct device_code *code)
{
	record_take(rq, code->record);
}

void
user_code_drop(struct rq *rq, const char *pool, const struct device_code *code)
{
	kv_drop(rq, user_code_key(rq, pool, code->user_code));
}
