/* exchange - a person's access token for a narrower one */
#include <string.h>

#include "oidc/bearer.h"
#include "oidc/exchange.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"

enum { MOST_ACTORS = 4 };	/* one behind the other: each makes the token longer */

static const char access_token[] = "urn:ietf:params:oauth:token-type:access_token";

/* RFC 8693 2.1: what is not understood is refused, not passed over. */
static int
exchange_check(struct rq *rq, const struct exchange *asked)
{
	if (asked->subject_token == NULL || asked->subject_token_type == NULL)
		return refuse(rq, &invalid_request, "no subject_token, or not its type");
	if (strcmp(asked->subject_token_type, access_token) != 0)
		return refuse(rq, &invalid_request, "subject_token_type is no access token");
	if (asked->requested_token_type != NULL &&
	    strcmp(asked->requested_token_type, access_token) != 0)
		return refuse(rq, &invalid_request, "requested_token_type is no access token");
	if (asked->actor_token != NULL)
		return refuse(rq, &invalid_request, "actor_token: the actor is the client itself");
	if (asked->resource != NULL && asked->audience != NULL &&
	    strcmp(asked->resource, asked->audience) != 0)
		return refuse(rq, &invalid_target, "resource and audience differ");
	return 0;
}

static int
count_actors(const struct json *claims)
{
	const struct json *actor = json_get(claims, "act");
	int n;

	for (n = 0; actor != NULL; n++)
		actor = json_get(actor, "act");
	return n;
}

/* RFC 8693 2.2.2: a token that is no good is invalid_request, whatever is wrong with it. */
static int
exchange_subject(struct rq *rq, const struct client *client, const char *token,
    const struct bearer **bearer_r)
{
	const struct bearer *bearer;
	int r = bearer_read(rq, token, &bearer);

	*bearer_r = bearer;
	rq->client = client;	/* who is answered, in its dialect */
	if (r == REFUSED && rq->refusal == &dead_token)
		return refuse(rq, &invalid_request, "subject_token is no living access token");
	if (r != 0)
		return r;
	if (bearer->user == NULL)
		return refuse(rq, &invalid_request, "subject_token is a machine's");
	if (json_has(bearer->claims, "cnf"))	/* RFC 9449 6: it would lose what binds it */
		return refuse(rq, &invalid_request, "subject_token is bound to a key");
	if (bearer_shown(rq, client, bearer) == NULL)
		return refuse(rq, &invalid_request, "subject_token is not for client %s",
		    client->id);
	if (count_actors(bearer->claims) >= MOST_ACTORS)
		return refuse(rq, &invalid_request, "subject_token has come through too many");
	return 0;
}

/* All that the client may have of the token. */
static const char *
exchange_most(struct rq *rq, const struct client *client, const struct bearer *bearer)
{
	struct words held = words_split(rq->mem, bearer->scope, ' ');
	struct words kept = { 0, arena_array(rq->mem, held.n + 1, sizeof(*kept.at)) };
	bool own = strcmp(bearer->client->id, client->id) == 0;
	size_t i;

	for (i = 0; i < held.n; i++)
		if (words_have(client->scopes, held.at[i]) &&
		    (own || strchr(held.at[i], '/') != NULL))
			kept.at[kept.n++] = held.at[i];
	return words_join(rq->mem, kept, " ");
}

int
exchange(struct rq *rq, const struct client *client, const struct exchange *asked,
    const struct tokens **tokens_r)
{
	const char *target = asked->resource != NULL ? asked->resource : asked->audience;
	const struct bearer *bearer;
	const char *scope;
	int r;

	*tokens_r = NULL;
	if ((r = exchange_check(rq, asked)) != 0 ||
	    (r = exchange_subject(rq, client, asked->subject_token, &bearer)) != 0)
		return r;
	scope = exchange_most(rq, client, bearer);
	if (asked->scope != NULL && (r = scope_narrow(rq, scope, asked->scope, &scope)) != 0)
		return r;
	if (target != NULL && (r = scope_target(rq, client, target, scope, &scope)) != 0)
		return r;
	if (*scope == '\0')
		return refuse(rq, &invalid_scope, "nothing is left of the token's scopes");
	return issue_exchanged(rq, client, bearer->claims, scope, target, tokens_r);
}
