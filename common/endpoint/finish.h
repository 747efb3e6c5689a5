/* finish - the end of every sign-in: back to the client with a code, or with tokens */
#ifndef TARN_ENDPOINT_FINISH_H
#define TARN_ENDPOINT_FINISH_H

#include "oidc/ask.h"
#include "store/user.h"

/* For someone whose session was there already. auth_time in seconds. */
int finish(struct rq *rq, const struct ask *ask, const struct user *user, int64_t auth_time);

/* For someone who just proved who they are: begins the browser session too. */
int finish_signed_in(struct rq *rq, const struct ask *ask, const struct user *user);

#endif
