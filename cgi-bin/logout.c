/* NAME         logout - sign-out endpoint
 * ANSWERS TO   GET /logout (oauth.md 6 of the contract)
 * READS        domain pool client resource
 * WRITES       session
 * HANDS OVER   the client's sign-out address, login (same query), error
 * SETTINGS     limit_client limit_domain limit_share limit_source scheme trusted_proxies
 *              worker_requests workers
 *
 * Ends the browser's session, whatever else is wrong with the request. Tokens live on: see
 * revoke. */
#include "account/current.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "oidc/ask.h"
#include "oidc/refusals.h"

enum { LOGOUT_URI = ASK_NPARAMS, NPARAMS };

static const struct param params[NPARAMS] = {
	ASK_PARAMS,
	[LOGOUT_URI] = { "logout_uri", syn_line, 2048, QUERY },
};

static int
logout_client(struct rq *rq, const struct client **client_r)
{
	const char *id = arg(rq, ASK_CLIENT_ID);
	int r;

	*client_r = NULL;
	if (id == NULL)
		return refuse(rq, &parameters_missing, "no client_id");
	if ((r = client_get(rq, rq->pool->id, id, client_r)) != 0)
		return r;
	rq->client = *client_r;
	return *client_r != NULL ? 0 :
	    refuse(rq, &invalid_request, "this pool has no client %s", id);
}

/* "Back to sign-in, then there": an authorization request that the login page verifies again. */
static int
logout_to_login(struct rq *rq)
{
	const struct ask *ask;
	int r;

	if ((r = ask_open_plain(rq, &ask)) != 0)
		return r;
	return answer_local(rq, LOCAL_LOGIN, ask_written_out(rq, ask));
}

static int
logout(struct rq *rq)
{
	const struct client *client;
	const struct back *back;
	int r;

	current_end(rq, arg(rq, ASK_SESSION));
	answer_cookie(rq, COOKIE_SESSION, "", -1);
	if ((r = logout_client(rq, &client)) != 0)
		return r;
	if (arg(rq, LOGOUT_URI) != NULL) {
		if ((r = back_verify_sign_out(rq, client, arg(rq, LOGOUT_URI), &back)) != 0)
			return r;
		return answer_sign_out(rq, back);	/* whatever else was sent */
	}
	if (rq->bad != NULL)
		return param_refuse(rq, &invalid_request);
	if (arg(rq, ASK_REDIRECT_URI) == NULL)
		return refuse(rq, &no_logout_uri, "neither logout_uri nor redirect_uri");
	return logout_to_login(rq);
}

static const struct page pages[] = {
	{ "/logout", GET, params, NPARAMS, logout, STYLE_PAGE, LATE },
	{ .path = NULL },
};

static const struct program program = {
	.name = "logout", .what = "sign-out endpoint", .pages = pages,
	.reads = "domain pool client resource", .writes = "session",
	.sets = "cognito", .hands_over = "the client's sign-out address, login, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
