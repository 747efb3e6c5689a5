/* limit - how many requests a second: of a source, of a client, of a domain … */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/random.h"
#include "base/siphash.h"
#include "base/text.h"
#include "web/head.h"
#include "web/limit.h"

enum { SETS = 16384, WAYS = 4, TRIES = 16 };

static const int64_t SECOND = INT64_C(1000000000);	/* of the steady clock, in nanoseconds */

/* A bucket is known by when it will be full again: each token taken puts that off by the time in
 * which one comes back (the generic cell rate algorithm, ITU-T I.371). So one word says all, and a
 * process that dies leaves nothing half done. */
struct bucket {
	_Atomic uint64_t name;		/* hash; 0: nobody's yet */
	_Atomic int64_t full;
};

/* The file. A set is a cache line. */
struct shared {
	_Atomic uint64_t key[2];	/* 0: not chosen yet */
	unsigned char rest[48];
	struct bucket sets[SETS][WAYS];
};

static const struct row {
	const char *name;		/* of the policy, in headers */
	size_t setting;
	bool of_source, of_domain;
} rows[LIMIT_NLIMITS] = {
	[LIMIT_SOURCE] = { "source", offsetof(struct conf, limit_source), true, true },
	[LIMIT_DOMAIN] = { "domain", offsetof(struct conf, limit_domain), false, true },
	[LIMIT_CLIENT] = { "client", offsetof(struct conf, limit_client), false, true },
	[LIMIT_MACHINE] = { "machine", offsetof(struct conf, limit_machine), false, false },
	[LIMIT_SIGN_IN] = { "sign-in", offsetof(struct conf, limit_sign_in), false, false },
	[LIMIT_CODE] = { "code", offsetof(struct conf, limit_sign_in), false, false },
};

/* What a request has taken so far: the limit that leaves least. */
struct limit_use {
	unsigned counted;		/* bits: the limits taken */
	const char *name;		/* NULL: none with a number */
	int64_t rate, left;
	int64_t wait;			/* nanoseconds; 0: not refused */
};

static const struct refusal too_many = { "too_many_requests", 429,
	"Too many requests. Please try again in a moment.", "too_many_requests" };

/*
 * The table.
 */

static struct shared *
map_file(void)
{
	char path[4096];
	struct shared *at = MAP_FAILED;
	int fd, error = ENAMETOOLONG;

	if ((size_t)snprintf(path, sizeof(path), "%s/limits", conf->run) >= sizeof(path) ||
	    (fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660)) == -1) {
		log_line(LOG_ERROR, "limits: cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	/* Room is taken now: a page that tmpfs cannot give later would be a signal. */
	if ((error = posix_fallocate(fd, 0, sizeof(*at))) == 0) {
		at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		error = errno;
	}
	(void)close(fd);
	if (at != MAP_FAILED)
		return at;
	log_line(LOG_ERROR, "limits: cannot map %s: %s", path, strerror(error));
	return NULL;
}

/* Whoever comes first chooses the key; each word is set once. */
static void
choose_key(struct shared *shared)
{
	uint64_t word, none;
	int i;

	for (i = 0; i < 2; i++) {
		random_bytes(&word, sizeof(word));
		none = 0;
		(void)atomic_compare_exchange_strong(&shared->key[i], &none, word | 1);
	}
}

/* NULL, once said in the log, where there is no table: then nothing is limited. */
static struct shared *
table(void)
{
	static struct shared *mine;
	static bool tried;

	if (tried)
		return mine;
	tried = true;
	if ((mine = map_file()) != NULL)
		choose_key(mine);
	return mine;
}

static uint64_t
name_hash(struct shared *shared, const char *name)
{
	const uint64_t key[2] = { atomic_load(&shared->key[0]), atomic_load(&shared->key[1]) };

	return siphash(key, name, strlen(name)) | 1;
}

/* The bucket of that name, or one that is made over to it: the fullest of its set. */
static struct bucket *
bucket_find(struct shared *shared, uint64_t name, int64_t now)
{
	struct bucket *set = shared->sets[(name >> 32) % SETS], *fullest = NULL;
	uint64_t held;
	int tries, i;

	for (tries = 0; tries < TRIES; tries++) {
		fullest = &set[0];
		for (i = 0; i < WAYS; i++) {
			if (atomic_load(&set[i].name) == name)
				return &set[i];
			if (atomic_load(&set[i].full) < atomic_load(&fullest->full))
				fullest = &set[i];
		}
		held = atomic_load(&fullest->name);
		if (held == name)
			return fullest;
		if (atomic_compare_exchange_strong(&fullest->name, &held, name)) {
			atomic_store(&fullest->full, now);
			return fullest;
		}
	}
	return fullest;
}

/* Takes a token of `rate` a second. False: there is none, and *wait_r says how long until. A time
 * too far ahead was left by another boot. */
static bool
bucket_take(struct bucket *bucket, int64_t rate, int64_t now, int64_t *left_r, int64_t *wait_r)
{
	int64_t each = SECOND / rate, full = atomic_load(&bucket->full), next;

	*left_r = *wait_r = 0;
	do {
		next = (full < now || full > now + 2 * SECOND ? now : full) + each;
		if (next - now > SECOND) {
			*wait_r = next - now - SECOND;
			return false;
		}
	} while (!atomic_compare_exchange_weak(&bucket->full, &full, next));
	*left_r = (SECOND - (next - now)) / each;
	return true;
}

/*
 * Requests.
 */

/* Remembers for the headers what a limit leaves, if no other leaves less. */
static void
note(struct rq *rq, const struct row *row, int64_t rate, int64_t left, int64_t wait)
{
	struct limit_use *use = rq->limits;

	if (use->name != NULL && wait == 0 && left >= use->left)
		return;
	use->name = row->name;
	use->rate = rate;
	use->left = left;
	use->wait = wait;
}

/* Under a flood one line a second says so. */
static int
refuse_quietly(struct rq *rq, const struct row *row)
{
	static int64_t said;

	if (rq->now - said >= 1000 || rq->now < said) {
		said = rq->now;
		return refuse(rq, &too_many, "over the limit \"%s\"", row->name);
	}
	rq->refusal = &too_many;
	return REFUSED;
}

static int
take(struct rq *rq, const struct row *row, const char *name, int64_t rate)
{
	struct shared *shared = table();
	int64_t now = clock_steady() * (SECOND / 1000), left, wait;
	bool got;

	if (shared == NULL)
		return 0;
	got = bucket_take(bucket_find(shared, name_hash(shared, name), now), rate, now, &left,
	    &wait);
	note(rq, row, rate, left, wait);
	return got ? 0 : refuse_quietly(rq, row);
}

static const char *
source_text(struct rq *rq)
{
	return hex(rq->mem, rq->source->at, sizeof(rq->source->at));
}

/* A handler may run again, when another process was first at the store. */
static bool
counted_before(struct rq *rq, enum limit limit)
{
	if (rq->limits == NULL)
		rq->limits = arena_alloc(rq->mem, sizeof(*rq->limits));
	if ((rq->limits->counted & 1u << limit) != 0)
		return true;
	rq->limits->counted |= 1u << limit;
	return false;
}

int
limit_take(struct rq *rq, enum limit limit, const char *subject, bool proved)
{
	const struct row *row = &rows[limit];
	int64_t rate = *(const int64_t *)((const char *)conf + row->setting), share;
	const char *name;
	int r;

	if (rate == 0 || rq->source == NULL || counted_before(rq, limit))
		return 0;
	name = arena_printf(rq->mem, "%s %s %s", row->name,
	    row->of_domain && rq->host != NULL ? rq->host : "-", subject != NULL ? subject : "-");
	share = rate * conf->limit_share / 100;
	if (row->of_source)
		return take(rq, row, arena_printf(rq->mem, "%s %s", name, source_text(rq)), rate);
	if (!proved && share < rate && (r = take(rq, row, arena_printf(rq->mem, "%s %s", name,
	    source_text(rq)), share > 0 ? share : 1)) != 0)
		return r;
	return take(rq, row, name, rate);
}

void
limit_head(const struct rq *rq, struct buf *head)
{
	const struct limit_use *use = rq->limits;
	int64_t seconds;

	if (use == NULL || use->name == NULL)
		return;
	seconds = use->wait > SECOND ? (use->wait + SECOND - 1) / SECOND : 1;
	head_add(head, "RateLimit-Policy", arena_printf(head->mem, "\"%s\";q=%" PRId64 ";w=1",
	    use->name, use->rate));
	head_add(head, "RateLimit", arena_printf(head->mem, "\"%s\";r=%" PRId64 ";t=%" PRId64,
	    use->name, use->left, seconds));
	if (use->wait > 0)
		head_add(head, "Retry-After", arena_printf(head->mem, "%" PRId64, seconds));
}
