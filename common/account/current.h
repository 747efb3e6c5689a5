/* current - the browser's session: one hour, not sliding, for every client of the pool on its
 * domain (pages.md 3) */
#ifndef TARN_ACCOUNT_CURRENT_H
#define TARN_ACCOUNT_CURRENT_H

#include "store/grants.h"
#include "store/user.h"

/* The session a cookie value names, and its user, still existing and enabled; both NULL otherwise.
 * cookie may be NULL. 0 or FAULT. */
int current_session(struct rq *rq, const char *cookie, const struct session **session_r,
    const struct user **user_r);

/* Begins one for who signed in by these methods (oidc/acr.h): *cookie_r is the value to set.
 * auth_time is now. */
int current_begin(struct rq *rq, const struct user *user, const char *methods,
    const struct session **session_r, const char **cookie_r);

/* Ends the one a cookie names, whether it exists or not. */
void current_end(struct rq *rq, const char *cookie);

#endif
