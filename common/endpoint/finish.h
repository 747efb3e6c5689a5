/* finish - the end of every sign-in: back to the client with a code, or with tokens */
#ifndef TARN_ENDPOINT_FINISH_H
#define TARN_ENDPOINT_FINISH_H

#include "oidc/ask.h"
#include "store/grants.h"
#include "store/user.h"

/* For someone whose session was there already. Where the client registered itself nobody vouches
 * for it, and the person is asked first: on the consent page, which ends with finish_consented. */
int finish(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session);

/* For someone who was asked, and agreed. */
int finish_consented(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session);

/* For someone who just proved who they are, by these methods (oidc/acr.h): begins the browser
 * session too. */
int finish_signed_in(struct rq *rq, const struct ask *ask, const struct user *user,
    const char *methods);

#endif
