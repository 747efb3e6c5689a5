/* policy - what a pool demands of passwords (pages.md 7) */
#ifndef TARN_ACCOUNT_POLICY_H
#define TARN_ACCOUNT_POLICY_H

#include "store/pool.h"
#include "store/user.h"

/* Refuses InvalidPasswordException with the first rule that fails. */
int policy_check(struct rq *rq, const struct pool *pool, const char *password);

/* The same for another password of a user, which must be none of his last ones either, as far back
 * as the pool looks (PasswordHistoryPolicyViolation); and what credential_put is to get. */
struct renewal {
	const char *hash;
	const struct json *before;
};
int policy_renew(struct rq *rq, const struct pool *pool, const struct user *user,
    const char *password, struct renewal *renewal_r);

/* A random password that satisfies the pool's policy. */
const char *policy_generate(struct rq *rq, const struct pool *pool);

#endif
