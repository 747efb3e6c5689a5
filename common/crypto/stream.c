/* stream - a long text sealed under a passphrase, in chunks */
#include <string.h>

#include "crypto/gcm.h"
#include "crypto/library.h"
#include "crypto/password.h"
#include "crypto/stream.h"

struct stream {
	unsigned char key[GCM_KEY];
	const char *context;
	uint64_t next;
};

/* Half a second: a passphrase is guessed at leisure by whoever has the file. */
const struct stream_cost stream_cost = { 262144, 3 };

int
stream_begin(struct rq *rq, const char *passphrase, const unsigned char salt[STREAM_SALT],
    struct stream_cost cost, const char *context, struct stream **stream_r)
{
	struct stream *stream = arena_alloc(rq->mem, sizeof(*stream));

	*stream_r = NULL;
	library_start();
	/* The cost comes with the file, and is not to be anybody's choice without bounds. */
	if (cost.kibibytes < 8 || cost.kibibytes > 1048576 || cost.passes < 1 || cost.passes > 16)
		return REFUSED;
	if (!password_key(passphrase, salt, cost.kibibytes, cost.passes, stream->key,
	    sizeof(stream->key)))
		return fault(rq, "argon2id failed with %lld KiB of memory",
		    (long long)cost.kibibytes);
	stream->context = arena_dup(rq->mem, context);
	*stream_r = stream;
	return 0;
}

static void
nonce_of(const struct stream *stream, bool last, unsigned char nonce[GCM_NONCE])
{
	int i;

	memset(nonce, 0, GCM_NONCE);
	for (i = 0; i < 8; i++)
		nonce[i] = (unsigned char)(stream->next >> (56 - 8 * i));
	nonce[GCM_NONCE - 1] = last;
}

int
stream_seal(struct rq *rq, struct stream *stream, const void *data, size_t n, bool last,
    unsigned char *out)
{
	unsigned char nonce[GCM_NONCE];

	nonce_of(stream, last, nonce);
	stream->next++;
	if (!gcm(stream->key, true, stream->context, strlen(stream->context), nonce, data, n, out,
	    out + n))
		return library_fault(rq, "cannot seal");
	return 0;
}

int
stream_open(struct stream *stream, const unsigned char *sealed, size_t n, unsigned char *out,
    bool *last_r)
{
	unsigned char nonce[GCM_NONCE], tag[GCM_TAG];
	int last;

	*last_r = false;
	if (n < GCM_TAG)
		return REFUSED;
	n -= GCM_TAG;
	memcpy(tag, sealed + n, sizeof(tag));
	for (last = 0; last < 2; last++) {
		nonce_of(stream, last, nonce);
		if (gcm(stream->key, false, stream->context, strlen(stream->context), nonce, sealed,
		    n, out, tag)) {
			stream->next++;
			*last_r = last;
			return 0;
		}
		(void)library_reason();
	}
	return REFUSED;
}
