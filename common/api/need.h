/* need - what the arguments of an operation name, and must exist */
#ifndef TARN_API_NEED_H
#define TARN_API_NEED_H

#include "store/client.h"
#include "store/group.h"
#include "store/resource.h"
#include "store/user.h"

/* Each reads what the members UserPoolId, ClientId, Username, GroupName and Identifier name and
 * refuses where it is not: ResourceNotFoundException or UserNotFoundException. A user is named by
 * username, alias or sub, in that order. 0, REFUSED or FAULT. */
int need_pool(struct rq *rq, const struct json *in, const struct pool **pool_r);
int need_client(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct client **client_r);
int need_user(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct user **user_r);
int need_group(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct group **group_r);
int need_resource(struct rq *rq, const struct json *in, const struct pool **pool_r,
    const struct resource **resource_r);

/* Expects what was read to be there, unchanged, when the writes are applied: nothing is put into a
 * pool or a group that is deleted meanwhile. */
void need_still(struct rq *rq, const struct record *record);

/* Refuses LimitExceededException if `most` records with this key prefix are there already. */
int need_room(struct rq *rq, const struct kv_key *prefix, size_t most, const char *sentence);

/* Dates of the API: seconds with milliseconds. */
void need_date(struct rq *rq, struct json *doc, const char *member);

#endif
