/* import - an archive into the store */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oidc/discovery.h"
#include "oidc/keyring.h"
#include "sbin/archive.h"
#include "sbin/moving.h"
#include "sbin/portable.h"
#include "store/schema.h"

enum {
	PIECE = 500,			/* records of one transaction */
	NAMED = 20			/* conflicts that are named one by one */
};

struct import {
	struct rq *rq;
	FILE *file;
	const char *passphrase;
	bool replace;
	struct archive_head head;
	struct archive *archive;
	struct portable_set *set;
	size_t conflicts;
	struct moved *moved;
};

typedef int record_fn(struct import *m, struct rq *rq, struct portable *portable);

/* One reading: each record given to a function, PIECE of them with one request, whose writes are
 * then applied. */
static int
read_piece(struct import *m, record_fn *each, bool *done_r)
{
	struct rq *rq = rq_begin("import");
	const struct json *line;
	struct portable portable;
	int i, r = 0;

	*done_r = false;
	for (i = 0; r == 0 && !*done_r && i < PIECE; i++) {
		if ((r = archive_next(m->rq, m->archive, rq->mem, &line)) != 0)
			break;
		if ((*done_r = line == NULL))
			break;
		if ((r = portable_read(rq, line, m->head.secrets, &portable)) == 0)
			r = each(m, rq, &portable);
	}
	if (r == REFUSED && rq->refusal != NULL)
		r = archive_refuse(m->rq, "%s", refusal_text(rq));
	if (r == 0 && (r = kv_apply(rq)) == KV_BROKEN)
		r = archive_refuse(m->rq, "somebody else writes the same records: import again");
	rq_end(&rq);
	return r;
}

static int
read_all(struct import *m, record_fn *each)
{
	bool done = false;
	int r;

	r = archive_open(m->rq, m->file, m->passphrase, &m->head, &m->archive);
	if (r == 0 && m->head.schema != SCHEMA)
		return archive_refuse(m->rq, "the archive is of schema %lld; this program knows %d",
		    (long long)m->head.schema, SCHEMA);
	while (r == 0 && !done)
		r = read_piece(m, each, &done);
	return r;
}

/* The first reading: is every record sound, alone and among the others, and free to be written? */
static int
check_record(struct import *m, struct rq *rq, struct portable *portable)
{
	const struct record *there;
	const char *missing;
	bool same;
	int r;

	portable_refer(rq, m->set, portable->kind, portable->key, portable->doc, &missing);
	if (missing != NULL)
		return archive_refuse(rq, "%s: there is no %s in the archive",
		    portable_spell(rq->mem, portable->key), missing);
	if ((r = record_get(rq, portable->key, &there)) != 0 || there == NULL ||
	    (r = portable_same(rq, portable, there, m->head.secrets, &same)) != 0)
		return r;
	if (same) {
		m->moved->there++;
	} else if (!m->replace && m->conflicts++ < NAMED) {
		(void)fprintf(stderr, "tarn: %s is there with another content\n",
		    portable_spell(rq->mem, portable->key));
	}
	return 0;
}

/* The second: writes what is not there yet. */
static int
write_record(struct import *m, struct rq *rq, struct portable *portable)
{
	const struct record *there;
	bool same = false;
	int r;

	if ((r = record_get(rq, portable->key, &there)) != 0)
		return r;
	if (there != NULL &&
	    (r = portable_same(rq, portable, there, m->head.secrets, &same)) != 0)
		return r;
	if (same || (portable->expires != 0 && portable->expires <= rq->now))
		return 0;
	if (there == NULL)
		kv_expect_absent(rq, portable->key);
	else if (!m->replace)
		return archive_refuse(rq, "%s was written meanwhile",
		    portable_spell(rq->mem, portable->key));
	if ((r = portable_seal(rq, portable, &m->moved->made)) != 0)
		return r;
	return record_put(rq, portable->key, portable->doc, portable->expires);
}

/* Keys for a pool that came without, each in a transaction of its own. */
static int
make_keys(struct rq *outer, const struct pool *pool)
{
	struct rq *rq = rq_begin("import");
	const struct signer *signer;
	const struct pool *again;
	struct json *doc;
	int r;

	(void)outer;
	if ((r = pool_get(rq, pool->id, &again)) == 0 && again != NULL &&
	    (r = signer_get(rq, again->id, again->id_key, &signer)) == 0 && signer == NULL) {
		doc = json_copy(rq->mem, again->doc);
		if ((r = keyring_rotate(rq, again, rq->now, doc)) == 0 &&
		    (r = pool_change(rq, again, doc)) == 0)
			r = kv_apply(rq);
	}
	rq_end(&rq);
	return r;
}

int
import_store(struct rq *rq, const char *file, const char *passphrase, bool replace,
    struct moved *moved_r)
{
	struct import m = { .rq = rq, .file = fopen(file, "re"), .passphrase = passphrase,
		.replace = replace, .set = portable_set_new(rq), .moved = moved_r };
	int r;

	memset(moved_r, 0, sizeof(*moved_r));
	if (m.file == NULL)
		return archive_refuse(rq, "cannot read %s: %s", file, strerror(errno));
	r = read_all(&m, check_record);
	if (r == 0 && m.conflicts > 0)
		r = archive_refuse(rq, "%zu records are there with another content: nothing is "
		    "written; --replace takes those of the archive", m.conflicts);
	if (r == 0)
		r = read_all(&m, write_record);
	if (r == 0 && !m.head.secrets)
		r = pool_each(rq, make_keys);
	if (m.archive != NULL)
		moved_r->records = archive_count(m.archive);
	(void)fclose(m.file);
	return r;
}
