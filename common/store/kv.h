/* kv - the store as rules see it: get, scan, and one list of expectations and writes
 *
 * Reads are single calls. Writes and expectations are collected on the request and applied once, at
 * its end, whole or not at all. Nothing here waits for anything but the store. The engine behind it
 * is chosen by kv_engine (kv_bdb). A process opens the store at its first call and never before a
 * fork. */
#ifndef TARN_STORE_KV_H
#define TARN_STORE_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rq.h"
#include "store/kind.h"

/* kind byte, then the parts with a NUL between and after each, so that a key made of the first
 * parts is a prefix that matches whole parts. */
struct kv_key {
	enum kv_kind kind;
	const void *data;
	size_t n;
};

/* The parts end with NULL. At most 1,000 bytes in all; a longer key matches nothing and a write to
 * it is a fault, so lengths are checked before. */
const struct kv_key *kv_key(struct arena *mem, enum kv_kind kind, ...) __attribute__((sentinel));

/* Part i (0 is the first after the kind) of a key that was read; NULL if there are fewer. */
const char *kv_part(struct arena *mem, const struct kv_key *key, int i);

/* For tables in memory; anybody can work it out. */
uint64_t kv_hash(const struct kv_key *key);

struct kv_value {
	const char *text;	/* JSON, n bytes and a NUL */
	size_t n;
	int64_t expires;	/* milliseconds since 1970; 0: never */
};

struct kv_row {
	const struct kv_key *key;
	const struct kv_value *value;
};

/* One value, or NULL where there is none or it has expired by rq->now. 0 or FAULT. */
int kv_get(struct rq *rq, const struct kv_key *key, const struct kv_value **value_r);

/* A number that is another one before a write of anybody is acknowledged; 0: not known. While it
 * stays the same, so does everything that was read after it was asked for. */
uint64_t kv_state(void);

/* The rows whose keys begin with prefix and come after the key `after` (NULL: from the first), in
 * order, at most `most` (itself at most 1,000), expired ones left out. 0 or FAULT. */
int kv_scan(struct rq *rq, const struct kv_key *prefix, const struct kv_key *after, size_t most,
    const struct kv_row **rows_r, size_t *n_r);

/* Collecting. expires as above. Each also counts as said once: the last put or drop of a key
 * wins. */
void kv_put(struct rq *rq, const struct kv_key *key, const char *text, int64_t expires);
void kv_drop(struct rq *rq, const struct kv_key *key);
void kv_expect_absent(struct rq *rq, const struct kv_key *key);
void kv_expect_same(struct rq *rq, const struct kv_key *key, const struct kv_value *seen);

/* Was a drop, or a put, the last thing collected for this key? */
bool kv_dropping(const struct rq *rq, const struct kv_key *key);
bool kv_putting(const struct rq *rq, const struct kv_key *key);

/* Applies what was collected and forgets it: in one transaction, checking the expectations first,
 * and waits for the disk if any LASTING record is written or dropped. 0; KV_BROKEN: an expectation
 * no longer holds and nothing was written; FAULT: nothing may be acknowledged. */
enum { KV_BROKEN = 2 };
int kv_apply(struct rq *rq);

/* Forgets what was collected. */
void kv_forget(struct rq *rq);

/* Housekeeping, for tarnd and commands; each call does one small step and says how much in *n_r. */
int kv_sweep(struct rq *rq, size_t *n_r);	/* removes at most 64 expired records */
int kv_checkpoint(struct rq *rq);	/* bounds recovery time; removes logs no longer needed */
int kv_flush(struct rq *rq);			/* PASSING records to disk */

/* From now on this process makes a store where there is none. Without it that is a fault: a disk
 * that is not mounted must not look like a store without pools. */
void kv_found(void);

/* From now on this process also opens a store of an older schema (store/schema.h). */
void kv_admit(void);

/* Makes every process look at the schema again before its next call. 0 or FAULT. */
int kv_renew(struct rq *rq);

/* Closes; the next call opens again. For an orderly end of a process. */
void kv_close(void);

/* Has this process lived through so many recoveries that it should make way for another? Each costs
 * it some memory that nothing gives back. */
bool kv_worn(void);

/* A store as files, for store/copy.h. Its data files by number; NULL: no more. */
const char *kv_file(int i);

/* A place in the log. */
struct kv_place {
	uint32_t log, offset;
};

/* From now on, as long as this process lives or until kv_release, no log is removed; and a
 * checkpoint: copies of the data files that are made after it and the logs from *from_r on are the
 * store. 0 or FAULT, here and below. */
int kv_retain(struct rq *rq, uint32_t *from_r);
void kv_release(void);

/* Reads a piece of an open data file while nobody writes to it. *n_r: 0 at its end. */
int kv_read_piece(struct rq *rq, int fd, void *piece, size_t size, uint64_t offset, size_t *n_r);

/* The end of the log. What is before it is on disk and stays as it is. */
int kv_log_end(struct rq *rq, struct kv_place *end_r);

/* The lineage of the store (store/schema.h). */
int kv_lineage(struct rq *rq, const char **lineage_r);

/* From now on this process uses, alone, the copy of a store in that directory instead: its data
 * files and log/, made one by replaying all of its logs, or those transactions that were committed
 * until that second (since 1970; 0: all). NULL: the store of the settings again. FAULT: the copy
 * that was left until now is not whole on disk. */
int kv_visit(struct rq *rq, const char *directory, int64_t until);

/* The engine's own consistency: pages, log, expiry index. 0 or FAULT; sentences go to the log. */
int kv_verify(struct rq *rq);

/* An engine: what kv.c calls. All memory is the request's. */
struct kv_op {
	enum { KV_OP_PUT, KV_OP_DROP, KV_OP_ABSENT, KV_OP_SAME } what;
	const struct kv_key *key;
	const char *text;	/* PUT: to write; SAME: as read */
	size_t n;
	int64_t expires;
};

struct kv_engine {
	int (*get)(struct rq *, const struct kv_key *, const struct kv_value **);
	uint64_t (*state)(void);
	int (*scan)(struct rq *, const struct kv_key *, const struct kv_key *, size_t,
	    const struct kv_row **, size_t *);
	int (*apply)(struct rq *, const struct kv_op *, size_t n, bool lasting);
	int (*sweep)(struct rq *, size_t *);
	int (*checkpoint)(struct rq *);
	int (*flush)(struct rq *);
	int (*verify)(struct rq *);
	void (*found)(void);
	void (*admit)(void);
	int (*renew)(struct rq *);
	void (*close)(void);
	bool (*worn)(void);
	const char *(*file)(int);
	int (*retain)(struct rq *, uint32_t *);
	void (*release)(void);
	int (*read_piece)(struct rq *, int, void *, size_t, uint64_t, size_t *);
	int (*log_end)(struct rq *, struct kv_place *);
	int (*lineage)(struct rq *, const char **);
	int (*visit)(struct rq *, const char *, int64_t);
};

extern const struct kv_engine kv_bdb;

#endif
