/* kv_bdb - the engine over Berkeley DB 5.3: records
 *
 * Three btrees share one transactional environment: lasting.db and passing.db hold the records by
 * their kind's promise, expiry.db is an index of those that expire. A stored value is a byte that
 * names this form, the time it expires as eight bytes, and the text. A key of the index is the time
 * and the record's key; there is nothing else in it, and where the two disagree the record is
 * right.
 *
 * All calls of the library are made inside the gate, so the environment has no lock subsystem:
 * there is never more than one transaction. A commit hands its log to the kernel
 * (DB_TXN_WRITE_NOSYNC) and gate_sync brings it to the disk; DB_TXN_NOSYNC would leave it in memory
 * that a recovery discards. Any error that is not foreseen leaves the gate dirty, which makes the
 * next one in recover. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/json.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/gate.h"
#include "store/kv_bdb.h"
#include "store/logs.h"
#include "store/schema.h"

enum {
	FORM = 1,			/* first byte of every value */
	HEAD = 9,			/* bytes before the text */
	PAGE = 64,			/* rows read or swept in one hold */
	LEAST = 16 << 10		/* bytes of room */
};

static bool admits;			/* a store of an older schema is opened too */

/* Room for one value. */
static struct {
	unsigned char *at;
	uint32_t size;
} room;

/*
 * Reading.
 */

static int
grow(uint32_t size)
{
	uint32_t n = size < LEAST ? LEAST : size;
	unsigned char *at = realloc(room.at, n);

	if (at == NULL)
		return ENOMEM;
	room.at = at;
	room.size = n;
	return 0;
}

/* The value of a key, in `room` until the next one is read. 0, DB_NOTFOUND or an error. */
static int
fetch(DB *db, const void *key, size_t n, DBT *value_r)
{
	DBT k = { .data = (void *)key, .size = (uint32_t)n };
	int r;

	do {
		*value_r = (DBT){ .data = room.at, .ulen = room.size, .flags = DB_DBT_USERMEM };
		r = db->get(db, NULL, &k, value_r, 0);
	} while (r == DB_BUFFER_SMALL && (r = grow(value_r->size * 2)) == 0);
	return r;
}

static DB *
file_of(const struct kv_key *key)
{
	return bdb.db[kv_kinds[key->kind].promise];
}

static void
put_time(unsigned char *p, int64_t ms)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (unsigned char)((uint64_t)ms >> (56 - 8 * i));
}

static int64_t
get_time(const unsigned char *p)
{
	uint64_t ms = 0;
	int i;

	for (i = 0; i < 8; i++)
		ms = ms << 8 | p[i];
	return (int64_t)ms;
}

static bool
well_formed(const DBT *value)
{
	return value->size >= HEAD && *(const unsigned char *)value->data == FORM;
}

static int64_t
expiry(const DBT *value)
{
	return get_time((const unsigned char *)value->data + 1);
}

static bool
expired(const DBT *value, int64_t now)
{
	int64_t expires = expiry(value);

	return expires != 0 && expires <= now;
}

static const struct kv_value *
copy_value(struct arena *mem, const DBT *raw)
{
	struct kv_value *value = arena_alloc(mem, sizeof(*value));

	value->n = raw->size - HEAD;
	value->text = arena_dupn(mem, (const char *)raw->data + HEAD, value->n);
	value->expires = expiry(raw);
	return value;
}

static int
bdb_get(struct rq *rq, const struct kv_key *key, const struct kv_value **value_r)
{
	DBT raw;
	int r;

	*value_r = NULL;
	if (bdb_enter(rq) != 0)
		return FAULT;
	r = fetch(file_of(key), key->data, key->n, &raw);
	if (bdb_leave(rq, r, "read the store") != 0)
		return FAULT;
	if (r == DB_NOTFOUND)
		return 0;
	if (!well_formed(&raw))
		return fault(rq, "a %s of unknown form", kv_kinds[key->kind].name);
	if (!expired(&raw, rq->now))
		*value_r = copy_value(rq->mem, &raw);
	return 0;
}

/* Commits to a copy are not counted. */
static uint64_t
bdb_state(void)
{
	return bdb.env == NULL || bdb.copy != NULL ? 0 : gate_state();
}

/*
 * The schema: which programs may use these files. Written once, when they are made.
 */

static void
bdb_admit(void)
{
	admits = true;
}

static int
write_meta(struct arena *mem, const struct kv_key *key)
{
	const char *text = json_print(mem, schema_new(mem));
	size_t n = strlen(text);
	unsigned char *bytes = arena_array(mem, HEAD + n, 1);
	DBT k = { .data = (void *)key->data, .size = (uint32_t)key->n };
	DBT v = { .data = bytes, .size = (uint32_t)(HEAD + n) };

	bytes[0] = FORM;
	memcpy(bytes + HEAD, text, n);
	return bdb.db[LASTING]->put(bdb.db[LASTING], NULL, &k, &v, 0);
}

static int
check_meta(struct arena *mem, const DBT *raw)
{
	const char *where = bdb.copy != NULL ? bdb.copy : conf->data, *error;
	struct json *meta = NULL;
	enum schema_fit fit;

	if (well_formed(raw))
		(void)json_parse(mem, (const char *)raw->data + HEAD, raw->size - HEAD, &meta,
		    &error);
	(void)snprintf(bdb.lineage, sizeof(bdb.lineage), "%s", json_text(meta, "Lineage") ?: "");
	fit = schema_fit(meta);
	if (fit == SCHEMA_FITS || (fit == SCHEMA_OLDER && admits))
		return 0;
	if (fit == SCHEMA_OLDER)
		log_line(LOG_ERROR, "store: %s is of an older version (schema %lld, now %d): "
		    "tarn upgrade", where, (long long)json_int(meta, "Version", 0), SCHEMA);
	else
		log_line(LOG_ERROR, "store: %s was written by a newer version (schema %lld, this "
		    "program knows %d): use that version's programs", where,
		    (long long)json_int(meta, "Version", -1), SCHEMA);
	return REFUSED;
}

int
bdb_check_schema(bool create)
{
	struct arena *mem = arena_new();
	const struct kv_key *key = kv_key(mem, KV_META, NULL);
	DBT raw;
	int r = fetch(bdb.db[LASTING], key->data, key->n, &raw);

	if (r == DB_NOTFOUND && create && (r = write_meta(mem, key)) == 0)
		r = fetch(bdb.db[LASTING], key->data, key->n, &raw);
	if (r == 0)
		r = check_meta(mem, &raw);
	if (r != 0 && r != REFUSED)
		r = bdb_broken("cannot read the schema", r);
	arena_free(&mem);
	return r;
}

/*
 * Walking: a cursor that never outlives a hold. Key and value are good until the next step.
 */

struct walk {
	DBC *cursor;
	DBT key, value;
	uint32_t how;
	unsigned char room[1100];	/* for the key: at most 8 and 1,000 bytes */
};

/* Begins at the first key that is not before the one given, or, after, that is behind it: no key
 * comes between one and the same with a NUL. */
static int
walk_from(struct walk *w, DB *db, const void *key, size_t n, bool after)
{
	memcpy(w->room, key, n);
	w->room[n] = '\0';
	w->key = (DBT){ .data = w->room, .size = (uint32_t)n + after, .ulen = sizeof(w->room),
		.flags = DB_DBT_USERMEM };
	w->how = DB_SET_RANGE;
	return db->cursor(db, NULL, &w->cursor, 0);
}

static int
walk_on(struct walk *w)
{
	int r;

	do {
		w->value = (DBT){ .data = room.at, .ulen = room.size, .flags = DB_DBT_USERMEM };
		r = w->cursor->get(w->cursor, &w->key, &w->value, w->how);
	} while (r == DB_BUFFER_SMALL && (r = grow(w->value.size * 2)) == 0);
	w->how = DB_NEXT;
	return r;
}

/* Ends a walk that came to r; the end of the file is no error. */
static int
walk_end(struct walk *w, int r)
{
	int closed = w->cursor->close(w->cursor);

	return r != 0 && r != DB_NOTFOUND ? r : closed;
}

struct scan {
	struct rq *rq;
	const struct kv_key *prefix;
	const struct kv_key *last;	/* seen; NULL: none yet */
	bool done, odd;			/* at the end; met a value of unknown form */
	struct kv_row *rows;
	size_t n, most;
};

static void
scan_row(struct scan *s, const struct walk *w)
{
	struct arena *mem = s->rq->mem;
	struct kv_key *key = arena_alloc(mem, sizeof(*key));

	key->kind = s->prefix->kind;
	key->data = arena_dupn(mem, w->room, w->key.size);
	key->n = w->key.size;
	s->last = key;
	if (!well_formed(&w->value))
		s->odd = true;
	else if (!expired(&w->value, s->rq->now))
		s->rows[s->n++] = (struct kv_row){ .key = key,
		    .value = copy_value(mem, &w->value) };
}

static int
scan_page(struct scan *s)
{
	const struct kv_key *prefix = s->prefix;
	struct walk w;
	int i, r;

	r = s->last == NULL ? walk_from(&w, file_of(prefix), prefix->data, prefix->n, false) :
	    walk_from(&w, file_of(prefix), s->last->data, s->last->n, true);
	if (r != 0)
		return r;
	for (i = 0; i < PAGE && !s->done && !s->odd; i++) {
		if ((r = walk_on(&w)) != 0 || w.key.size < prefix->n ||
		    memcmp(w.room, prefix->data, prefix->n) != 0) {
			s->done = true;
		} else {
			scan_row(s, &w);
			s->done = s->n == s->most;
		}
	}
	return walk_end(&w, r);
}

/* A page of rows in each hold, going on after the last one seen. */
static int
bdb_scan(struct rq *rq, const struct kv_key *prefix, const struct kv_key *after, size_t most,
    const struct kv_row **rows_r, size_t *n_r)
{
	struct scan s = { .rq = rq, .prefix = prefix, .most = most, .done = most == 0 };

	*n_r = 0;
	*rows_r = s.rows = arena_array(rq->mem, most, sizeof(*s.rows));
	if (after != NULL && after->n >= prefix->n)
		s.last = after;
	while (!s.done && !s.odd)
		if (bdb_enter(rq) != 0 || bdb_leave(rq, scan_page(&s), "scan the store") != 0)
			return FAULT;
	if (s.odd)
		return fault(rq, "a %s of unknown form", kv_kinds[prefix->kind].name);
	*n_r = s.n;
	return 0;
}

/*
 * Writing.
 */

/* An operation as the library takes it, made before the gate is entered. */
struct write {
	const struct kv_op *op;
	DBT key, value, index;
};

static void
prepare(struct arena *mem, const struct kv_op *op, struct write *w)
{
	unsigned char *p;

	w->op = op;
	w->key = (DBT){ .data = (void *)op->key->data, .size = (uint32_t)op->key->n };
	if (op->what != KV_OP_PUT)
		return;
	w->value = (DBT){ .data = p = arena_array(mem, HEAD + op->n, 1),
		.size = (uint32_t)(HEAD + op->n) };
	p[0] = FORM;
	put_time(p + 1, op->expires);
	memcpy(p + HEAD, op->text, op->n);
	w->index = (DBT){ .data = p = arena_array(mem, 8 + op->key->n, 1),
		.size = (uint32_t)(8 + op->key->n) };
	put_time(p, op->expires);
	memcpy(p + 8, op->key->data, op->key->n);
}

static int
expect(struct rq *rq, const struct kv_op *op, bool *holds_r)
{
	bool there;
	DBT raw;
	int r;

	*holds_r = true;
	if (op->what != KV_OP_ABSENT && op->what != KV_OP_SAME)
		return 0;
	r = fetch(file_of(op->key), op->key->data, op->key->n, &raw);
	if (r != 0 && r != DB_NOTFOUND)
		return r;
	there = r == 0 && (!well_formed(&raw) || !expired(&raw, rq->now));
	if (op->what == KV_OP_ABSENT)
		*holds_r = !there;
	else
		*holds_r = there && raw.size == HEAD + op->n &&
		    memcmp((const char *)raw.data + HEAD, op->text, op->n) == 0;
	return 0;
}

static int
write_one(DB_TXN *txn, struct write *w)
{
	DBT empty = { .size = 0 };
	DB *db = file_of(w->op->key);
	int r = 0;

	if (w->op->what == KV_OP_PUT) {
		r = db->put(db, txn, &w->key, &w->value, 0);
		if (r == 0 && w->op->expires != 0)
			r = bdb.db[BDB_INDEX]->put(bdb.db[BDB_INDEX], txn, &w->index, &empty, 0);
	} else if (w->op->what == KV_OP_DROP) {
		r = db->del(db, txn, &w->key, 0);
	}
	return r == DB_NOTFOUND ? 0 : r;
}

/* What the gate must know of a commit. */
struct receipt {
	uint64_t number;		/* 0: nothing was committed */
	bool overdue;			/* this process is to make a checkpoint */
};

static int
commit(DB_TXN *txn, uint64_t bytes, struct receipt *receipt_r)
{
	uint32_t log;
	int r;

	if ((r = txn->commit(txn, DB_TXN_WRITE_NOSYNC)) != 0 || bdb.copy != NULL ||
	    (r = bdb_newest_log(&log)) != 0)
		return r;
	receipt_r->number = gate_commit(log, bytes);
	receipt_r->overdue = gate_overdue();
	return 0;
}

/* One transaction. After an error it is left as it is, for recovery to undo. */
static int
write_all(struct write *writes, size_t n, struct receipt *receipt_r)
{
	uint64_t bytes = 0;
	DB_TXN *txn;
	size_t i;
	int r;

	if ((r = bdb.env->txn_begin(bdb.env, NULL, &txn, 0)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		if ((r = write_one(txn, &writes[i])) != 0)
			return r;
		bytes += writes[i].key.size + writes[i].value.size;
	}
	return commit(txn, bytes, receipt_r);
}

static int
apply_inside(struct rq *rq, struct write *writes, size_t n, bool *holds_r,
    struct receipt *receipt_r)
{
	bool any = false;
	size_t i;
	int r;

	*holds_r = true;
	for (i = 0; i < n; i++) {
		if ((r = expect(rq, writes[i].op, holds_r)) != 0 || !*holds_r)
			return r;
		any = any || writes[i].op->what == KV_OP_PUT || writes[i].op->what == KV_OP_DROP;
	}
	return any ? write_all(writes, n, receipt_r) : 0;
}

static int
bdb_apply(struct rq *rq, const struct kv_op *ops, size_t n, bool lasting)
{
	struct write *writes = arena_array(rq->mem, n, sizeof(*writes));
	struct receipt receipt = { 0, false };
	bool holds;
	size_t i;

	/* A write that fails half way takes the reads with it: the recovery that follows fails
	 * too. */
	if (disk_trouble_lately() != NULL)
		return fault(rq, "nothing is written: %s", disk_trouble_lately());
	for (i = 0; i < n; i++)
		prepare(rq->mem, &ops[i], &writes[i]);
	if (bdb_enter(rq) != 0 ||
	    bdb_leave(rq, apply_inside(rq, writes, n, &holds, &receipt), "write to the store") != 0)
		return FAULT;
	if (!holds)
		return KV_BROKEN;
	if (lasting && bdb.copy == NULL && gate_sync(receipt.number) != 0)
		return fault(rq, "the log cannot be synced");
	if (receipt.overdue)
		(void)bdb_checkpoint(rq);	/* a failure is logged, and not of this request */
	return 0;
}

/*
 * Sweeping.
 */

static DB *
file_of_byte(char byte)
{
	int i;

	for (i = 0; i < KV_NKINDS; i++)
		if (kv_kinds[i].byte == byte)
			return bdb.db[kv_kinds[i].promise];
	return NULL;
}

static int
find_due(struct rq *rq, DBT *due, size_t *n_r)
{
	static const unsigned char first[8];
	struct walk w;
	int r;

	*n_r = 0;
	if ((r = walk_from(&w, bdb.db[BDB_INDEX], first, sizeof(first), false)) != 0)
		return r;
	while (*n_r < PAGE && (r = walk_on(&w)) == 0 && w.key.size > 8 &&
	    get_time(w.room) <= rq->now)
		due[(*n_r)++] = (DBT){ .data = arena_dupn(rq->mem, w.room, w.key.size),
			.size = w.key.size };
	return walk_end(&w, r);
}

/* The time in the record decides: one that was extended has a later entry in the index too. */
static int
sweep_one(DB_TXN *txn, int64_t now, DBT *due)
{
	DBT key = { .data = (char *)due->data + 8, .size = due->size - 8 }, raw;
	DB *db = file_of_byte(*(const char *)key.data);
	int r = DB_NOTFOUND;

	if (db != NULL)
		r = fetch(db, key.data, key.size, &raw);
	if (r == 0 && well_formed(&raw) && expired(&raw, now))
		r = db->del(db, txn, &key, 0);
	if (r != 0 && r != DB_NOTFOUND)
		return r;
	return bdb.db[BDB_INDEX]->del(bdb.db[BDB_INDEX], txn, due, 0);
}

static int
sweep_inside(struct rq *rq, size_t *n_r, struct receipt *receipt_r)
{
	DBT due[PAGE];
	DB_TXN *txn;
	size_t i;
	int r;

	if ((r = find_due(rq, due, n_r)) != 0 || *n_r == 0 ||
	    (r = bdb.env->txn_begin(bdb.env, NULL, &txn, 0)) != 0)
		return r;
	for (i = 0; i < *n_r; i++)
		if ((r = sweep_one(txn, rq->now, &due[i])) != 0)
			return r;
	return commit(txn, *n_r * 100, receipt_r);
}

static int
bdb_sweep(struct rq *rq, size_t *n_r)
{
	struct receipt receipt = { 0, false };

	*n_r = 0;
	if (disk_trouble_lately() != NULL)
		return fault(rq, "nothing is swept: %s", disk_trouble_lately());
	if (bdb_enter(rq) != 0 ||
	    bdb_leave(rq, sweep_inside(rq, n_r, &receipt), "sweep the store") != 0) {
		*n_r = 0;
		return FAULT;
	}
	if (receipt.overdue)
		return bdb_checkpoint(rq);
	return 0;
}

/*
 * The index.
 */

static int
check_indexed(const struct walk *w, size_t *missing)
{
	unsigned char key[8 + sizeof(w->room)];
	DBT raw;
	int r;

	if (!well_formed(&w->value)) {
		++*missing;
		return 0;
	}
	if (expiry(&w->value) == 0)
		return 0;
	put_time(key, expiry(&w->value));
	memcpy(key + 8, w->room, w->key.size);
	r = fetch(bdb.db[BDB_INDEX], key, 8 + w->key.size, &raw);
	*missing += r == DB_NOTFOUND;
	return r == DB_NOTFOUND ? 0 : r;
}

/* A page of records, after *last. */
static int
verify_page(DB *db, unsigned char *last, size_t *last_n, size_t *missing, bool *done)
{
	struct walk w;
	int i, r;

	if ((r = walk_from(&w, db, last, *last_n, true)) != 0)
		return r;
	for (i = 0; r == 0 && i < PAGE; i++)
		if ((r = walk_on(&w)) == 0)
			r = check_indexed(&w, missing);
	*done = r == DB_NOTFOUND;
	memcpy(last, w.room, w.key.size);
	*last_n = w.key.size;
	return walk_end(&w, r);
}

int
bdb_verify_index(struct rq *rq, int file)
{
	unsigned char last[1100];
	size_t last_n = 0, missing = 0;
	bool done = false;

	while (!done)
		if (bdb_enter(rq) != 0 || bdb_leave(rq, verify_page(bdb.db[file], last, &last_n,
		    &missing, &done), "read the store") != 0)
			return FAULT;
	return missing == 0 ? 0 :
	    fault(rq, "%zu records of %s are of unknown form or will not expire", missing,
	    bdb_file(file));
}

const struct kv_engine kv_bdb = {
	.get = bdb_get,
	.state = bdb_state,
	.scan = bdb_scan,
	.apply = bdb_apply,
	.sweep = bdb_sweep,
	.checkpoint = bdb_checkpoint,
	.flush = bdb_flush,
	.verify = bdb_verify,
	.found = bdb_found,
	.admit = bdb_admit,
	.renew = bdb_renew,
	.close = bdb_close,
	.worn = bdb_worn,
	.file = bdb_file,
	.retain = bdb_retain,
	.release = logs_release,
	.read_piece = bdb_read_piece,
	.log_end = bdb_log_end,
	.lineage = bdb_lineage,
	.visit = bdb_visit
};
