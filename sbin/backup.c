/* backup - copies of the whole store, taken while it is in use */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/text.h"
#include "sbin/backup.h"
#include "sbin/manifest.h"
#include "store/copy.h"
#include "store/record.h"

/* A backup inside of what it is a backup of goes when that goes. */
static int
check_apart(struct rq *rq, const char *directory)
{
	const char *const places[] = { conf->data, conf->run, conf->publish };
	char mine[PATH_MAX], theirs[PATH_MAX];
	size_t i, n;

	if (realpath(directory, mine) == NULL)
		return copy_refuse(rq, "cannot use %s: %s", directory, strerror(errno));
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (realpath(places[i], theirs) == NULL)
			continue;
		n = strlen(theirs);
		if (strncmp(mine, theirs, n) == 0 && (mine[n] == '/' || mine[n] == '\0'))
			return copy_refuse(rq, "%s is in %s: choose a directory apart, best on "
			    "another disk", directory, theirs);
	}
	return 0;
}

static int
take_key(struct rq *rq, struct manifest *manifest)
{
	const char *to = arena_printf(rq->mem, "%s/master.key", manifest->directory);
	int fd, out, r;

	if ((fd = open(conf->master_key, O_RDONLY | O_CLOEXEC)) == -1)
		return copy_refuse(rq, "cannot read %s: %s", conf->master_key, strerror(errno));
	/* Nobody else's from its first moment. */
	if ((out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) != -1)
		(void)close(out);
	r = copy_bytes(rq, fd, to, 0, UINT64_MAX);
	(void)close(fd);
	return r != 0 ? r : manifest_add(rq, manifest, "master.key", UINT64_MAX);
}

static int
schema_of(struct rq *rq, int64_t *schema_r)
{
	const struct record *meta;
	int r;

	if ((r = record_get(rq, kv_key(rq->mem, KV_META, NULL), &meta)) != 0)
		return r;
	*schema_r = meta == NULL ? 0 : json_int(meta->doc, "Version", 0);
	return 0;
}

/* Logs from there to the end of the store's log. */
static int
take_logs(struct rq *rq, struct manifest *manifest, struct kv_place from)
{
	const char *logs = arena_printf(rq->mem, "%s/log", manifest->directory);
	uint32_t log;
	int r;

	if ((r = kv_log_end(rq, &manifest->end)) != 0 ||
	    (r = copy_logs(rq, logs, from, manifest->end)) != 0)
		return r;
	for (log = from.log; r == 0 && log <= manifest->end.log; log++)
		r = manifest_add(rq, manifest, arena_printf(rq->mem, "log/%s",
		    copy_log_name(rq->mem, log)), UINT64_MAX);
	return r;
}

/* The order is the engine's: a checkpoint, the data files, then the logs, whose end is later than
 * any page that was copied. */
static int
make_first(struct rq *rq, struct manifest *manifest)
{
	int i, r;

	if (mkdir(arena_printf(rq->mem, "%s/log", manifest->directory), 0750) == -1)
		return copy_refuse(rq, "cannot write %s: %s", manifest->directory, strerror(errno));
	if ((r = kv_retain(rq, &manifest->first)) != 0 ||
	    (r = copy_data(rq, manifest->directory)) != 0)
		return r;
	for (i = 0; r == 0 && kv_file(i) != NULL; i++)
		r = manifest_add(rq, manifest, kv_file(i), UINT64_MAX);
	if (r != 0 || (r = take_logs(rq, manifest, (struct kv_place){ manifest->first, 0 })) != 0)
		return r;
	return 0;
}

static int
add_to(struct rq *rq, struct manifest *manifest, const char *lineage)
{
	uint32_t from;
	int r;

	if (!text_equal(manifest->lineage, lineage))
		return copy_refuse(rq, "%s is a backup of another store, or of this one before it "
		    "was restored: choose an empty directory", manifest->directory);
	if ((r = kv_retain(rq, &from)) != 0)
		return r;
	return take_logs(rq, manifest, manifest->end);
}

/* What a first backup left that did not come to its end: it is of no use, and in the way. */
static void
clear(struct rq *rq, const char *directory)
{
	const char *logs = arena_printf(rq->mem, "%s/log", directory);
	uint32_t first, last;
	int i;

	if (copy_logs_in(rq, logs, &first, &last) == 0)
		for (; first != 0 && first <= last; first++)
			(void)unlink(arena_printf(rq->mem, "%s/%s", logs,
			    copy_log_name(rq->mem, first)));
	(void)rmdir(logs);
	for (i = 0; kv_file(i) != NULL; i++)
		(void)unlink(arena_printf(rq->mem, "%s/%s", directory, kv_file(i)));
	(void)unlink(arena_printf(rq->mem, "%s/master.key", directory));
	(void)unlink(arena_printf(rq->mem, "%s/manifest.json.new", directory));
}

int
backup_make(struct rq *rq, const char *directory, bool with_master_key)
{
	bool first, made = mkdir(directory, 0750) == 0;
	struct manifest *manifest;
	const char *lineage;
	int r;

	if (!made && errno != EEXIST)
		return copy_refuse(rq, "cannot make %s: %s", directory, strerror(errno));
	if ((r = check_apart(rq, directory)) != 0 || (r = kv_lineage(rq, &lineage)) != 0 ||
	    (r = manifest_read(rq, directory, &manifest)) != 0) {
		if (made)
			(void)rmdir(directory);
		return r;
	}
	if ((first = manifest == NULL)) {
		manifest = arena_alloc(rq->mem, sizeof(*manifest));
		manifest->directory = directory;
		manifest->lineage = lineage;
		manifest->files = json_array(rq->mem);
	}
	if ((r = schema_of(rq, &manifest->schema)) == 0 &&
	    (r = first ? make_first(rq, manifest) : add_to(rq, manifest, lineage)) == 0 &&
	    (!with_master_key || (r = take_key(rq, manifest)) == 0))
		r = manifest_write(rq, manifest);
	kv_release();
	if (r != 0 && first)
		clear(rq, directory);
	return r;
}
