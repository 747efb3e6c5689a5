/* group - groups, and who is in them */
#ifndef TARN_STORE_GROUP_H
#define TARN_STORE_GROUP_H

#include "base/text.h"
#include "store/record.h"

struct group {
	const char *name, *role;	/* role: ARN or NULL */
	int64_t precedence;		/* -1: none set */
	const struct json *doc;
	const struct record *record;
};

/* *group_r is NULL where there is none. 0 or FAULT, here and below. */
int group_get(struct rq *rq, const char *pool, const char *name, const struct group **group_r);
int group_create(struct rq *rq, const char *pool, const struct json *doc);
int group_change(struct rq *rq, const struct group *group, const struct json *doc);
void group_drop(struct rq *rq, const struct group *group);
int group_list(struct rq *rq, const char *pool, const char *after, size_t most,
    const struct group *const **groups_r, size_t *n_r);

/* Membership. The groups of a user that still exist, lowest precedence first, then by name. */
int group_of_user(struct rq *rq, const char *pool, const char *sub,
    const struct group *const **groups_r, size_t *n_r);
int group_enter(struct rq *rq, const char *pool, const char *group, const char *sub,
    const char *username);
void group_leave(struct rq *rq, const char *pool, const char *group, const char *sub);

/* The usernames in a group after the sub `after`; *last_r is the sub to go on from, NULL at the
 * end. */
int group_members(struct rq *rq, const char *pool, const char *group, const char *after,
    size_t most, struct words *usernames_r, const char **last_r);

#endif
