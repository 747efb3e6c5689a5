/* factor - second factors that a user has registered: today an authenticator app (RFC 6238) */
#ifndef TARN_STORE_FACTOR_H
#define TARN_STORE_FACTOR_H

#include "store/record.h"

struct factor {
	const char *sealed;		/* the seed, sealed by the rule that made it */
	const char *device;		/* what the user calls it, or NULL */
	int64_t last;			/* the step whose code was used last; none before is good */
	const struct record *record;
};

/* name: "totp". *factor_r is NULL where there is none. 0 or FAULT, here and below. */
int factor_get(struct rq *rq, const char *pool, const char *sub, const char *name,
    const struct factor **factor_r);

/* In place of one there may be. */
int factor_put(struct rq *rq, const char *pool, const char *sub, const char *name,
    const struct factor *factor);

/* Notes the step of a code that is used now; of many who use one, one succeeds. */
int factor_used(struct rq *rq, const struct factor *factor, int64_t step);

/* All factors of a user. */
void factor_drop_all(struct rq *rq, const char *pool, const char *sub);

#endif
