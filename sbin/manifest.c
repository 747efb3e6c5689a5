/* manifest - what a backup consists of */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "sbin/manifest.h"
#include "store/copy.h"
#include "store/schema.h"

enum {
	FORMAT = 1,
	MOST_TEXT = 16 << 20,	/* a hundred thousand logs */
	PIECE = 64 << 10
};

static const char name_of_it[] = "manifest.json";

static const char *
path_in(struct rq *rq, const struct manifest *manifest, const char *name)
{
	return arena_printf(rq->mem, "%s/%s", manifest->directory, name);
}

static bool
is_empty(const char *directory)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	bool empty = true;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		empty = empty && (text_equal(entry->d_name, ".") ||
		    text_equal(entry->d_name, ".."));
	if (dir != NULL)
		(void)closedir(dir);
	return empty;
}

/* A name from a manifest becomes a path: nothing but what backups are made of. */
static bool
is_ours(const char *name)
{
	int i;

	for (i = 0; kv_file(i) != NULL; i++)
		if (text_equal(name, kv_file(i)))
			return true;
	return text_equal(name, "master.key") || (name != NULL && text_starts(name, "log/log.") &&
	    strlen(name) == 18 && name[8 + strspn(name + 8, "0123456789")] == '\0');
}

static bool
well_formed(const struct json *doc, const struct manifest *manifest)
{
	size_t i;

	if (json_text(doc, "Lineage") == NULL || manifest->first == 0 ||
	    manifest->end.log < manifest->first || json_count(manifest->files) == 0)
		return false;
	for (i = 0; i < json_count(manifest->files); i++) {
		const struct json *file = json_at(manifest->files, i);

		if (!is_ours(json_text(file, "Name")) || json_int(file, "Size", -1) < 0 ||
		    json_text(file, "Sha256") == NULL)
			return false;
	}
	return true;
}

static int
decode(struct rq *rq, const char *text, size_t n, struct manifest *manifest)
{
	const char *error;
	struct json *doc;

	if (!json_parse(rq->mem, text, n, &doc, &error))
		return copy_refuse(rq, "%s: %s", path_in(rq, manifest, name_of_it), error);
	if (json_int(doc, "Format", 0) != FORMAT)
		return copy_refuse(rq, "%s is of format %lld; this program reads %d",
		    path_in(rq, manifest, name_of_it), (long long)json_int(doc, "Format", 0),
		    FORMAT);
	manifest->lineage = json_text(doc, "Lineage");
	manifest->schema = json_int(doc, "Schema", 0);
	manifest->first = (uint32_t)json_int(doc, "FirstLog", 0);
	manifest->end.log = (uint32_t)json_int(doc, "LastLog", 0);
	manifest->end.offset = (uint32_t)json_int(doc, "LastOffset", 0);
	manifest->files = json_has(doc, "Files") ? json_copy(rq->mem, json_get(doc, "Files")) :
	    json_array(rq->mem);
	return well_formed(doc, manifest) ? 0 :
	    copy_refuse(rq, "%s is not a backup's manifest", path_in(rq, manifest, name_of_it));
}

int
manifest_read(struct rq *rq, const char *directory, struct manifest **manifest_r)
{
	struct manifest *manifest = arena_alloc(rq->mem, sizeof(*manifest));
	const char *text;
	size_t n;
	int r;

	*manifest_r = NULL;
	manifest->directory = directory;
	text = file_read(rq->mem, path_in(rq, manifest, name_of_it), MOST_TEXT, &n);
	if (text == NULL && errno == ENOENT) {
		if (is_empty(directory))
			return 0;
		return copy_refuse(rq, "%s is not empty and has no %s: it is no backup, or "
		    "one that was not finished", directory, name_of_it);
	}
	if (text == NULL)
		return copy_refuse(rq, "cannot read %s: %s", path_in(rq, manifest, name_of_it),
		    strerror(errno));
	if ((r = decode(rq, text, n, manifest)) == 0)
		*manifest_r = manifest;
	return r;
}

/* The digest of the first `most` bytes. */
static int
digest_file(struct rq *rq, const char *path, uint64_t most, uint64_t *size_r, const char **hex_r)
{
	struct digest *digest = digest_new(rq->mem);
	unsigned char piece[PIECE], hash[SHA256_SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	*size_r = 0;
	if (fd == -1)
		return copy_refuse(rq, "cannot read %s: %s", path, strerror(errno));
	while (*size_r < most && (n = read(fd, piece, most - *size_r < PIECE ?
	    (size_t)(most - *size_r) : PIECE)) > 0) {
		digest_add(digest, piece, (size_t)n);
		*size_r += (uint64_t)n;
	}
	(void)close(fd);
	if (n == -1 && most > 0)
		return copy_refuse(rq, "cannot read %s: %s", path, strerror(errno));
	digest_end(digest, hash);
	*hex_r = hex(rq->mem, hash, sizeof(hash));
	return 0;
}

int
manifest_add(struct rq *rq, struct manifest *manifest, const char *name, uint64_t size)
{
	struct json *file = json_object(rq->mem), *files = json_array(rq->mem);
	const char *sum;
	size_t i;
	int r;

	if ((r = digest_file(rq, path_in(rq, manifest, name), size, &size, &sum)) != 0)
		return r;
	json_set_text(file, "Name", name);
	json_set_int(file, "Size", (int64_t)size);
	json_set_text(file, "Sha256", sum);
	for (i = 0; i < json_count(manifest->files); i++)
		if (!text_equal(json_text(json_at(manifest->files, i), "Name"), name))
			json_add(files, json_at(manifest->files, i));
	json_add(files, file);
	manifest->files = files;
	return 0;
}

static const char *
encode(struct rq *rq, const struct manifest *manifest)
{
	struct json *doc = json_object(rq->mem);

	json_set_int(doc, "Format", FORMAT);
	json_set_text(doc, "Program", "tarn " TARN_VERSION);
	json_set_int(doc, "Schema", manifest->schema);
	json_set_text(doc, "Lineage", manifest->lineage);
	json_set_text(doc, "Taken", clock_iso(rq->mem, clock_now()));
	json_set_int(doc, "FirstLog", manifest->first);
	json_set_int(doc, "LastLog", manifest->end.log);
	json_set_int(doc, "LastOffset", manifest->end.offset);
	json_set(doc, "Files", manifest->files);
	return json_pretty(rq->mem, doc);
}

int
manifest_write(struct rq *rq, const struct manifest *manifest)
{
	const char *text = encode(rq, manifest), *path = path_in(rq, manifest, name_of_it);
	const char *new = arena_printf(rq->mem, "%s.new", path);
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool good = fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
	    fsync(fd) == 0;

	if (fd != -1)
		good = close(fd) == 0 && good;
	if (!good || rename(new, path) == -1)
		return copy_refuse(rq, "cannot write %s: %s", path, strerror(errno));
	return copy_sync(rq, manifest->directory);
}

int
manifest_copy(struct rq *rq, const struct manifest *manifest, const struct json *file,
    const char *to)
{
	const char *from = path_in(rq, manifest, json_text(file, "Name")), *sum;
	uint64_t size = (uint64_t)json_int(file, "Size", 0), found;
	int fd = open(from, O_RDONLY | O_CLOEXEC), r;

	if (fd == -1)
		return copy_refuse(rq, "cannot read %s: %s", from, strerror(errno));
	r = copy_bytes(rq, fd, to, 0, size);
	(void)close(fd);
	if (r != 0 || (r = digest_file(rq, to, size, &found, &sum)) != 0)
		return r;
	if (found != size || !text_equal(sum, json_text(file, "Sha256")))
		return copy_refuse(rq, "%s is damaged: it is not what the manifest says", from);
	return 0;
}
