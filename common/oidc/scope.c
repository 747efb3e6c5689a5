/* scope - which scopes a request gets */
#include <string.h>

#include "oidc/refusals.h"
#include "oidc/scope.h"
#include "store/resource.h"

static const char *const reserved[] = {
	"openid", "profile", "email", "phone", "aws.cognito.signin.user.admin",
};

static bool
is_reserved(const char *scope)
{
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(scope, reserved[i]) == 0)
			return true;
	return false;
}

/* Custom scopes are {resource server}/{name}; the name holds no slash, the identifier may. */
int
scope_defined(struct rq *rq, const char *pool, const char *scope, bool *defined_r)
{
	const char *slash = strrchr(scope, '/');
	const struct resource *resource;
	int r;

	*defined_r = false;
	if (is_reserved(scope)) {
		*defined_r = true;
		return 0;
	}
	if (slash == NULL)
		return 0;
	r = resource_get(rq, pool, arena_dupn(rq->mem, scope, (size_t)(slash - scope)), &resource);
	*defined_r = r == 0 && resource != NULL && words_have(resource->scopes, slash + 1);
	return r;
}

/* Each of the asked for that is still defined, once. */
static int
scope_active(struct rq *rq, const struct client *client, struct words asked, bool machine,
    const char **scope_r)
{
	struct words granted = { 0, arena_array(rq->mem, asked.n + 1, sizeof(*granted.at)) };
	bool active;
	size_t i;
	int r;

	for (i = 0; i < asked.n; i++) {
		if ((machine && is_reserved(asked.at[i])) || words_have(granted, asked.at[i]))
			continue;
		if ((r = scope_defined(rq, client->pool, asked.at[i], &active)) != 0)
			return r;
		if (active)
			granted.at[granted.n++] = asked.at[i];
	}
	*scope_r = words_join(rq->mem, granted, " ");
	return 0;
}

int
scope_grant(struct rq *rq, const struct client *client, const char *asked, const char **scope_r)
{
	struct words list = asked == NULL ? client->scopes : words_split(rq->mem, asked, ' ');
	size_t i;

	*scope_r = NULL;
	for (i = 0; i < list.n; i++) {
		bool claims = strcmp(list.at[i], "email") == 0 ||
		    strcmp(list.at[i], "phone") == 0 || strcmp(list.at[i], "profile") == 0;

		if (!words_have(client->scopes, list.at[i]))
			return refuse(rq, &invalid_scope, "client %s does not have scope %s",
			    client->id, list.at[i]);
		if (asked != NULL && claims && !words_have(list, "openid"))
			return refuse(rq, &invalid_scope, "scope %s without openid", list.at[i]);
	}
	return scope_active(rq, client, list, false, scope_r);
}

int
scope_narrow(struct rq *rq, const char *granted, const char *asked, const char **scope_r)
{
	struct words list = words_split(rq->mem, asked, ' ');
	size_t i;

	*scope_r = NULL;
	for (i = 0; i < list.n; i++)
		if (!scope_has(granted, list.at[i]))
			return refuse(rq, &invalid_scope, "scope %s was not granted", list.at[i]);
	*scope_r = words_join(rq->mem, list, " ");
	return 0;
}

bool
scope_serves(const struct client *client, const char *identifier, size_t n)
{
	size_t i;

	for (i = 0; i < client->scopes.n; i++) {
		const char *scope = client->scopes.at[i], *slash = strrchr(scope, '/');

		if (slash != NULL && (size_t)(slash - scope) == n &&
		    memcmp(scope, identifier, n) == 0)
			return true;
	}
	return false;
}

int
scope_target(struct rq *rq, const struct client *client, const char *identifier,
    const char *scope, const char **scope_r)
{
	struct words all = words_split(rq->mem, scope, ' ');
	struct words kept = { 0, arena_array(rq->mem, all.n + 1, sizeof(*kept.at)) };
	size_t i, n = strlen(identifier);

	*scope_r = NULL;
	if (!scope_serves(client, identifier, n))
		return refuse(rq, &invalid_target, "client %s has no scope of such a resource",
		    client->id);
	for (i = 0; i < all.n; i++) {
		const char *slash = strrchr(all.at[i], '/');

		if (slash != NULL && (size_t)(slash - all.at[i]) == n &&
		    memcmp(all.at[i], identifier, n) == 0)
			kept.at[kept.n++] = all.at[i];
	}
	if (kept.n == 0)
		return refuse(rq, &invalid_target, "none of the scopes is of that resource");
	*scope_r = words_join(rq->mem, kept, " ");
	return 0;
}

int
scope_grant_machine(struct rq *rq, const struct client *client, const char *asked,
    const char **scope_r)
{
	struct words list = asked == NULL ? client->scopes : words_split(rq->mem, asked, ' ');
	size_t i;

	*scope_r = NULL;
	for (i = 0; asked != NULL && i < list.n; i++)
		if (is_reserved(list.at[i]) || !words_have(client->scopes, list.at[i]))
			return refuse(rq, &invalid_scope,
			    "client %s may not have scope %s by itself", client->id, list.at[i]);
	return scope_active(rq, client, list, true, scope_r);
}

bool
scope_has(const char *scope, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	for (p = scope; (p = strstr(p, word)) != NULL; p += n)
		if ((p == scope || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}
