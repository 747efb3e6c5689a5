/* policy - what a pool demands of passwords (pages.md 7) */
#ifndef TARN_ACCOUNT_POLICY_H
#define TARN_ACCOUNT_POLICY_H

#include "store/pool.h"

/* Refuses InvalidPasswordException with the first rule that fails. */
int policy_check(struct rq *rq, const struct pool *pool, const char *password);

/* A random password that satisfies the pool's policy. */
const char *policy_generate(struct rq *rq, const struct pool *pool);

#endif
