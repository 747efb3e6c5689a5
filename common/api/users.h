/* users - people as the API shows them */
#ifndef TARN_API_USERS_H
#define TARN_API_USERS_H

#include "store/user.h"

/* A UserType. only: the attributes wanted; an empty list means all. */
struct json *users_show(struct rq *rq, const struct user *user, struct words only);

#endif
