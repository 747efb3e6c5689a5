/* archive - a text of records that goes from one installation to another */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/stream.h"
#include "sbin/archive.h"

enum {
	CHUNK = 48 << 10,		/* of text in a sealed line */
	CHUNK_LINE = (CHUNK + STREAM_MORE + 2) / 3 * 4 + 1,
	HEAD_LINE = 4096
};

struct archive {
	FILE *file;
	struct stream *stream;		/* NULL: not sealed */
	struct digest *digest;
	size_t records, line;		/* line: number of the one read last */
	unsigned char *chunk;		/* text not yet sealed, or opened and not yet read */
	size_t n, at;
	bool last;			/* the chunk is the last one */
	struct arena *scratch;		/* for one chunk or line */
	char *text;			/* the line read last */
	size_t n_text;
};

const struct refusal archive_refused = { "ArchiveRefused", 400, "%s", NULL };

static void
release(void *scratch)
{
	struct arena *mem = scratch;

	arena_free(&mem);
}

static struct archive *
archive_new(struct rq *rq, FILE *file)
{
	struct archive *archive = arena_alloc(rq->mem, sizeof(*archive));

	archive->file = file;
	archive->digest = digest_new(rq->mem);
	archive->chunk = arena_alloc(rq->mem, CHUNK + STREAM_MORE);
	archive->scratch = arena_new();
	arena_defer(rq->mem, release, archive->scratch);
	return archive;
}

/*
 * Writing.
 */

static int
write_bytes(struct rq *rq, struct archive *archive, const void *data, size_t n)
{
	if (fwrite(data, 1, n, archive->file) == n)
		return 0;
	return archive_refuse(rq, "cannot write the archive: %s",
	    errno == ENOSPC ? "the disk is full" : strerror(errno));
}

static int
write_chunk(struct rq *rq, struct archive *archive, bool last)
{
	unsigned char *sealed = arena_alloc(archive->scratch, CHUNK + STREAM_MORE);
	const char *line;
	int r;

	r = stream_seal(rq, archive->stream, archive->chunk, archive->n, last, sealed);
	if (r != 0)
		return r;
	line = base64(archive->scratch, sealed, archive->n + STREAM_MORE);
	archive->n = 0;
	if ((r = write_bytes(rq, archive, line, strlen(line))) == 0)
		r = write_bytes(rq, archive, "\n", 1);
	arena_reset(archive->scratch);
	return r;
}

static int
write_text(struct rq *rq, struct archive *archive, const char *s, size_t n)
{
	size_t part;
	int r;

	if (archive->stream == NULL)
		return write_bytes(rq, archive, s, n);
	for (; n > 0; s += part, n -= part) {
		if (archive->n == CHUNK && (r = write_chunk(rq, archive, false)) != 0)
			return r;
		part = CHUNK - archive->n < n ? CHUNK - archive->n : n;
		memcpy(archive->chunk + archive->n, s, part);
		archive->n += part;
	}
	return 0;
}

static int
write_line(struct rq *rq, struct archive *archive, struct arena *mem, const struct json *line)
{
	const char *text = json_print(mem, line);
	size_t n = strlen(text);
	int r;

	digest_add(archive->digest, text, n);
	digest_add(archive->digest, "\n", 1);
	if ((r = write_text(rq, archive, text, n)) != 0)
		return r;
	return write_text(rq, archive, "\n", 1);
}

static struct json *
new_head(struct arena *mem)
{
	struct json *head = json_object(mem);

	json_set_text(head, "Archive", "tarn");
	json_set_int(head, "Format", ARCHIVE_FORMAT);
	return head;
}

/* The line before the chunks, which is what each of them is bound to. */
static int
begin_sealed(struct rq *rq, struct archive *archive, const char *passphrase)
{
	struct json *head = new_head(rq->mem), *sealed = json_object(rq->mem);
	unsigned char salt[STREAM_SALT];
	const char *text;
	int r;

	random_bytes(salt, sizeof(salt));
	json_set_text(sealed, "Cipher", "AES-256-GCM");
	json_set_text(sealed, "Key", "argon2id");
	json_set_text(sealed, "Salt", base64(rq->mem, salt, sizeof(salt)));
	json_set_int(sealed, "Kibibytes", stream_cost.kibibytes);
	json_set_int(sealed, "Passes", stream_cost.passes);
	json_set(head, "Sealed", sealed);
	text = json_print(rq->mem, head);
	r = stream_begin(rq, passphrase, salt, stream_cost, text, &archive->stream);
	if (r != 0 || (r = write_bytes(rq, archive, text, strlen(text))) != 0)
		return r;
	return write_bytes(rq, archive, "\n", 1);
}

int
archive_begin(struct rq *rq, FILE *out, const char *passphrase, bool secrets, int64_t schema,
    struct archive **archive_r)
{
	struct archive *archive = archive_new(rq, out);
	struct json *head = new_head(rq->mem);
	int r;

	*archive_r = NULL;
	if (passphrase != NULL && (r = begin_sealed(rq, archive, passphrase)) != 0)
		return r;
	json_set_int(head, "Schema", schema);
	json_set_bool(head, "Secrets", secrets);
	json_set_text(head, "Created", clock_iso(rq->mem, clock_now()));
	json_set_text(head, "Program", "tarn " TARN_VERSION);
	if ((r = write_line(rq, archive, rq->mem, head)) == 0)
		*archive_r = archive;
	return r;
}

int
archive_put(struct rq *rq, struct archive *archive, struct arena *mem, const struct json *record)
{
	archive->records++;
	return write_line(rq, archive, mem, record);
}

static const char *
digest_hex(struct rq *rq, struct archive *archive)
{
	unsigned char hash[SHA256_SIZE];

	digest_end(archive->digest, hash);
	return hex(rq->mem, hash, sizeof(hash));
}

int
archive_end(struct rq *rq, struct archive *archive)
{
	struct json *foot = json_object(rq->mem);
	int r;

	json_set_int(foot, "Records", (int64_t)archive->records);
	json_set_text(foot, "Sha256", digest_hex(rq, archive));
	if ((r = write_line(rq, archive, rq->mem, foot)) != 0 ||
	    (archive->stream != NULL && (r = write_chunk(rq, archive, true)) != 0))
		return r;
	if (fflush(archive->file) == 0 && fsync(fileno(archive->file)) == 0)
		return 0;
	return archive_refuse(rq, "cannot write the archive: %s", strerror(errno));
}

/*
 * Reading.
 */

/* A line of the file without its end, of at most `most` bytes; *text_r is NULL at the end. */
static int
read_file_line(struct rq *rq, struct archive *archive, size_t most, char **text_r, size_t *n_r)
{
	struct buf *b = buf_new(archive->scratch, most);
	int c;

	*text_r = NULL;
	while ((c = getc_unlocked(archive->file)) != EOF && c != '\n' && !buf_over(b))
		buf_char(b, (char)c);
	if (ferror(archive->file))
		return archive_refuse(rq, "cannot read the archive: %s", strerror(errno));
	if (buf_over(b))
		return archive_refuse(rq, "line %zu is too long", archive->line + 1);
	if (c == EOF && b->len > 0)
		return archive_refuse(rq, "the archive ends in the middle of a line");
	if (c != EOF) {
		*text_r = b->s;
		*n_r = b->len;
	}
	return 0;
}

/* The next chunk opened; with nothing in it where there is none. */
static int
read_chunk(struct rq *rq, struct archive *archive)
{
	unsigned char *sealed;
	size_t n;
	char *line;
	int r;

	archive->n = archive->at = 0;
	if (archive->last)
		return 0;
	arena_reset(archive->scratch);
	if ((r = read_file_line(rq, archive, CHUNK_LINE, &line, &n)) != 0)
		return r;
	if (line == NULL)
		return archive_refuse(rq, "the archive is not whole: its end is missing");
	if (!base64_decode(archive->scratch, line, n, &sealed, &n) || n > CHUNK + STREAM_MORE ||
	    stream_open(archive->stream, sealed, n, archive->chunk, &archive->last) != 0)
		return archive_refuse(rq, "a sealed part does not open: the passphrase is another "
		    "one, or the archive was changed");
	archive->n = n - STREAM_MORE;
	return 0;
}

static int
read_sealed_line(struct rq *rq, struct archive *archive, struct buf *b, bool *end_r)
{
	const unsigned char *from, *end = NULL;
	size_t part;
	int r;

	*end_r = false;
	while (end == NULL && !buf_over(b)) {
		if (archive->at == archive->n && (r = read_chunk(rq, archive)) != 0)
			return r;
		if (archive->n == 0) {
			*end_r = b->len == 0;
			return *end_r ? 0 : archive_refuse(rq, "the last line has no end");
		}
		from = archive->chunk + archive->at;
		end = memchr(from, '\n', archive->n - archive->at);
		part = end != NULL ? (size_t)(end - from) : archive->n - archive->at;
		buf_add(b, from, part);
		archive->at += part + (end != NULL);
	}
	return buf_over(b) ? archive_refuse(rq, "line %zu is too long", archive->line + 1) : 0;
}

/* archive->text is NULL at the end. */
static int
read_line(struct rq *rq, struct archive *archive, struct arena *mem)
{
	struct buf *b;
	bool end;
	int r;

	archive->text = NULL;
	if (archive->stream == NULL) {
		arena_reset(archive->scratch);
		r = read_file_line(rq, archive, ARCHIVE_LINE, &archive->text, &archive->n_text);
	} else {
		b = buf_new(mem, ARCHIVE_LINE);
		if ((r = read_sealed_line(rq, archive, b, &end)) == 0 && !end) {
			archive->text = b->s;
			archive->n_text = b->len;
		}
	}
	archive->line++;
	return r;
}

static int
parse_line(struct rq *rq, struct archive *archive, struct arena *mem, struct json **value_r)
{
	const char *error;

	if (archive->text == NULL)
		return archive_refuse(rq, "the archive is not whole: its last line is missing");
	if (!json_parse(mem, archive->text, archive->n_text, value_r, &error))
		return archive_refuse(rq, "line %zu: %s", archive->line, error);
	if (json_type(*value_r) != JSON_OBJECT)
		return archive_refuse(rq, "line %zu is not an object", archive->line);
	return 0;
}

static int
check_head(struct rq *rq, const struct json *head)
{
	if (!text_equal(json_text(head, "Archive"), "tarn"))
		return archive_refuse(rq, "this is not an archive of tarn export");
	if (json_int(head, "Format", 0) != ARCHIVE_FORMAT)
		return archive_refuse(rq, "the archive is of format %lld; this program reads %d",
		    (long long)json_int(head, "Format", 0), ARCHIVE_FORMAT);
	return 0;
}

static int
open_sealed(struct rq *rq, struct archive *archive, const struct json *sealed, const char *context,
    const char *passphrase)
{
	const char *salt = json_text(sealed, "Salt");
	struct stream_cost cost = { json_int(sealed, "Kibibytes", 0),
		json_int(sealed, "Passes", 0) };
	unsigned char *bytes;
	size_t n;
	int r;

	if (passphrase == NULL)
		return archive_refuse(rq, "the archive is sealed: --passphrase-file is needed");
	if (salt == NULL || !text_equal(json_text(sealed, "Cipher"), "AES-256-GCM") ||
	    !text_equal(json_text(sealed, "Key"), "argon2id") ||
	    !base64_decode(rq->mem, salt, strlen(salt), &bytes, &n) || n != STREAM_SALT)
		return archive_refuse(rq, "the archive is sealed in an unknown way");
	r = stream_begin(rq, passphrase, bytes, cost, context, &archive->stream);
	return r == REFUSED ? archive_refuse(rq, "the archive asks for too much work") : r;
}

int
archive_open(struct rq *rq, FILE *in, const char *passphrase, struct archive_head *head_r,
    struct archive **archive_r)
{
	struct archive *archive = archive_new(rq, in);
	struct json *head;
	int r;

	*archive_r = NULL;
	rewind(in);
	if ((r = read_line(rq, archive, rq->mem)) != 0 ||
	    (r = parse_line(rq, archive, rq->mem, &head)) != 0 ||
	    (r = check_head(rq, head)) != 0)
		return r;
	if (json_has(head, "Sealed")) {
		r = open_sealed(rq, archive, json_get(head, "Sealed"),
		    arena_dupn(rq->mem, archive->text, archive->n_text), passphrase);
		if (r != 0 || (r = read_line(rq, archive, rq->mem)) != 0 ||
		    (r = parse_line(rq, archive, rq->mem, &head)) != 0 ||
		    (r = check_head(rq, head)) != 0)
			return r;
	}
	digest_add(archive->digest, archive->text, archive->n_text);
	digest_add(archive->digest, "\n", 1);
	head_r->secrets = json_flag(head, "Secrets", false);
	head_r->schema = json_int(head, "Schema", 0);
	*archive_r = archive;
	return 0;
}

static int
check_foot(struct rq *rq, struct archive *archive, const struct json *foot)
{
	int r;

	if (json_int(foot, "Records", -1) != (int64_t)archive->records ||
	    !text_equal(json_text(foot, "Sha256"), digest_hex(rq, archive)))
		return archive_refuse(rq, "the archive was changed: its last line does not fit "
		    "what is before it");
	if ((r = read_line(rq, archive, rq->mem)) != 0)
		return r;
	return archive->text == NULL ? 0 :
	    archive_refuse(rq, "something follows the last line of the archive");
}

int
archive_next(struct rq *rq, struct archive *archive, struct arena *mem,
    const struct json **record_r)
{
	struct json *line;
	int r;

	*record_r = NULL;
	if ((r = read_line(rq, archive, mem)) != 0 ||
	    (r = parse_line(rq, archive, mem, &line)) != 0)
		return r;
	if (json_has(line, "Sha256"))
		return check_foot(rq, archive, line);
	digest_add(archive->digest, archive->text, archive->n_text);
	digest_add(archive->digest, "\n", 1);
	archive->records++;
	*record_r = line;
	return 0;
}

size_t
archive_count(const struct archive *archive)
{
	return archive->records;
}
