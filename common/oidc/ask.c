/* ask - an authorization request */
#include <string.h>

#include "base/random.h"
#include "crypto/digest.h"
#include "oidc/acr.h"
#include "oidc/ask.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"
#include "store/pool.h"
#include "web/limit.h"
#include "web/uri.h"

/* How long the pages of a pushed request may take, once a browser has brought it. */
enum { PAGES_SECONDS = 3600 };

static const struct param names[ASK_NPARAMS] = { ASK_PARAMS };

const char *
ask_query(struct rq *rq)
{
	struct buf *query = buf_new(rq->mem, 64 * 1024);
	bool pushed = arg(rq, ASK_REQUEST_URI) != NULL;
	int i;

	for (i = 0; i < ASK_NQUERY; i++)
		if (!pushed || i == ASK_CLIENT_ID || i == ASK_REQUEST_URI || i == ASK_LANG)
			uri_add(query, names[i].name, arg(rq, i));
	return query->s;
}

/* What the client pushed takes the place of everything the URL says (RFC 9126 4), and is read by
 * the table that the URL is read by. */
static int
ask_pushed(struct rq *rq, struct ask *ask)
{
	const char *uri = arg(rq, ASK_REQUEST_URI), *id = arg(rq, ASK_CLIENT_ID);
	struct param_source from = { .method = "GET" };
	const struct param_fault *bad;
	int r;

	if (uri == NULL)
		return 0;
	r = pushed_get(rq, rq->pool->id, digest_text(rq->mem, uri), &ask->pushed);
	if (r != 0)
		return r;
	if (ask->pushed == NULL || !text_equal(ask->pushed->client, id))
		return refuse(rq, &invalid_request_uri,
		    "request_uri is unknown, used, expired or another client's");
	from.query = ask->pushed->query;
	param_read(rq, names, ASK_NQUERY, &from, rq->args, &bad);
	if (bad != NULL)
		return fault(rq, "a pushed request whose parameter %s is %s", bad->name, bad->what);
	rq->args[ASK_REQUEST_URI] = uri;
	return pushed_later(rq, ask->pushed, rq->now + PAGES_SECONDS * 1000);
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
	if (ask->implicit && ask->client->dpop_required)
		return refuse(rq, &unauthorized_client,
		    "client %s needs tokens bound to a key, which these cannot be",
		    ask->client->id);
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
	if (method == NULL && ask->client->pkce_required && !ask->implicit)	/* RFC 7636 4.4.1 */
		return refuse(rq, &invalid_request, "client %s has to send a code_challenge",
		    ask->client->id);
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

/* RFC 8628 3.3: the device page sends who is not signed in yet, and has him back. There is no
 * client to answer, so there is no way back either, only the page of our own. */
static int
ask_device(struct rq *rq, struct ask *ask)
{
	int r;

	if (rq->bad != NULL)
		return param_refuse(rq, &invalid_request);
	if ((r = client_get(rq, rq->pool->id, arg(rq, ASK_CLIENT_ID), &ask->client)) != 0)
		return r;
	if (ask->client == NULL || !client_flow(ask->client, "device_code"))
		return refuse(rq, &invalid_request, "no client with the flow device_code");
	rq->client = ask->client;
	ask->user_code = arg(rq, ASK_USER_CODE);
	ask->login_hint = arg(rq, ASK_LOGIN_HINT);
	ask->max_age = -1;
	ask->scope = "";
	ask->query = ask_query(rq);
	return 0;
}

/* All that is asked, once it is known who asks. */
static int
ask_rest(struct rq *rq, struct ask *ask)
{
	int r;

	if (rq->bad != NULL)
		return param_refuse(rq, &invalid_request);
	ask->nonce = arg(rq, ASK_NONCE);
	ask->jkt = arg(rq, ASK_DPOP_JKT);
	ask->login_hint = arg(rq, ASK_LOGIN_HINT);
	ask->provider = arg(rq, ASK_PROVIDER);
	ask->acr = words_split(rq->mem, arg(rq, ASK_ACR), ' ');
	if ((r = ask_response_type(rq, ask)) != 0 || (r = ask_challenge(rq, ask)) != 0 ||
	    (r = ask_resource(rq, ask)) != 0 || (r = ask_prompt(rq, ask)) != 0)
		return r;
	return scope_grant(rq, ask->client, arg(rq, ASK_SCOPE), &ask->scope);
}

static int
ask_verify(struct rq *rq, struct ask *ask, const struct ask **ask_r)
{
	int r;

	if ((r = ask_client(rq, ask)) != 0)
		return r;
	/* From here on the client can be told. */
	if (ask->client->pushed_required && ask->pushed == NULL)
		return refuse(rq, &invalid_request, "client %s pushes its requests, and did not",
		    ask->client->id);
	if ((r = ask_rest(rq, ask)) != 0)
		return r;
	ask->query = ask_query(rq);
	*ask_r = ask;
	return 0;
}

static bool
ask_is_device(const struct rq *rq)
{
	return arg(rq, ASK_USER_CODE) != NULL && arg(rq, ASK_CLIENT_ID) != NULL &&
	    arg(rq, ASK_RESPONSE_TYPE) == NULL && arg(rq, ASK_REQUEST_URI) == NULL;
}

int
ask_open(struct rq *rq, const struct ask **ask_r)
{
	struct ask *ask = arena_alloc(rq->mem, sizeof(*ask));
	int r;

	*ask_r = NULL;
	if (ask_is_device(rq)) {
		*ask_r = ask;
		return ask_device(rq, ask);
	}
	return (r = ask_pushed(rq, ask)) != 0 ? r : ask_verify(rq, ask, ask_r);
}

int
ask_open_plain(struct rq *rq, const struct ask **ask_r)
{
	*ask_r = NULL;
	rq->args[ASK_REQUEST_URI] = NULL;
	return ask_verify(rq, arena_alloc(rq->mem, sizeof(struct ask)), ask_r);
}

/* RFC 9126 2.3: the errors of the error page have no names outside it. */
static int
ask_refuse_push(struct rq *rq, int r)
{
	if (r == REFUSED &&
	    (rq->refusal == &redirect_mismatch || rq->refusal == &parameters_missing))
		return refuse(rq, &invalid_request, "redirect_uri is missing or not registered");
	return r;
}

int
ask_push(struct rq *rq, const struct client *client, const char **uri_r)
{
	struct ask ask = { .client = client };
	struct back_wish wish = ask_wish(rq);
	int r;

	*uri_r = arena_printf(rq->mem, "urn:ietf:params:oauth:request_uri:%s",
	    random_token(rq->mem));
	if (arg(rq, ASK_REQUEST_URI) != NULL)
		return refuse(rq, &invalid_request, "request_uri in what is pushed");
	rq->args[ASK_CLIENT_ID] = client->id;
	if ((r = back_verify(rq, client, &wish, &ask.back)) == 0)
		r = ask_rest(rq, &ask);
	rq->back = NULL;	/* who pushes is told here, and nobody elsewhere */
	if (r != 0)
		return ask_refuse_push(rq, r);
	return pushed_put(rq, rq->pool->id, digest_text(rq->mem, *uri_r),
	    &(struct pushed){ .client = client->id, .query = ask_query(rq) },
	    rq->now + ASK_PUSH_SECONDS * 1000);
}

void
ask_answered(struct rq *rq, const struct ask *ask)
{
	if (ask->pushed != NULL)
		pushed_take(rq, ask->pushed);
}

const char *
ask_written_out(struct rq *rq, const struct ask *ask)
{
	struct buf *query = buf_new(rq->mem, 64 * 1024);
	int i;

	for (i = 0; i < ASK_NQUERY; i++)
		if (i != ASK_PROVIDER && i != ASK_IDENTIFIER && i != ASK_REQUEST_URI)
			uri_add(query, names[i].name,
			    i == ASK_SCOPE && arg(rq, i) == NULL ? ask->scope : arg(rq, i));
	return query->s;
}

int
ask_level(struct rq *rq, const struct ask *ask, const char *methods)
{
	return acr_wanted(rq->pool, ask->acr, words_split(rq->mem, methods, ' '));
}

bool
ask_served_by(struct rq *rq, const struct ask *ask, const struct session *session,
    const char *methods)
{
	if (ask->prompt_login ||
	    (ask->max_age >= 0 && rq->now / 1000 - session->auth_time > ask->max_age))
		return false;
	return acr_level(words_split(rq->mem, session->methods, ' ')) >=
	    ask_level(rq, ask, methods);
}
