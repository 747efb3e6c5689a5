/* ask - an authorization request */
#include <string.h>

#include "oidc/acr.h"
#include "oidc/ask.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"
#include "store/pool.h"
#include "web/limit.h"
#include "web/uri.h"

/* {Q} of pages.md: every parameter that was sent, for the next page. */
static const char *
ask_query(struct rq *rq)
{
	static const struct param names[ASK_NPARAMS] = { ASK_PARAMS };
	struct buf *query = buf_new(rq->mem, 64 * 1024);
	int i;

	for (i = 0; i < ASK_NQUERY; i++)
		uri_add(query, names[i].name, arg(rq, i));
	return query->s;
}

static struct back_wish
ask_wish(const struct rq *rq)
{
	return (struct back_wish){
		.uri = arg(rq, ASK_REDIRECT_URI), .state = arg(rq, ASK_STATE),
		.response_type = arg(rq, ASK_RESPONSE_TYPE),
		.response_mode = arg(rq, ASK_RESPONSE_MODE),
	};
}

/* Who asks. Nothing said here can go anywhere but to the error page. */
static int
ask_client(struct rq *rq, struct ask *ask)
{
	const char *id = arg(rq, ASK_CLIENT_ID);
	struct back_wish wish = ask_wish(rq);
	int r;

	if (id == NULL)
		return refuse(rq, &parameters_missing, "no client_id");
	if ((r = client_get(rq, rq->pool->id, id, &ask->client)) != 0)
		return r;
	if (ask->client == NULL)
		return refuse(rq, &invalid_request, "this pool has no client %s", id);
	if ((r = limit_take(rq, LIMIT_CLIENT, id, false)) != 0)
		return r;
	rq->client = ask->client;
	return back_verify(rq, ask->client, &wish, &ask->back);
}

static int
ask_response_type(struct rq *rq, struct ask *ask)
{
	const char *type = arg(rq, ASK_RESPONSE_TYPE);
	struct back_wish wish = ask_wish(rq);

	if (type == NULL)
		return refuse(rq, &invalid_request, "no response_type");
	if (strcmp(type, "code") != 0 && strcmp(type, "token") != 0)
		return refuse(rq, &invalid_request, "response_type is neither code nor token");
	ask->implicit = strcmp(type, "token") == 0;
	if (!ask->client->oauth ||
	    !words_have(ask->client->flows, ask->implicit ? "implicit" : "code"))
		return refuse(rq, &unauthorized_client, "client %s does not have the flow for %s",
		    ask->client->id, type);
	if (ask->client->providers.n == 0)
		return refuse(rq, &unauthorized_client, "client %s has no identity provider; see "
		    "--supported-identity-providers", ask->client->id);
	return back_check_mode(rq, ask->back, &wish);
}

/* RFC 7636 4.3; plain would let whoever reads the request redeem the code. */
static int
ask_challenge(struct rq *rq, struct ask *ask)
{
	const char *method = arg(rq, ASK_CHALLENGE_METHOD);

	ask->challenge = arg(rq, ASK_CHALLENGE);
	if ((ask->challenge == NULL) != (method == NULL))
		return refuse(rq, &invalid_request, "code_challenge and its method go together");
	if (method != NULL && strcmp(method, "S256") != 0)
		return refuse(rq, &invalid_request, "code_challenge_method is not S256");
	return 0;
}

/* RFC 8707 2: an absolute URI without fragment. */
static int
ask_resource(struct rq *rq, struct ask *ask)
{
	ask->resource = arg(rq, ASK_RESOURCE);
	if (ask->resource != NULL && !uri_may_register(ask->resource))
		return refuse(rq, &invalid_request, "resource is not a URL");
	return 0;
}

static int
ask_prompt(struct rq *rq, struct ask *ask)
{
	struct words list = words_split(rq->mem, arg(rq, ASK_PROMPT), ' ');
	const char *max_age = arg(rq, ASK_MAX_AGE);

	ask->max_age = -1;
	if (max_age != NULL)
		(void)text_number(max_age, &ask->max_age);
	ask->prompt_none = words_have(list, "none");
	ask->prompt_login = words_have(list, "login");
	if (ask->prompt_none && list.n > 1)	/* OpenID Connect Core 3.1.2.1 */
		return refuse(rq, &invalid_request, "prompt=none with another prompt");
	return 0;
}

int
ask_open(struct rq *rq, const struct ask **ask_r)
{
	struct ask *ask = arena_alloc(rq->mem, sizeof(*ask));
	int r;

	*ask_r = NULL;
	if ((r = ask_client(rq, ask)) != 0)
		return r;
	/* From here on the client can be told. */
	if (rq->bad != NULL)
		return param_refuse(rq, &invalid_request);
	ask->nonce = arg(rq, ASK_NONCE);
	ask->login_hint = arg(rq, ASK_LOGIN_HINT);
	ask->provider = arg(rq, ASK_PROVIDER);
	ask->acr = words_split(rq->mem, arg(rq, ASK_ACR), ' ');
	if ((r = ask_response_type(rq, ask)) != 0 || (r = ask_challenge(rq, ask)) != 0 ||
	    (r = ask_resource(rq, ask)) != 0 || (r = ask_prompt(rq, ask)) != 0 ||
	    (r = scope_grant(rq, ask->client, arg(rq, ASK_SCOPE), &ask->scope)) != 0)
		return r;
	ask->query = ask_query(rq);
	*ask_r = ask;
	return 0;
}

const char *
ask_written_out(struct rq *rq, const struct ask *ask)
{
	struct buf *query = buf_new(rq->mem, 64 * 1024);

	buf_text(query, ask->query);
	if (arg(rq, ASK_SCOPE) == NULL)
		uri_add(query, "scope", ask->scope);
	return query->s;
}

bool
ask_served_by(const struct rq *rq, const struct ask *ask, const struct session *session,
    const char *methods)
{
	if (ask->prompt_login ||
	    (ask->max_age >= 0 && rq->now / 1000 - session->auth_time > ask->max_age))
		return false;
	return acr_level(words_split(rq->mem, session->methods, ' ')) >=
	    acr_wanted(rq->pool, ask->acr, words_split(rq->mem, methods, ' '));
}
