/* watch - is the clock to be believed? */
#include "base/clock.h"
#include "base/log.h"
#include "store/watch.h"

enum {
	LEAP = 24 * 3600 * 1000,	/* ms: so far beyond what was believed is strange */
	PROOF = 24 * 3600 * 1000,	/* a strange clock that goes on for so long is right */
	GAP = 3600 * 1000,		/* not seen for so long, it has not gone on */
	PACE = 60 * 1000		/* between two writes */
};

/* As in the store. */
static struct {
	bool read;
	int64_t believed;	/* the latest time that was; may be ahead of a clock set back */
	int64_t since, seen;	/* a strange clock: its first time and its last; 0: none */
	int64_t written;
} my;

static const struct kv_key *
watch_key(struct rq *rq)
{
	return kv_key(rq->mem, KV_WATCH, NULL);
}

static int
watch_get(struct rq *rq)
{
	const struct record *record;
	int r;

	if (my.read)
		return 0;
	if ((r = record_get(rq, watch_key(rq), &record)) != 0)
		return r;
	my.believed = record == NULL ? rq->now : json_int(record->doc, "Believed", rq->now);
	my.since = record == NULL ? 0 : json_int(record->doc, "Since", 0);
	my.seen = record == NULL ? 0 : json_int(record->doc, "Seen", 0);
	my.written = 0;
	my.read = true;
	return 0;
}

static int
watch_put(struct rq *rq)
{
	struct json *doc = json_object(rq->mem);

	json_set_int(doc, "Believed", my.believed);
	json_set_int(doc, "Since", my.since);
	json_set_int(doc, "Seen", my.seen);
	my.written = rq->now;
	return record_put(rq, watch_key(rq), doc, 0);
}

static bool
is_far(int64_t a, int64_t b, int64_t most)
{
	return a > b ? a - b > most : b - a > most;
}

/* Either the time is as it was expected, or a strange one begins, goes on, or has proved itself. */
static void
watch_note(struct rq *rq)
{
	int64_t now = rq->now;

	if (!is_far(now, my.believed, LEAP)) {
		my.believed = now > my.believed ? now : my.believed;
		my.since = my.seen = 0;
		return;
	}
	if (my.since == 0 || is_far(now, my.seen, GAP)) {
		my.since = now;
		my.written = 0;
		log_rq(rq, LOG_WARN, NULL, "the clock was at %s and now is at %s: nothing is swept "
		    "until it is set right or has gone on for a day",
		    clock_iso(rq->mem, my.believed), clock_iso(rq->mem, now));
	}
	my.seen = now;
	if (now - my.since < PROOF)
		return;
	my.believed = now;
	my.since = my.seen = 0;
	log_rq(rq, LOG_NOTE, NULL, "the clock is believed: it has gone on for a day");
}

int
watch_clock(struct rq *rq, bool *believed_r)
{
	int r;

	*believed_r = false;
	if ((r = watch_get(rq)) != 0)
		return r;
	watch_note(rq);
	*believed_r = rq->now <= my.believed + LEAP;
	return is_far(rq->now, my.written, PACE) ? watch_put(rq) : 0;
}
