/* group - groups, and who is in them */
#include <stddef.h>
#include <string.h>

#include "base/shape.h"
#include "store/group.h"

static const struct bind group_table[] = {
	{ "GroupName", BIND_TEXT, offsetof(struct group, name) },
	{ "RoleArn", BIND_TEXT, offsetof(struct group, role) },
	{ NULL, BIND_TEXT, 0 },
};

static const struct group *
group_decode(struct arena *mem, const struct record *record)
{
	struct group *group = arena_alloc(mem, sizeof(*group));

	shape_bind(mem, group_table, record->doc, group);
	group->precedence = json_int(record->doc, "Precedence", -1);
	group->doc = record->doc;
	group->record = record;
	return group;
}

static const struct kv_key *
group_key(struct rq *rq, const char *pool, const char *name)
{
	return kv_key(rq->mem, KV_GROUP, pool, name, NULL);
}

int
group_get(struct rq *rq, const char *pool, const char *name, const struct group **group_r)
{
	const struct record *record;
	int r;

	*group_r = NULL;
	if ((r = record_get(rq, group_key(rq, pool, name), &record)) != 0)
		return r;
	if (record != NULL)
		*group_r = group_decode(rq->mem, record);
	return 0;
}

int
group_create(struct rq *rq, const char *pool, const struct json *doc)
{
	return record_create(rq, group_key(rq, pool, json_text(doc, "GroupName")), doc, 0);
}

int
group_change(struct rq *rq, const struct group *group, const struct json *doc)
{
	return record_change(rq, group->record, doc, 0);
}

void
group_drop(struct rq *rq, const struct group *group)
{
	record_take(rq, group->record);
}

int
group_list(struct rq *rq, const char *pool, const char *after, size_t most,
    const struct group *const **groups_r, size_t *n_r)
{
	const struct kv_key *from = after == NULL ? NULL : group_key(rq, pool, after);
	const struct record *records;
	const struct group **list;
	size_t i;
	int r;

	*groups_r = NULL;
	r = record_scan(rq, kv_key(rq->mem, KV_GROUP, pool, NULL), from, most, &records, n_r);
	if (r != 0)
		return r;
	list = arena_array(rq->mem, *n_r, sizeof(*list));
	for (i = 0; i < *n_r; i++)
		list[i] = group_decode(rq->mem, &records[i]);
	*groups_r = list;
	return 0;
}

/*
 * Membership is two records, one to read from either side, always written together.
 */

static int
by_precedence(const void *a, const void *b)
{
	const struct group *x = *(const struct group *const *)a;
	const struct group *y = *(const struct group *const *)b;

	if (x->precedence != y->precedence) {
		if (x->precedence == -1 || y->precedence == -1)
			return x->precedence == -1 ? 1 : -1;
		return x->precedence < y->precedence ? -1 : 1;
	}
	return strcmp(x->name, y->name);
}

int
group_of_user(struct rq *rq, const char *pool, const char *sub,
    const struct group *const **groups_r, size_t *n_r)
{
	const struct kv_row *rows;
	const struct group **list;
	size_t i, n;
	int r;

	*groups_r = NULL;
	*n_r = 0;
	r = kv_scan(rq, kv_key(rq->mem, KV_MEMBER, pool, sub, NULL), NULL, 1000, &rows, &n);
	if (r != 0)
		return r;
	list = arena_array(rq->mem, n, sizeof(*list));
	for (i = 0; i < n; i++) {
		r = group_get(rq, pool, kv_part(rq->mem, rows[i].key, 2), &list[*n_r]);
		if (r != 0)
			return r;
		*n_r += list[*n_r] != NULL;
	}
	if (*n_r > 1)
		qsort(list, *n_r, sizeof(*list), by_precedence);
	*groups_r = list;
	return 0;
}

int
group_enter(struct rq *rq, const char *pool, const char *group, const char *sub,
    const char *username)
{
	struct json *member = json_object(rq->mem), *entry = json_object(rq->mem);
	int r;

	json_set_int(member, "Created", rq->now);
	json_set_text(entry, "Username", username);
	r = record_put(rq, kv_key(rq->mem, KV_MEMBER, pool, sub, group, NULL), member, 0);
	if (r != 0)
		return r;
	return record_put(rq, kv_key(rq->mem, KV_GROUP_MEMBER, pool, group, sub, NULL), entry, 0);
}

void
group_leave(struct rq *rq, const char *pool, const char *group, const char *sub)
{
	kv_drop(rq, kv_key(rq->mem, KV_MEMBER, pool, sub, group, NULL));
	kv_drop(rq, kv_key(rq->mem, KV_GROUP_MEMBER, pool, group, sub, NULL));
}

int
group_members(struct rq *rq, const char *pool, const char *group, const char *after, size_t most,
    struct words *usernames_r, const char **last_r)
{
	const struct kv_key *from =
	    after == NULL ? NULL : kv_key(rq->mem, KV_GROUP_MEMBER, pool, group, after, NULL);
	const struct record *records;
	size_t i, n;
	int r;

	*last_r = NULL;
	*usernames_r = (struct words){ 0, arena_array(rq->mem, most + 1, sizeof(char *)) };
	r = record_scan(rq, kv_key(rq->mem, KV_GROUP_MEMBER, pool, group, NULL), from, most,
	    &records, &n);
	if (r != 0)
		return r;
	for (i = 0; i < n; i++)
		usernames_r->at[usernames_r->n++] = json_text(records[i].doc, "Username");
	if (n == most && n > 0)
		*last_r = kv_part(rq->mem, records[n - 1].key, 2);
	return 0;
}
