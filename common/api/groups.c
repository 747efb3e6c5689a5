/* groups - groups and who is in them (idp-api.md 5.5) */
#include "account/refusals.h"
#include "api/need.h"
#include "api/op.h"
#include "api/page.h"
#include "api/users.h"
#include "base/shape.h"

enum {
	MOST_GROUPS = 10000,	/* of a pool (oauth.md 13) */
	MOST_OF_USER = 100,	/* of a user */
	STEP = 250		/* members removed at once */
};

int
op_create_group(struct rq *rq, const struct json *in, struct json *out)
{
	struct json *doc = shape_project(rq->mem, shape_find("Group"), in);
	const char *name = json_text(in, "GroupName");
	const struct group *group;
	const struct pool *pool;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 || (r = group_get(rq, pool->id, name, &group)) != 0)
		return r;
	if (group != NULL)
		return refuse(rq, &group_exists, "pool %s has such a group", pool->id);
	r = need_room(rq, kv_key(rq->mem, KV_GROUP, pool->id, NULL), MOST_GROUPS,
	    "The user pool has as many groups as it can have.");
	if (r != 0)
		return r;
	need_date(rq, doc, "LastModifiedDate");
	need_date(rq, doc, "CreationDate");
	need_still(rq, pool->record);
	json_set(out, "Group", doc);
	return group_create(rq, pool->id, doc);
}

int
op_get_group(struct rq *rq, const struct json *in, struct json *out)
{
	const struct group *group;
	const struct pool *pool;
	int r;

	if ((r = need_group(rq, in, &pool, &group)) != 0)
		return r;
	json_set(out, "Group", group->doc);
	return 0;
}

/* Only what is given changes. */
int
op_update_group(struct rq *rq, const struct json *in, struct json *out)
{
	static const char *const members[] = { "Description", "RoleArn", "Precedence" };
	const struct group *group;
	const struct pool *pool;
	struct json *doc;
	size_t i;
	int r;

	if ((r = need_group(rq, in, &pool, &group)) != 0)
		return r;
	doc = json_copy(rq->mem, group->doc);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_set(doc, members[i], json_get(in, members[i]));
	need_date(rq, doc, "LastModifiedDate");
	json_set(out, "Group", doc);
	return group_change(rq, group, doc);
}

/* All members of a group leave it, a step at a time. */
static int
empty(struct rq *rq, const char *pool, const char *group)
{
	const struct kv_row *rows;
	size_t i, n;
	int r;

	do {
		r = kv_scan(rq, kv_key(rq->mem, KV_GROUP_MEMBER, pool, group, NULL), NULL, STEP,
		    &rows, &n);
		if (r != 0)
			return r;
		for (i = 0; i < n; i++)
			group_leave(rq, pool, group, kv_part(rq->mem, rows[i].key, 2));
		if ((r = kv_apply(rq)) != 0)
			return r;
	} while (n == STEP);
	return 0;
}

/* Members first: a membership that outlived its group would come back with the next group of that
 * name. Nobody enters a group that is gone, because entering expects it unchanged. */
int
op_delete_group(struct rq *rq, const struct json *in, struct json *out)
{
	const struct group *group;
	const struct pool *pool;
	int r;

	(void)out;
	if ((r = need_group(rq, in, &pool, &group)) != 0 ||
	    (r = empty(rq, pool->id, group->name)) != 0)
		return r;
	group_drop(rq, group);
	return 0;
}

/* Those who entered between the last step and the end. */
int
op_empty_group(struct rq *rq, const struct json *in, struct json *out)
{
	(void)out;
	return empty(rq, json_text(in, "UserPoolId"), json_text(in, "GroupName"));
}

static void
show(struct rq *rq, const char *member, const struct group *const *groups, size_t n,
    struct json *out)
{
	struct json *list = json_array(rq->mem);
	size_t i;

	for (i = 0; i < n; i++)
		json_add(list, groups[i]->doc);
	json_set(out, member, list);
}

int
op_list_groups(struct rq *rq, const struct json *in, struct json *out)
{
	static const struct page page = { "ListGroups", "NextToken", "Limit", 60 };
	const struct group *const *groups;
	const struct pool *pool;
	const char *after;
	size_t n, most;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 ||
	    (r = page_open(rq, &page, in, &after, &most)) != 0 ||
	    (r = group_list(rq, pool->id, after, most, &groups, &n)) != 0)
		return r;
	show(rq, "Groups", groups, n, out);
	return page_more(rq, &page, in, out, n == most ? groups[n - 1]->name : NULL);
}

/*
 * Membership.
 */

/* The user and the group that the arguments name. */
static int
need_both(struct rq *rq, const struct json *in, const struct user **user_r,
    const struct group **group_r)
{
	const struct pool *pool;
	int r;

	if ((r = need_group(rq, in, &pool, group_r)) != 0)
		return r;
	return need_user(rq, in, &pool, user_r);
}

static bool
is_in(const struct group *group, const struct group *const *groups, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (text_equal(groups[i]->name, group->name))
			return true;
	return false;
}

int
op_add_user_to_group(struct rq *rq, const struct json *in, struct json *out)
{
	const struct group *const *groups, *group;
	const struct user *user;
	size_t n;
	int r;

	(void)out;
	if ((r = need_both(rq, in, &user, &group)) != 0 ||
	    (r = group_of_user(rq, user->pool, user->sub, &groups, &n)) != 0)
		return r;
	if (is_in(group, groups, n))
		return 0;
	if (n >= MOST_OF_USER)
		return refuse_with(rq, &invalid_parameter, "A user can be in at most 100 groups.",
		    "the user is in %zu groups", n);
	need_still(rq, user->record);
	need_still(rq, group->record);
	return group_enter(rq, user->pool, group->name, user->sub, user->username);
}

int
op_remove_user_from_group(struct rq *rq, const struct json *in, struct json *out)
{
	const struct group *group;
	const struct user *user;
	int r;

	(void)out;
	if ((r = need_both(rq, in, &user, &group)) != 0)
		return r;
	group_leave(rq, user->pool, group->name, user->sub);
	return 0;
}

/* Ordered by precedence, which is no key: a token holds how many were shown already. */
int
op_list_groups_for_user(struct rq *rq, const struct json *in, struct json *out)
{
	static const struct page page = { "AdminListGroupsForUser", "NextToken", "Limit", 60 };
	const struct group *const *groups;
	const struct pool *pool;
	const struct user *user;
	const char *after;
	int64_t from = 0;
	size_t n, most;
	int r;

	if ((r = need_user(rq, in, &pool, &user)) != 0 ||
	    (r = page_open(rq, &page, in, &after, &most)) != 0 ||
	    (r = group_of_user(rq, pool->id, user->sub, &groups, &n)) != 0)
		return r;
	if (after != NULL)
		(void)text_number(after, &from);
	from = (size_t)from > n ? (int64_t)n : from;
	n -= (size_t)from;
	show(rq, "Groups", groups + from, n > most ? most : n, out);
	return page_more(rq, &page, in, out, n > most ?
	    arena_printf(rq->mem, "%zu", (size_t)from + most) : NULL);
}

int
op_list_users_in_group(struct rq *rq, const struct json *in, struct json *out)
{
	static const struct page page = { "ListUsersInGroup", "NextToken", "Limit", 60 };
	const struct words all = { 0, NULL };
	struct json *list = json_array(rq->mem);
	const char *after, *last;
	const struct group *group;
	const struct pool *pool;
	const struct user *user;
	struct words names;
	size_t i, most;
	int r;

	if ((r = need_group(rq, in, &pool, &group)) != 0 ||
	    (r = page_open(rq, &page, in, &after, &most)) != 0 ||
	    (r = group_members(rq, pool->id, group->name, after, most, &names, &last)) != 0)
		return r;
	for (i = 0; i < names.n; i++) {
		if ((r = user_get(rq, pool, names.at[i], &user)) != 0)
			return r;
		if (user != NULL)
			json_add(list, users_show(rq, user, all));
	}
	json_set(out, "Users", list);
	return page_more(rq, &page, in, out, last);
}
