/* stream - a long text sealed under a passphrase, in chunks
 *
 * The key is argon2id of the passphrase (RFC 9106) with a salt that is new for every stream, so
 * nonces need only be different within one: they are the number of the chunk, and whether it is the
 * last. A chunk that is moved, left out, or taken for the last one does not open. */
#ifndef TARN_CRYPTO_STREAM_H
#define TARN_CRYPTO_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rq.h"

struct stream;

enum { STREAM_SALT = 16, STREAM_MORE = 16 };	/* STREAM_MORE: what sealing adds */

struct stream_cost {
	int64_t kibibytes, passes;
};

/* Of a new stream. */
extern const struct stream_cost stream_cost;

/* context is authenticated with each chunk: what precedes them. 0; REFUSED without an answer set:
 * a cost out of bounds; FAULT. */
int stream_begin(struct rq *rq, const char *passphrase, const unsigned char salt[STREAM_SALT],
    struct stream_cost cost, const char *context, struct stream **stream_r);

/* out holds n + STREAM_MORE bytes. 0 or FAULT. */
int stream_seal(struct rq *rq, struct stream *stream, const void *data, size_t n, bool last,
    unsigned char *out);

/* The next chunk: n bytes as sealed; out holds n - STREAM_MORE. 0, or REFUSED without an answer
 * set: it is not what comes next in a stream under this passphrase. */
int stream_open(struct stream *stream, const unsigned char *sealed, size_t n, unsigned char *out,
    bool *last_r);

#endif
