/* filter - the Filter of ListUsers: name op "value" (idp-api.md 14.6) */
#include <string.h>

#include "account/refusals.h"
#include "api/filter.h"
#include "base/buf.h"

/* What can be asked for, and whether upper and lower case differ: never, always, or as the pool's
 * names do. */
static const struct searchable {
	const char *name;
	enum { NO_CASE, CASE, POOL_CASE } matching;
} searchable[] = {
	{ "username", POOL_CASE },
	{ "email", NO_CASE },
	{ "phone_number", CASE },
	{ "name", CASE },
	{ "given_name", CASE },
	{ "family_name", CASE },
	{ "preferred_username", POOL_CASE },
	{ "cognito:user_status", NO_CASE },
	{ "status", NO_CASE },
	{ "sub", CASE },
};

static const struct searchable *
searchable_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(searchable) / sizeof(searchable[0]); i++)
		if (strcmp(searchable[i].name, name) == 0)
			return &searchable[i];
	return NULL;
}

static const char *
skip(const char *p)
{
	return p + strspn(p, " \t");
}

/* "..." with \" and \\ in it; what follows it in *end_r. NULL: not closed. */
static const char *
quoted(struct arena *mem, const char *p, const char **end_r)
{
	struct buf *b = buf_new(mem, 1024);

	*end_r = p;
	for (p++; *p != '"'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		if (*p == '\0')
			return NULL;
		buf_char(b, *p);
	}
	*end_r = p + 1;
	return b->s;
}

static const char *
attribute_name(struct arena *mem, const char *p, const char **end_r)
{
	size_t n;

	if (*p == '"')
		return quoted(mem, p, end_r);
	n = strcspn(p, " \t=^\"");
	*end_r = p + n;
	return n == 0 ? NULL : arena_dupn(mem, p, n);
}

static bool
parse(struct arena *mem, const char *p, struct filter *filter)
{
	if ((filter->name = attribute_name(mem, skip(p), &p)) == NULL)
		return false;
	p = skip(p);
	filter->prefix = *p == '^';
	p += filter->prefix;
	if (*p != '=')
		return false;
	p = skip(p + 1);
	return *p == '"' && (filter->value = quoted(mem, p, &p)) != NULL && *skip(p) == '\0';
}

int
filter_parse(struct rq *rq, const char *text, struct filter *filter_r)
{
	*filter_r = (struct filter){ NULL, NULL, false };
	if (text == NULL || *skip(text) == '\0')
		return 0;
	if (!parse(rq->mem, text, filter_r))
		return refuse_with(rq, &invalid_parameter, "Error while parsing filter",
		    "not of the form name = \"value\"");
	if (searchable_find(filter_r->name) == NULL)
		return refuse_with(rq, &invalid_parameter,
		    arena_printf(rq->mem, "Invalid search attribute: %s", filter_r->name),
		    "not an attribute to search by");
	return 0;
}

static const char *
value_of(const struct user *user, const char *name)
{
	if (strcmp(name, "username") == 0)
		return user->username;
	if (strcmp(name, "cognito:user_status") == 0)
		return user->status;
	if (strcmp(name, "status") == 0)
		return user->enabled ? "Enabled" : "Disabled";
	return user_attribute(user, name);
}

bool
filter_passes(const struct filter *filter, const struct pool *pool, const struct user *user)
{
	const struct searchable *what;
	const char *value;
	size_t n;

	if (filter->name == NULL)
		return true;
	what = searchable_find(filter->name);
	value = value_of(user, filter->name);
	if (what == NULL || value == NULL)
		return false;
	n = filter->prefix ? strlen(filter->value) : strlen(filter->value) + 1;
	if (what->matching == CASE || (what->matching == POOL_CASE && pool->case_sensitive))
		return strncmp(value, filter->value, n) == 0;
	return strncasecmp(value, filter->value, n) == 0;
}
