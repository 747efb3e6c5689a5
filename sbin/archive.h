/* archive - a text of records that goes from one installation to another: tarn export, tarn import
 *
 * Lines of JSON, each one object:
 *
 *	{"Archive":"tarn","Format":1,"Schema":2,"Secrets":false,"Created":…,"Program":…}
 *	{"Kind":"user","Key":["us-east-1_AbCdEf123","ada"],"Doc":{…}}		any number of them
 *	{"Records":…,"Sha256":"…"}	how many, and of all bytes before this line
 *
 * A sealed archive is a line {"Archive":"tarn","Format":1,"Sealed":{…}} that says how the key comes
 * from the passphrase (crypto/stream.h), then lines of base64, each a chunk of the lines above.
 *
 * What is read is anybody's: lines have a longest length, and nothing is believed that the last
 * line does not vouch for; so whoever acts on an archive reads it twice. Refusals are
 * archive_refused and a sentence. */
#ifndef TARN_SBIN_ARCHIVE_H
#define TARN_SBIN_ARCHIVE_H

#include <stdio.h>

#include "base/json.h"
#include "base/rq.h"

enum { ARCHIVE_FORMAT = 1, ARCHIVE_LINE = 4 << 20 };

extern const struct refusal archive_refused;
#define archive_refuse(rq, ...) refuse_saying((rq), &archive_refused, __VA_ARGS__)

struct archive;

/* A new archive into a file that stays the caller's. passphrase NULL: not sealed. All memory is
 * rq->mem's. 0 or FAULT. */
int archive_begin(struct rq *rq, FILE *out, const char *passphrase, bool secrets, int64_t schema,
    struct archive **archive_r);

/* One record. mem: for the text of the line. 0 or REFUSED (it cannot be written), and so below. */
int archive_put(struct rq *rq, struct archive *archive, struct arena *mem,
    const struct json *record);

/* The last line, and all of it to disk. */
int archive_end(struct rq *rq, struct archive *archive);

/* An archive to be read, from the beginning of a file. 0, REFUSED: it is none, or the passphrase is
 * another; FAULT. */
struct archive_head {
	bool secrets;
	int64_t schema;
};
int archive_open(struct rq *rq, FILE *in, const char *passphrase, struct archive_head *head_r,
    struct archive **archive_r);

/* The next record, in mem; NULL after the last one, when all was as it had to be. 0 or REFUSED. */
int archive_next(struct rq *rq, struct archive *archive, struct arena *mem,
    const struct json **record_r);

/* How many records there were until now. */
size_t archive_count(const struct archive *archive);

#endif
