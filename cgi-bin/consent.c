/* NAME         consent - may an application that nobody vouches for know who one is?
 * ANSWERS TO   GET and POST /consent (OpenID Connect Core 3.1.2.4)
 * READS        domain pool key client user group member resource session pushed registration
 * WRITES       session code family pushed client client_pool registration
 * HANDS OVER   the client (code, tokens or error), login (same query), error
 * SETTINGS     code_seconds issuer_base limit_client limit_domain limit_share limit_source
 *              master_key scheme templates trusted_proxies worker_requests workers
 *
 * An application that registered itself (RFC 7591) may be anybody's. Without this page a link would
 * be enough for it to learn who is signed in. It is asked for each sign-in; the client of an
 * administrator never comes here. */
#include "account/current.h"
#include "account/signin.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/finish.h"
#include "endpoint/form.h"
#include "oidc/refusals.h"

enum { JUST_NOW = 600 };	/* seconds since a sign-in that prompt=login asked for */

enum { DECISION = ASK_NPARAMS, NPARAMS };

static const struct param params[NPARAMS] = {
	ASK_PARAMS,
	[DECISION] = { "decision", syn_word, 16, FORM },
};

/* Whom the page is for: the session may be older than what sent the browser here. */
static bool
is_served(struct rq *rq, const struct ask *ask, const struct session *session,
    const struct user *user)
{
	if (session == NULL)
		return false;
	if (ask->prompt_login)
		return rq->now / 1000 - session->auth_time <= JUST_NOW;
	return ask_served_by(rq, ask, session, signin_methods(rq, user));
}

static int
show(struct rq *rq, const struct ask *ask, const struct user *user)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "app", ask->client->name);
	json_set_text(model, "action", arena_printf(rq->mem, "/consent?%s", ask->query));
	json_set_text(model, "destination", back_uri(ask->back));
	json_set_text(model, "username", user_attribute(user, "email") ?: user->username);
	json_set(model, "scopes", form_scopes(rq, ask->scope));
	return answer_page(rq, 200, "consent", model);
}

static int
consent(struct rq *rq)
{
	const struct session *session;
	const struct user *user;
	const struct ask *ask;
	int r;

	if ((r = ask_open(rq, &ask)) != 0 ||
	    (r = current_session(rq, arg(rq, ASK_SESSION), &session, &user)) != 0)
		return r;
	if (!is_served(rq, ask, session, user))
		return answer_local(rq, LOCAL_LOGIN, ask->query);
	if (!ask->client->registered || ask->user_code != NULL)
		return finish(rq, ask, user, session);
	if (text_equal(arg(rq, DECISION), "approve"))
		return finish_consented(rq, ask, user, session);
	if (text_equal(arg(rq, DECISION), "deny"))
		return refuse(rq, &access_denied, "the person said no");
	return show(rq, ask, user);
}

static const struct page pages[] = {
	{ "/consent", GET | POST, params, NPARAMS, consent, STYLE_PAGE, LATE | FORM_TOKEN },
	{ .path = NULL },
};

static const struct program program = {
	.name = "consent", .what = "may an application that nobody vouches for know who one is?",
	.pages = pages,
	.reads = "domain pool key client user group member resource session pushed registration",
	.writes = "session code family pushed client client_pool registration",
	.sets = "XSRF-TOKEN lang", .hands_over = "the client, login, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
