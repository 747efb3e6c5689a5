/* lock - failed proofs lock a user for a while (pages.md 6; idp-api.md 13) */
#ifndef TARN_ACCOUNT_LOCK_H
#define TARN_ACCOUNT_LOCK_H

#include "store/throttle.h"

struct lock {
	const char *subject;
	struct throttle throttle;
};

/* what is proven: "password", "mfa". name: the username, so that all names of a user share one
 * count, or what nobody has (account/subject.h). Refuses locked_out. */
int lock_open(struct rq *rq, const char *what, const char *name, bool nobody,
    struct lock *lock_r);

/* One more failure, among the writes. */
int lock_count(struct rq *rq, const struct lock *lock);

/* All is forgotten: a proof succeeded. */
void lock_lift(struct rq *rq, const struct lock *lock);

/* The same for a user who got a new password by other means. 0 or FAULT. */
int lock_lift_of(struct rq *rq, const char *what, const char *name);

#endif
