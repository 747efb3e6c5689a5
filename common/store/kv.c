/* kv - keys, and what a request collects until it is applied */
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "store/kv.h"

enum { LONGEST_KEY = 1000 };

static const struct kv_engine *const kv_engine = &kv_bdb;

/* All in order, and those that write by the hashes of their keys. */
struct kv_write {
	struct kv_write *next;
	struct kv_write *last, *tree;	/* of the first alone */
	struct kv_write *child[4];
	struct kv_op op;
};

const struct kv_key *
kv_key(struct arena *mem, enum kv_kind kind, ...)
{
	struct kv_key *key = arena_alloc(mem, sizeof(*key));
	struct buf *b = buf_new(mem, LONGEST_KEY);
	const char *part;
	va_list ap;

	buf_char(b, kv_kinds[kind].byte);
	va_start(ap, kind);
	while ((part = va_arg(ap, const char *)) != NULL)
		buf_add(b, part, strlen(part) + 1);
	va_end(ap);
	key->kind = kind;
	if (!buf_over(b)) {
		key->data = b->s;
		key->n = b->len;
	}
	return key;
}

const char *
kv_part(struct arena *mem, const struct kv_key *key, int i)
{
	const char *end, *p;
	size_t left;

	if (key->n == 0 || i < 0)
		return NULL;
	p = (const char *)key->data + 1;
	left = key->n - 1;
	for (; (end = memchr(p, '\0', left)) != NULL; i--) {
		if (i == 0)
			return arena_dupn(mem, p, (size_t)(end - p));
		left -= (size_t)(end + 1 - p);
		p = end + 1;
	}
	return NULL;
}

int
kv_get(struct rq *rq, const struct kv_key *key, const struct kv_value **value_r)
{
	*value_r = NULL;
	return key->n == 0 ? 0 : kv_engine->get(rq, key, value_r);
}

uint64_t
kv_state(void)
{
	return kv_engine->state();
}

int
kv_scan(struct rq *rq, const struct kv_key *prefix, const struct kv_key *after, size_t most,
    const struct kv_row **rows_r, size_t *n_r)
{
	*rows_r = NULL;
	*n_r = 0;
	if (most > 1000)
		return fault(rq, "a scan for %zu rows", most);
	return prefix->n == 0 ? 0 : kv_engine->scan(rq, prefix, after, most, rows_r, n_r);
}

static bool
is_write(const struct kv_op *op)
{
	return op->what == KV_OP_PUT || op->what == KV_OP_DROP;
}

static struct kv_write *
collect(struct rq *rq)
{
	struct kv_write *w = arena_alloc(rq->mem, sizeof(*w));

	if (rq->writes == NULL)
		rq->writes = w;
	else
		rq->writes->last->next = w;
	rq->writes->last = w;
	return w;
}

uint64_t
kv_hash(const struct kv_key *key)
{
	const unsigned char *p = key->data;
	uint64_t h = 0xcbf29ce484222325u;	/* FNV-1a */
	size_t i;

	for (i = 0; i < key->n; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h;
}

/* What brings the difference between hashes into their first bits, by which the tree branches. */
static const uint64_t SPREAD = 0x9e3779b97f4a7c15u;

/* The place of the write of that key in the tree that hangs from the first collected. */
static struct kv_write **
place(const struct rq *rq, const struct kv_key *key)
{
	struct kv_write **at = &rq->writes->tree;
	uint64_t h;

	for (h = kv_hash(key) * SPREAD; *at != NULL; h <<= 2) {
		if ((*at)->op.key->n == key->n && (key->n == 0 ||
		    memcmp((*at)->op.key->data, key->data, key->n) == 0))
			break;
		at = &(*at)->child[h >> 62];
	}
	return at;
}

/* The write of that key, already there or new. Imports collect thousands. */
static struct kv_op *
collect_write(struct rq *rq, const struct kv_key *key)
{
	struct kv_write **at, *w;

	if (rq->writes == NULL || *(at = place(rq, key)) == NULL) {
		w = collect(rq);
		w->op.key = key;
		*place(rq, key) = w;
		return &w->op;
	}
	return &(*at)->op;
}

void
kv_put(struct rq *rq, const struct kv_key *key, const char *text, int64_t expires)
{
	size_t n = strlen(text);

	*collect_write(rq, key) = (struct kv_op){ .what = KV_OP_PUT, .key = key, .n = n,
		.text = arena_dupn(rq->mem, text, n), .expires = expires };
}

void
kv_drop(struct rq *rq, const struct kv_key *key)
{
	*collect_write(rq, key) = (struct kv_op){ .what = KV_OP_DROP, .key = key };
}

static bool
collected(const struct rq *rq, const struct kv_key *key, int what)
{
	const struct kv_write *w = rq->writes == NULL ? NULL : *place(rq, key);

	return w != NULL && (int)w->op.what == what;
}

bool
kv_dropping(const struct rq *rq, const struct kv_key *key)
{
	return collected(rq, key, KV_OP_DROP);
}

bool
kv_putting(const struct rq *rq, const struct kv_key *key)
{
	return collected(rq, key, KV_OP_PUT);
}

void
kv_expect_absent(struct rq *rq, const struct kv_key *key)
{
	collect(rq)->op = (struct kv_op){ .what = KV_OP_ABSENT, .key = key };
}

void
kv_expect_same(struct rq *rq, const struct kv_key *key, const struct kv_value *seen)
{
	collect(rq)->op = (struct kv_op){ .what = KV_OP_SAME, .key = key, .text = seen->text,
		.n = seen->n };
}

int
kv_apply(struct rq *rq)
{
	struct kv_write *w, *writes = rq->writes;
	bool lasting = false;
	struct kv_op *ops;
	size_t n = 0;

	rq->writes = NULL;
	for (w = writes; w != NULL; w = w->next)
		n++;
	if (n == 0)
		return 0;
	ops = arena_array(rq->mem, n, sizeof(*ops));
	for (w = writes, n = 0; w != NULL; w = w->next) {
		/* A key that is too long matches nothing: it is absent, and it cannot be
		 * written. */
		if (w->op.key->n == 0 && is_write(&w->op))
			return fault(rq, "a write to a key of kind %s that is too long",
			    kv_kinds[w->op.key->kind].name);
		if (w->op.key->n == 0 && w->op.what == KV_OP_SAME)
			return KV_BROKEN;
		if (w->op.key->n == 0)
			continue;
		lasting = lasting ||
		    (is_write(&w->op) && kv_kinds[w->op.key->kind].promise == LASTING);
		ops[n++] = w->op;
	}
	return kv_engine->apply(rq, ops, n, lasting);
}

void
kv_forget(struct rq *rq)
{
	rq->writes = NULL;
}

int
kv_sweep(struct rq *rq, size_t *n_r)
{
	*n_r = 0;
	return kv_engine->sweep(rq, n_r);
}

int
kv_checkpoint(struct rq *rq)
{
	return kv_engine->checkpoint(rq);
}

int
kv_flush(struct rq *rq)
{
	return kv_engine->flush(rq);
}

void
kv_found(void)
{
	kv_engine->found();
}

void
kv_admit(void)
{
	kv_engine->admit();
}

int
kv_renew(struct rq *rq)
{
	return kv_engine->renew(rq);
}

void
kv_close(void)
{
	kv_engine->close();
}

bool
kv_worn(void)
{
	return kv_engine->worn();
}

const char *
kv_file(int i)
{
	return kv_engine->file(i);
}

int
kv_retain(struct rq *rq, uint32_t *from_r)
{
	return kv_engine->retain(rq, from_r);
}

void
kv_release(void)
{
	kv_engine->release();
}

int
kv_read_piece(struct rq *rq, int fd, void *piece, size_t size, uint64_t offset, size_t *n_r)
{
	*n_r = 0;
	return kv_engine->read_piece(rq, fd, piece, size, offset, n_r);
}

int
kv_log_end(struct rq *rq, struct kv_place *end_r)
{
	return kv_engine->log_end(rq, end_r);
}

int
kv_lineage(struct rq *rq, const char **lineage_r)
{
	*lineage_r = NULL;
	return kv_engine->lineage(rq, lineage_r);
}

int
kv_visit(struct rq *rq, const char *directory, int64_t until)
{
	return kv_engine->visit(rq, directory, until);
}

int
kv_verify(struct rq *rq)
{
	return kv_engine->verify(rq);
}
