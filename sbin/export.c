/* export - everything in the store as an archive
 *
 * An archive is of one moment, although the store goes on: it is read from a copy made like a
 * backup, beside the file, which goes when it is done. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "sbin/archive.h"
#include "sbin/moving.h"
#include "sbin/portable.h"
#include "store/copy.h"
#include "store/schema.h"

enum { PIECE = 500 };

struct export {
	struct rq *rq;
	struct archive *archive;
	struct portable_set *set;
	struct moved *moved;
	bool secrets;
};

static int
put(struct export *x, struct rq *rq, const struct record *record)
{
	const struct json *line;
	const char *missing;
	int r;

	portable_refer(rq, x->set, record->key->kind, record->key, record->doc, &missing);
	if (missing != NULL) {
		x->moved->stray++;
		return 0;
	}
	if ((r = portable_from(rq, record, x->secrets, &line)) != 0)
		return r;
	return archive_put(x->rq, x->archive, rq->mem, line);
}

/* A piece of a kind, after *after, which is then its last key, in memory of the export's. */
static int
put_piece(struct export *x, enum kv_kind kind, const struct kv_key **after)
{
	struct rq *rq = rq_begin("export");
	const struct record *records;
	struct kv_key *last;
	size_t i, n;
	int r;

	r = record_scan(rq, kv_key(rq->mem, kind, NULL), *after, PIECE, &records, &n);
	for (i = 0; r == 0 && i < n; i++)
		r = put(x, rq, &records[i]);
	*after = NULL;
	if (r == 0 && n == PIECE) {
		last = arena_alloc(x->rq->mem, sizeof(*last));
		*last = *records[n - 1].key;
		last->data = arena_dupn(x->rq->mem, last->data, last->n);
		*after = last;
	}
	rq_end(&rq);
	return r;
}

static int
put_all(struct export *x)
{
	const struct kv_key *after;
	int kind, r = 0;

	for (kind = 0; r == 0 && kind < KV_NKINDS; kind++) {
		if (kind == KV_META || (!x->secrets && !portable_is_plain((enum kv_kind)kind)))
			continue;
		after = NULL;
		do
			r = put_piece(x, (enum kv_kind)kind, &after);
		while (r == 0 && after != NULL);
	}
	return r;
}

static int
copy_store(struct rq *rq, const char *copy)
{
	const char *logs = arena_printf(rq->mem, "%s/log", copy);
	struct kv_place end;
	uint32_t first;
	int r;

	if (mkdir(copy, 0700) == -1 || mkdir(logs, 0700) == -1)
		return copy_refuse(rq, "cannot make %s: %s", copy, strerror(errno));
	if ((r = kv_retain(rq, &first)) == 0 && (r = copy_data(rq, copy)) == 0 &&
	    (r = kv_log_end(rq, &end)) == 0)
		r = copy_logs(rq, logs, (struct kv_place){ first, 0 }, end);
	kv_release();
	return r;
}

static int
write_archive(struct rq *rq, FILE *out, const char *passphrase, struct moved *moved_r)
{
	struct export x = { .rq = rq, .set = portable_set_new(rq), .moved = moved_r,
		.secrets = passphrase != NULL };
	int r;

	if ((r = archive_begin(rq, out, passphrase, x.secrets, SCHEMA, &x.archive)) != 0 ||
	    (r = put_all(&x)) != 0 || (r = archive_end(rq, x.archive)) != 0)
		return r;
	moved_r->records = archive_count(x.archive);
	return 0;
}

static int
write_file(struct rq *rq, const char *file, const char *passphrase, struct moved *moved_r)
{
	const char *new = arena_printf(rq->mem, "%s.new", file);
	FILE *out;
	int fd, r;

	/* Of an export that died, or somebody else's, who would then read this one. */
	(void)unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	out = fd == -1 ? NULL : fdopen(fd, "w");
	if (out == NULL)
		return archive_refuse(rq, "cannot write %s: %s", new, strerror(errno));
	r = write_archive(rq, out, passphrase, moved_r);
	(void)fclose(out);
	if (r == 0 && rename(new, file) == -1)
		r = archive_refuse(rq, "cannot write %s: %s", file, strerror(errno));
	if (r != 0)
		(void)unlink(new);
	return r;
}

int
export_store(struct rq *rq, const char *file, const char *passphrase, struct moved *moved_r)
{
	const char *copy = arena_printf(rq->mem, "%s.copy", file);
	int r;

	memset(moved_r, 0, sizeof(*moved_r));
	if (access(file, F_OK) == 0)
		return archive_refuse(rq, "%s is there already", file);
	copy_remove(rq, copy);
	if ((r = copy_store(rq, copy)) == 0 && (r = kv_visit(rq, copy, 0)) == 0) {
		r = write_file(rq, file, passphrase, moved_r);
		(void)kv_visit(rq, NULL, 0);
	}
	copy_remove(rq, copy);
	return r;
}
