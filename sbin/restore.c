/* restore - the store of the settings made from a backup
 *
 * The copy is made, and its logs are replayed, in a directory of its own inside of the store's;
 * only what is whole takes the store's place. The file that says that there is a store is taken
 * away first and put in place last: a restoration that dies half way leaves no store, and is begun
 * again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/text.h"
#include "oidc/discovery.h"
#include "oidc/keyring.h"
#include "sbin/backup.h"
#include "sbin/check.h"
#include "sbin/manifest.h"
#include "store/copy.h"
#include "store/pool.h"
#include "store/schema.h"

static const char *
in_data(struct rq *rq, const char *name)
{
	return arena_printf(rq->mem, "%s/%s", conf->data, name);
}

/* Every program that uses the store has this file locked, shared (store/gate.c). */
static int
lock_store(struct rq *rq, bool replace, int *lock_r)
{
	struct stat st;

	if (stat(conf->data, &st) == -1)
		return copy_refuse(rq, "%s is not there: tarn init makes it", conf->data);
	if (geteuid() == 0 && st.st_uid != 0)
		return copy_refuse(rq, "%s belongs to user %lu: run this as that user", conf->data,
		    (unsigned long)st.st_uid);
	if (!replace && access(in_data(rq, kv_file(0)), F_OK) == 0)
		return copy_refuse(rq, "there is a store in %s: --replace puts the backup in its "
		    "place", conf->data);
	if ((*lock_r = open(in_data(rq, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0660)) == -1)
		return copy_refuse(rq, "cannot lock %s: %s", conf->data, strerror(errno));
	if (flock(*lock_r, LOCK_EX | LOCK_NB) == -1)
		return copy_refuse(rq, "the store in %s is in use: stop the programs first",
		    conf->data);
	return 0;
}

static int
make_room(struct rq *rq, const char *staging)
{
	const char *logs = arena_printf(rq->mem, "%s/log", staging);

	copy_remove(rq, staging);
	if (mkdir(staging, 0750) == -1 || mkdir(logs, 0750) == -1)
		return copy_refuse(rq, "cannot make %s: %s", staging, strerror(errno));
	return 0;
}

/* The master key of the backup, where this installation has none. */
static int
restore_key(struct rq *rq, const struct manifest *manifest, const struct json *file)
{
	int fd;

	if (access(conf->master_key, F_OK) == 0)
		return 0;
	if ((fd = open(conf->master_key, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) == -1)
		return copy_refuse(rq, "cannot write %s: %s", conf->master_key, strerror(errno));
	(void)close(fd);
	return manifest_copy(rq, manifest, file, conf->master_key);
}

static int
copy_backup(struct rq *rq, const struct manifest *manifest, const char *staging)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < json_count(manifest->files); i++) {
		const struct json *file = json_at(manifest->files, i);
		const char *name = json_text(file, "Name");

		r = text_equal(name, "master.key") ? restore_key(rq, manifest, file) :
		    manifest_copy(rq, manifest, file,
		    arena_printf(rq->mem, "%s/%s", staging, name));
	}
	return r;
}

/* Archived logs in place of the backup's last one and after it, as far as there is no gap. */
static int
copy_archived(struct rq *rq, const struct manifest *manifest, const char *staging)
{
	const char *archive = copy_archive_of(rq, manifest->lineage), *name;
	struct kv_place at = manifest->end;
	int fd, r = 0;

	if (archive == NULL)
		return copy_refuse(rq, "log_archive is not set: there are no logs to go on with");
	for (; r == 0; at.log++, at.offset = 0) {
		name = copy_log_name(rq->mem, at.log);
		fd = open(arena_printf(rq->mem, "%s/%s", archive, name), O_RDONLY | O_CLOEXEC);
		if (fd == -1 && at.log == manifest->end.log)
			return copy_refuse(rq, "%s has no %s: it does not go on where the backup "
			    "ends", archive, name);
		if (fd == -1)
			return errno == ENOENT ? 0 :
			    copy_refuse(rq, "cannot read %s/%s: %s", archive, name,
			    strerror(errno));
		r = copy_bytes(rq, fd, arena_printf(rq->mem, "%s/log/%s", staging, name), at.offset,
		    UINT64_MAX);
		(void)close(fd);
	}
	return r;
}

/* From here on this store has a history of its own: logs of the old one are not its logs. */
static int
begin_lineage(struct rq *rq)
{
	const struct record *meta;
	struct json *doc;
	int r;

	if ((r = record_get(rq, kv_key(rq->mem, KV_META, NULL), &meta)) != 0)
		return r;
	if (meta == NULL)
		return fault(rq, "the backup has no meta record");
	if (!json_has(meta->doc, "Lineage"))
		return 0;	/* of an older schema: tarn upgrade gives it one */
	doc = json_copy(rq->mem, meta->doc);
	json_set_text(doc, "Lineage", schema_lineage(rq->mem));
	if ((r = record_change(rq, meta, doc, 0)) != 0)
		return r;
	return kv_apply(rq);
}

static int
replay(struct rq *rq, const char *staging, int64_t until)
{
	int left, r;

	kv_admit();
	if ((r = kv_visit(rq, staging, until)) != 0)
		return r;
	if (check_master_key(rq))
		r = begin_lineage(rq);
	else
		r = copy_refuse(rq, "%s is not the master key of this backup: put the right one in "
		    "its place first", conf->master_key);
	left = kv_visit(rq, NULL, 0);
	return r != 0 ? r : left;
}

static int
put_in_place(struct rq *rq, const char *staging, const char *name)
{
	const char *from = arena_printf(rq->mem, "%s/%s", staging, name);

	if (rename(from, in_data(rq, name)) == -1)
		return copy_refuse(rq, "cannot move %s: %s", from, strerror(errno));
	return 0;
}

/* The gate and the shared memory of the old store must not meet the new one's files. */
static int
exchange(struct rq *rq, const char *staging)
{
	int i, r;

	(void)unlink(in_data(rq, kv_file(0)));
	if ((r = copy_sync(rq, conf->data)) != 0)
		return r;
	(void)unlink(arena_printf(rq->mem, "%s/gate", conf->run));
	copy_remove(rq, arena_printf(rq->mem, "%s/env", conf->run));
	copy_remove(rq, in_data(rq, "log"));
	r = put_in_place(rq, staging, "log");
	for (i = 1; r == 0 && kv_file(i) != NULL; i++)
		r = put_in_place(rq, staging, kv_file(i));
	if (r != 0 || (r = copy_sync(rq, conf->data)) != 0 ||
	    (r = put_in_place(rq, staging, kv_file(0))) != 0)
		return r;
	copy_remove(rq, staging);
	return copy_sync(rq, conf->data);
}

int
backup_restore(struct rq *rq, const struct restoration *what)
{
	const char *staging = in_data(rq, "restoring");
	struct manifest *manifest;
	int lock = -1, r;

	if ((r = manifest_read(rq, what->from, &manifest)) != 0)
		return r;
	if (manifest == NULL)
		return copy_refuse(rq, "%s holds no backup", what->from);
	if (manifest->schema > SCHEMA)
		return copy_refuse(rq, "%s is of schema %lld; this program knows %d: use the newer "
		    "version's", what->from, (long long)manifest->schema, SCHEMA);
	if ((r = lock_store(rq, what->replace, &lock)) != 0)
		return r;
	if ((r = make_room(rq, staging)) == 0 &&
	    (r = copy_backup(rq, manifest, staging)) == 0 &&
	    (!what->roll || (r = copy_archived(rq, manifest, staging)) == 0) &&
	    (r = replay(rq, staging, what->until)) == 0)
		r = exchange(rq, staging);
	(void)close(lock);
	return r;
}
