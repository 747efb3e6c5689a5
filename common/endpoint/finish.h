/* finish - the end of every sign-in: back to the client with a code, or with tokens */
#ifndef TARN_ENDPOINT_FINISH_H
#define TARN_ENDPOINT_FINISH_H

#include "oidc/ask.h"
#include "store/grants.h"
#include "store/user.h"

/* For someone whose session was there already. */
int finish(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session);

/* For someone who just proved who they are, by these methods (oidc/acr.h): begins the browser
 * session too. */
int finish_signed_in(struct rq *rq, const struct ask *ask, const struct user *user,
    const char *methods);

#endif
