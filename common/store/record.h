/* record - documents in the store: JSON of the shape its kind names
 *
 * Reading parses and keeps the text as read, so that a change can expect it unchanged. Writing
 * checks the document against its shape first; one that does not fit is a fault of ours. */
#ifndef TARN_STORE_RECORD_H
#define TARN_STORE_RECORD_H

#include "base/json.h"
#include "store/parsed.h"

struct record {
	const struct kv_key *key;
	const struct json *doc;		/* NULL for kinds without a document */
	const struct parsed *parsed;	/* the same, for parsed_struct */
	const struct kv_value *seen;
};

/* *record_r is NULL where there is none. 0 or FAULT. */
int record_get(struct rq *rq, const struct kv_key *key, const struct record **record_r);

/* The rows of a scan as records. */
int record_scan(struct rq *rq, const struct kv_key *prefix, const struct kv_key *after, size_t most,
    const struct record **records_r, size_t *n_r);

/* Collects: a new one (expects absence), a change of one that was read (expects it unchanged), or
 * whatever was there. doc may be NULL for kinds without a document. 0 or FAULT. */
int record_create(struct rq *rq, const struct kv_key *key, const struct json *doc, int64_t expires);
int record_change(struct rq *rq, const struct record *old, const struct json *doc, int64_t expires);
int record_put(struct rq *rq, const struct kv_key *key, const struct json *doc, int64_t expires);

/* Collects: drops one that was read and expects it unchanged: of many who take one, one wins. */
void record_take(struct rq *rq, const struct record *old);

#endif
