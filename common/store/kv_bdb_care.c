/* kv_bdb_care - the engine over Berkeley DB 5.3: checkpoints, copies, verification */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "store/disk.h"
#include "store/gate.h"
#include "store/kv_bdb.h"
#include "store/logs.h"
#include "store/size.h"

/*
 * Checkpoints.
 */

int
bdb_flush(struct rq *rq)
{
	if (bdb_enter(rq) != 0)
		return FAULT;
	gate_leave(true);
	return gate_sync(gate_newest()) == 0 ? 0 : fault(rq, "the log cannot be synced");
}

/* Writes changed pages to the kernel, a hundredth of the cache in each hold. The library syncs the
 * log before it writes a page; with the log on disk already that costs next to nothing inside. */
static int
trickle(struct rq *rq)
{
	int percent, r, written;

	for (percent = 1; percent <= 100; percent++) {
		if (bdb_flush(rq) != 0 || bdb_enter(rq) != 0)
			return FAULT;
		r = bdb.env->memp_trickle(bdb.env, percent, &written);
		if (bdb_leave(rq, r, "write pages") != 0)
			return FAULT;
	}
	return 0;
}

static int
sync_files(struct rq *rq)
{
	char path[PATH_MAX];
	int fd, i, r;

	for (i = 0; i < BDB_NFILES; i++) {
		fd = open(disk_path(path, conf->data, bdb_file(i)), O_RDWR | O_CLOEXEC);
		r = fd == -1 ? -1 : fdatasync(fd);
		if (fd != -1)
			(void)close(fd);
		if (r == -1)
			return fault(rq, "cannot sync %s: %s", path, strerror(errno));
	}
	return 0;
}

static int
remove_archived_logs(void)
{
	char logs[PATH_MAX], path[PATH_MAX], **list = NULL, **name;
	const char *base;
	int r;

	if ((r = bdb.env->log_archive(bdb.env, &list, 0)) != 0 || list == NULL)
		return r;
	disk_path(logs, conf->data, "log");
	for (name = list; r == 0 && *name != NULL; name++) {
		base = strrchr(*name, '/') != NULL ? strrchr(*name, '/') + 1 : *name;
		if (logs_archived(bdb.lineage, base) && unlink(disk_path(path, logs, base)) == -1)
			r = errno;
	}
	free(list);
	return r;
}

static int
remove_logs(void)
{
	if (logs_retained())
		return 0;
	return conf->log_archive == NULL || *conf->log_archive == '\0' ?
	    bdb.env->log_archive(bdb.env, NULL, DB_ARCH_REMOVE) : remove_archived_logs();
}

static int
checkpoint_inside(uint32_t flags)
{
	int r;

	gate_lengthy();
	if ((r = bdb.env->txn_checkpoint(bdb.env, 0, 0, flags)) != 0 || (r = remove_logs()) != 0)
		return r;
	gate_checkpointed();
	return 0;
}

/* The slow parts come first and outside or in small holds: the log, then the pages (never before
 * their log), then the disk. What is left for the checkpoint itself is little. */
int
bdb_checkpoint(struct rq *rq)
{
	/* It makes room, but needs some. */
	if (disk_room() < SIZE_LOG)
		return fault(rq, "no checkpoint is made: %s", disk_trouble());
	if (trickle(rq) != 0 || sync_files(rq) != 0 ||
	    bdb_enter(rq) != 0 || bdb_leave(rq, checkpoint_inside(0), "make a checkpoint") != 0)
		return FAULT;
	gate_reap();
	disk_keep_ballast();
	return 0;
}

/*
 * Copying.
 */

static int
mark(uint32_t *from_r)
{
	int r;

	return (r = bdb_newest_log(from_r)) != 0 ? r : checkpoint_inside(DB_FORCE);
}

int
bdb_retain(struct rq *rq, uint32_t *from_r)
{
	if (!logs_retain())
		return fault(rq, "cannot lock %s/retain: %s", conf->data, strerror(errno));
	/* The first one is slow, but in small holds. */
	if (bdb_checkpoint(rq) != 0 || bdb_enter(rq) != 0)
		return FAULT;
	return bdb_leave(rq, mark(from_r), "make a checkpoint");
}

int
bdb_read_piece(struct rq *rq, int fd, void *piece, size_t size, uint64_t offset, size_t *n_r)
{
	ssize_t n;

	if (bdb_enter(rq) != 0)
		return FAULT;
	n = pread(fd, piece, size, (off_t)offset);
	if (bdb_leave(rq, 0, "read") != 0)
		return FAULT;
	if (n == -1)
		return fault(rq, "cannot read a data file: %s", strerror(errno));
	*n_r = (size_t)n;
	return 0;
}

static int
find_end(struct kv_place *end)
{
	DB_LOG_STAT *stat;
	int r;

	if ((r = bdb.env->log_flush(bdb.env, NULL)) != 0 ||
	    (r = bdb.env->log_stat(bdb.env, &stat, 0)) != 0)
		return r;
	*end = (struct kv_place){ .log = stat->st_cur_file, .offset = stat->st_cur_offset };
	free(stat);
	return 0;
}

/* With the log on disk before, the flush inside has next to nothing to do. */
int
bdb_log_end(struct rq *rq, struct kv_place *end_r)
{
	if (bdb_flush(rq) != 0 || bdb_enter(rq) != 0)
		return FAULT;
	return bdb_leave(rq, find_end(end_r), "find the end of the log");
}

int
bdb_lineage(struct rq *rq, const char **lineage_r)
{
	if (bdb_enter(rq) != 0 || bdb_leave(rq, 0, "enter") != 0)
		return FAULT;
	*lineage_r = arena_dup(rq->mem, bdb.lineage);
	return 0;
}

/*
 * Verifying.
 */

/* Reads the file as it is on disk, with a handle that has nothing to do with the environment. */
static int
verify_file(struct rq *rq, const char *name)
{
	char path[PATH_MAX];
	int found = 0, r;
	DB *db;

	if (bdb_enter(rq) != 0)
		return FAULT;
	if ((r = checkpoint_inside(DB_FORCE)) == 0 && (r = db_create(&db, NULL, 0)) == 0) {
		db->set_errcall(db, bdb_on_error);
		/* Ends the handle, whatever it finds. */
		found = db->verify(db, disk_path(path, conf->data, name), NULL, NULL, 0);
	}
	if (bdb_leave(rq, r, "verify a file") != 0)
		return FAULT;
	return found == 0 ? 0 : fault(rq, "%s is damaged: restore a backup (tarn restore)", name);
}

/* Reads every record of the log, which checks its checksum. */
static int
read_logs(void)
{
	DBT record = { .flags = DB_DBT_REALLOC };
	DB_LOGC *cursor;
	DB_LSN lsn;
	int closed, r;

	if ((r = bdb.env->log_cursor(bdb.env, &cursor, 0)) != 0)
		return r;
	gate_lengthy();
	r = cursor->get(cursor, &lsn, &record, DB_FIRST);
	while (r == 0)
		r = cursor->get(cursor, &lsn, &record, DB_NEXT);
	free(record.data);
	closed = cursor->close(cursor, 0);
	return r != DB_NOTFOUND ? r : closed;
}

int
bdb_verify(struct rq *rq)
{
	int i, r = 0;

	if (disk_room() < SIZE_LOG)
		return fault(rq, "nothing can be checked: %s", disk_trouble());
	for (i = 0; i < BDB_NFILES; i++)
		if (verify_file(rq, bdb_file(i)) != 0)
			r = FAULT;
	if (bdb_enter(rq) != 0 || bdb_leave(rq, read_logs(), "read the log") != 0 ||
	    bdb_verify_index(rq, LASTING) != 0 || bdb_verify_index(rq, PASSING) != 0)
		return FAULT;
	return r;
}
