/* throttle - failed attempts, counted
 *
 * A count stands under a subject ("password:{mark of the username}", "resend:…"); account/subject.h
 * makes those of people. "place~name": names of which there is no end share places, and a place
 * counts one of its names, the last that failed. */
#ifndef TARN_STORE_THROTTLE_H
#define TARN_STORE_THROTTLE_H

#include "store/record.h"

struct throttle {
	int64_t failures, last;		/* last: ms; both 0: none */
};

/* 0 or FAULT. */
int throttle_get(struct rq *rq, const char *pool, const char *subject, struct throttle *throttle_r);

/* Collects a count that is forgotten at `expires` (ms). failures: what was read, and one; where
 * others counted meanwhile, theirs count too. 0 or FAULT. */
int throttle_put(struct rq *rq, const char *pool, const char *subject, int64_t failures,
    int64_t expires);
void throttle_drop(struct rq *rq, const char *pool, const char *subject);

#endif
