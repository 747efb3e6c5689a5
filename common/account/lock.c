/* lock - failed proofs lock a user for a while */
#include "account/lock.h"
#include "account/refusals.h"
#include "account/subject.h"
#include "store/pool.h"

enum {
	FREE_FAILURES = 4,
	LONGEST_LOCK = 900,	/* seconds */
	FORGET = 900		/* seconds without an attempt, after which all is forgotten */
};

/* How long failure n locks, in seconds: 1 after the fifth, then twice as long each. */
static int64_t
lock_seconds(int64_t failures)
{
	int64_t step = failures - FREE_FAILURES - 1;

	if (step < 0)
		return 0;
	return step < 10 ? INT64_C(1) << step : LONGEST_LOCK;
}

/* An attempt may come before the one that was counted last: answered late, or the clock was set
 * back. Whoever is locked is not locked for longer than the lock lasts. */
static bool
is_locked(const struct rq *rq, const struct throttle *throttle)
{
	int64_t lock = lock_seconds(throttle->failures) * 1000, since = rq->now - throttle->last;

	return since < lock && since > -lock;
}

int
lock_open(struct rq *rq, const char *what, const char *name, bool nobody, struct lock *lock_r)
{
	int r;

	if ((r = subject_of(rq, what, name, nobody, &lock_r->subject)) != 0 ||
	    (r = throttle_get(rq, rq->pool->id, lock_r->subject, &lock_r->throttle)) != 0)
		return r;
	if (is_locked(rq, &lock_r->throttle))
		return refuse(rq, &locked_out, "locked after %lld failures",
		    (long long)lock_r->throttle.failures);
	return 0;
}

int
lock_count(struct rq *rq, const struct lock *lock)
{
	return throttle_put(rq, rq->pool->id, lock->subject, lock->throttle.failures + 1,
	    rq->now + FORGET * 1000);
}

void
lock_lift(struct rq *rq, const struct lock *lock)
{
	if (lock->throttle.failures > 0)
		throttle_drop(rq, rq->pool->id, lock->subject);
}

int
lock_lift_of(struct rq *rq, const char *what, const char *name)
{
	const char *subject;
	int r;

	if ((r = subject_of(rq, what, name, false, &subject)) == 0)
		throttle_drop(rq, rq->pool->id, subject);
	return r;
}
