/* copy - the store as files elsewhere: what backups and the archive of logs are made of */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "store/copy.h"
#include "store/logs.h"

enum { PIECE = 256 << 10 };	/* read in one hold */

const struct refusal copy_refused = { "CopyRefused", 500, "%s", NULL };

static int
cannot(struct rq *rq, const char *doing, const char *path)
{
	return copy_refuse(rq, "cannot %s %s: %s", doing, path,
	    errno == ENOSPC || errno == EDQUOT ? "the disk is full" : strerror(errno));
}

const char *
copy_log_name(struct arena *mem, uint32_t log)
{
	return arena_printf(mem, "log.%010u", log);
}

int
copy_sync(struct rq *rq, const char *directory)
{
	return file_sync_folder(directory) ? 0 : cannot(rq, "sync", directory);
}

int
copy_logs_in(struct rq *rq, const char *directory, uint32_t *first_r, uint32_t *last_r)
{
	return logs_in(directory, first_r, last_r) ? 0 :
	    fault(rq, "cannot read %s: %s", directory, strerror(errno));
}

void
copy_remove(struct rq *rq, const char *directory)
{
	/* Whoever laid a link there would have us empty what it leads to. */
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	const char *path;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		path = arena_printf(rq->mem, "%s/%s", directory, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlink(path) == -1)
			copy_remove(rq, path);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(directory);
}

/* How a piece is read: a log just so, a data file while nobody writes to it. */
typedef int read_fn(struct rq *rq, int fd, void *piece, size_t size, uint64_t at, size_t *n_r);

static int
read_log(struct rq *rq, int fd, void *piece, size_t size, uint64_t at, size_t *n_r)
{
	ssize_t n = pread(fd, piece, size, (off_t)at);

	*n_r = n > 0 ? (size_t)n : 0;
	return n >= 0 ? 0 : cannot(rq, "read", "a log");
}

static int
copy_pieces(struct rq *rq, read_fn *reads, int in, int out, const char *to, uint64_t at,
    uint64_t until)
{
	char *piece = arena_alloc(rq->mem, PIECE);
	size_t n, most;
	int r;

	for (; at < until; at += n) {
		most = until - at < PIECE ? (size_t)(until - at) : PIECE;
		if ((r = reads(rq, in, piece, most, at, &n)) != 0)
			return r;
		if (n == 0)
			return 0;
		if (pwrite(out, piece, n, (off_t)at) != (ssize_t)n)
			return cannot(rq, "write", to);
	}
	return 0;
}

static int
copy_file(struct rq *rq, read_fn *reads, int in, const char *to, uint64_t from, uint64_t until)
{
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	int r;

	if (out == -1)
		return cannot(rq, "write", to);
	if (ftruncate(out, (off_t)from) == -1)
		r = cannot(rq, "write", to);
	else if ((r = copy_pieces(rq, reads, in, out, to, from, until)) == 0 && fsync(out) == -1)
		r = cannot(rq, "write", to);
	(void)close(out);
	return r;
}

int
copy_bytes(struct rq *rq, int in, const char *to, uint64_t from, uint64_t until)
{
	return copy_file(rq, read_log, in, to, from, until);
}

int
copy_data(struct rq *rq, const char *directory)
{
	const char *name, *path;
	int fd, i, r = 0;

	for (i = 0; r == 0 && (name = kv_file(i)) != NULL; i++) {
		path = arena_printf(rq->mem, "%s/%s", conf->data, name);
		if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
			return cannot(rq, "read", path);
		r = copy_file(rq, kv_read_piece, fd,
		    arena_printf(rq->mem, "%s/%s", directory, name), 0, UINT64_MAX);
		(void)close(fd);
	}
	return r != 0 ? r : copy_sync(rq, directory);
}

const char *
copy_archive_of(struct rq *rq, const char *lineage)
{
	if (conf->log_archive == NULL || *conf->log_archive == '\0')
		return NULL;
	return arena_printf(rq->mem, "%s/%s", conf->log_archive, lineage);
}

/* A log of the store, or of the archive where the store has it no longer. */
static int
open_log(struct rq *rq, const char *archive, const char *name, int *fd_r)
{
	const char *path = arena_printf(rq->mem, "%s/log/%s", conf->data, name);

	if ((*fd_r = open(path, O_RDONLY | O_CLOEXEC)) == -1 && errno == ENOENT && archive != NULL)
		*fd_r = open(arena_printf(rq->mem, "%s/%s", archive, name), O_RDONLY | O_CLOEXEC);
	if (*fd_r != -1)
		return 0;
	if (errno != ENOENT)
		return cannot(rq, "read", path);
	return copy_refuse(rq, "%s is gone: the store removed it, and log_archive does not have it",
	    name);
}

int
copy_logs(struct rq *rq, const char *directory, struct kv_place from, struct kv_place until)
{
	const char *lineage, *archive, *name;
	int fd, r;

	if ((r = kv_lineage(rq, &lineage)) != 0)
		return r;
	archive = copy_archive_of(rq, lineage);
	for (; r == 0 && from.log <= until.log; from.log++, from.offset = 0) {
		name = copy_log_name(rq->mem, from.log);
		if ((r = open_log(rq, archive, name, &fd)) != 0)
			return r;
		r = copy_bytes(rq, fd, arena_printf(rq->mem, "%s/%s", directory, name), from.offset,
		    from.log == until.log ? until.offset : UINT64_MAX);
		(void)close(fd);
	}
	return r != 0 ? r : copy_sync(rq, directory);
}

/* Where the archive ends; where it has nothing that the store still has, the store's first log. */
static int
archive_end(struct rq *rq, const char *archive, struct kv_place *end)
{
	const char *logs = arena_printf(rq->mem, "%s/log", conf->data);
	uint32_t first, last, none;
	struct stat st;

	*end = (struct kv_place){ 0, 0 };
	if (copy_logs_in(rq, archive, &none, &end->log) != 0 ||
	    copy_logs_in(rq, logs, &first, &last) != 0)
		return FAULT;
	if (end->log != 0 && end->log + 1 < first)
		log_rq(rq, LOG_WARN, NULL, "the archive lacks %s to %s: make a new backup",
		    copy_log_name(rq->mem, end->log + 1), copy_log_name(rq->mem, first - 1));
	if (end->log < first)
		*end = (struct kv_place){ first, 0 };
	else if (stat(arena_printf(rq->mem, "%s/%s", archive, copy_log_name(rq->mem, end->log)),
	    &st) == 0)
		end->offset = (uint32_t)st.st_size;
	return 0;
}

int
copy_archive(struct rq *rq)
{
	const char *lineage, *archive;
	struct kv_place from, until;
	int r;

	if (copy_archive_of(rq, "") == NULL)
		return 0;
	if ((r = kv_lineage(rq, &lineage)) != 0 || (r = kv_log_end(rq, &until)) != 0)
		return r;
	archive = copy_archive_of(rq, lineage);
	if (!file_make_folder(archive, 0750))
		return cannot(rq, "make", archive);
	if ((r = archive_end(rq, archive, &from)) != 0)
		return r;
	if (from.log > until.log || (from.log == until.log && from.offset >= until.offset))
		return 0;
	return copy_logs(rq, archive, from, until);
}
