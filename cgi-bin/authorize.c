/* NAME         authorize - OAuth 2.0 / OpenID Connect authorization endpoint
 * ANSWERS TO   GET /oauth2/authorize, /authorize (RFC 6749 3.1, 4.1, 4.2; OpenID Connect Core
 *              3.1.2; RFC 7636)
 * READS        domain pool key client user group member resource session pushed registration
 * WRITES       session code family pushed client client_pool registration
 * HANDS OVER   login (same query), the client (code, tokens or error), error
 * SETTINGS     code_seconds issuer_base limit_client limit_domain limit_share limit_source
 *              master_key scheme templates trusted_proxies worker_requests workers
 *
 * Begins a sign-in. A browser whose session is good enough goes straight back to the client; any
 * other goes to the login page. */
#include "account/current.h"
#include "account/signin.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/finish.h"
#include "endpoint/form.h"
#include "oidc/ask.h"
#include "oidc/refusals.h"

static const struct param params[ASK_NPARAMS] = { ASK_PARAMS };

/* A provider must be one the client has; one asked for by an identifier is none of ours, since only
 * other providers have those. oauth.md 15: the error page, not the client. */
static int
check_provider(struct rq *rq, const struct ask *ask)
{
	const char *name = ask->provider != NULL ? ask->provider : arg(rq, ASK_IDENTIFIER);

	if (name == NULL || (ask->provider != NULL &&
	    words_have(ask->client->providers, ask->provider)))
		return 0;
	rq->back = NULL;
	return refuse(rq, &invalid_request, "client %s has no such identity provider",
	    ask->client->id);
}

static int
authorize(struct rq *rq)
{
	const struct session *session;
	const struct user *user;
	const struct ask *ask;
	int r;

	answer_cookie(rq, COOKIE_STATE, "", -1);
	answer_cookie(rq, COOKIE_STATE_LEGACY, "", -1);
	if ((r = ask_open(rq, &ask)) != 0 || (r = check_provider(rq, ask)) != 0 ||
	    (r = current_session(rq, arg(rq, ASK_SESSION), &session, &user)) != 0)
		return r;
	(void)form_token(rq);
	if (session != NULL && ask_served_by(rq, ask, session, signin_methods(rq, user)))
		return finish(rq, ask, user, session);
	if (ask->prompt_none)
		return refuse(rq, &login_required, "prompt=none and no usable session");
	return answer_local(rq, LOCAL_LOGIN, ask->query);
}

static const struct page pages[] = {
	{ "/oauth2/authorize", GET, params, ASK_NPARAMS, authorize, STYLE_PAGE, LATE },
	{ "/authorize", GET, params, ASK_NPARAMS, authorize, STYLE_PAGE, LATE },
	{ .path = NULL },
};

static const struct program program = {
	.name = "authorize", .what = "OAuth 2.0 / OpenID Connect authorization endpoint",
	.pages = pages,
	.reads = "domain pool key client user group member resource session pushed registration",
	.writes = "session code family pushed client client_pool registration",
	.sets = "XSRF-TOKEN csrf-state csrf-state-legacy",
	.hands_over = "login, the client, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
