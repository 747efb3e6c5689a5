/* second - between a proven password and the end of a sign-in: the second factor, where one is due
 *
 * What is known travels in the page state: only our own pages can make it, for three minutes. */
#ifndef TARN_ENDPOINT_SECOND_H
#define TARN_ENDPOINT_SECOND_H

#include "base/json.h"
#include "oidc/ask.h"
#include "store/user.h"

/* For someone who just proved his password: on to the second factor, or the end of the sign-in.
 * 0, REFUSED or FAULT. */
int second_next(struct rq *rq, const struct ask *ask, const struct user *user);

/* Goes on with this factor: a code is sent where it needs one. */
int second_chosen(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct json *state, const char *factor);

/* Whose second factor is awaited in this browser, and the state: factors that may be chosen
 * (list), factor once chosen, destination of the code, device, seed of an app to be, proved (ms).
 * Both NULL: nobody's, or the password was replaced since. 0 or FAULT. */
int second_state(struct rq *rq, const struct json **state_r, const struct user **user_r);

#endif
