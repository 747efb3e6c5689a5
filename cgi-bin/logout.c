/* NAME         logout - sign-out endpoint
 * ANSWERS TO   GET and POST /logout (oauth.md 6 of the contract; OpenID Connect RP-Initiated Logout
 *              1.0), POST /logout/confirm
 * READS        domain pool key client user resource session
 * WRITES       session outbox
 * HANDS OVER   the client's sign-out address, login (same query), error
 * SETTINGS     issuer_base limit_client limit_domain limit_share limit_source master_key scheme
 *              templates trusted_proxies worker_requests workers
 *
 * Ends the browser's session, whatever else is wrong with the request, and has the clients told
 * that asked for it (BackchannelLogoutURI; tarnd calls them). Tokens live on: see revoke.
 *
 * Without a parameter of the original, and where the dialect has it, OpenID's request is
 * understood: with an ID token of whoever is signed in the session ends at once; without, the
 * person is asked, since any page may send a browser here. */
#include "account/current.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/form.h"
#include "oidc/ask.h"
#include "oidc/dialect.h"
#include "oidc/farewell.h"
#include "oidc/refusals.h"

enum { LOGOUT_URI = ASK_NPARAMS, HINT, LAST_URI, LOCALES, FORM_CLIENT_ID, FORM_STATE, NPARAMS };

enum { FROM = QUERY | FORM };

static const struct param params[NPARAMS] = {
	ASK_PARAMS,
	[LOGOUT_URI]     = { "logout_uri",               syn_line,      2048, QUERY },
	[HINT]           = { "id_token_hint",            syn_visible,  16384, FROM | SECRET },
	[LAST_URI]       = { "post_logout_redirect_uri", syn_line,      2048, FROM },
	[LOCALES]        = { "ui_locales",               syn_line,       256, FROM },
	[FORM_CLIENT_ID] = { "client_id",                syn_client_id,  128, FORM },
	[FORM_STATE]     = { "state",                    syn_any,       8192, FORM },
};

/* The clients of the session are told, unless its user is gone, whom nobody knows any more. */
static int
session_end(struct rq *rq)
{
	const struct session *session;
	const struct user *user;
	int r;

	if ((r = current_session(rq, arg(rq, ASK_SESSION), &session, &user)) != 0 ||
	    (session != NULL && (r = farewell_tell(rq, session)) != 0))
		return r;
	current_end(rq, arg(rq, ASK_SESSION));
	answer_cookie(rq, COOKIE_SESSION, "", -1);
	return 0;
}

/*
 * As OpenID has it.
 */

static struct farewell_wish
party_wish(const struct rq *rq)
{
	return (struct farewell_wish){
		.client_id = arg(rq, ASK_CLIENT_ID) ?: arg(rq, FORM_CLIENT_ID),
		.hint = arg(rq, HINT), .uri = arg(rq, LAST_URI),
		.state = arg(rq, ASK_STATE) ?: arg(rq, FORM_STATE),
	};
}

static int
party_goodbye(struct rq *rq, const struct farewell *farewell)
{
	int r = session_end(rq);

	if (r != 0)
		return r;
	return farewell->back != NULL ? answer_sign_out(rq, farewell->back) :
	    answer_page(rq, 200, "signed_out", json_object(rq->mem));
}

/* The languages of the request (section 2) are a list with blanks between. */
static void
party_language(struct rq *rq)
{
	struct words locales = words_split(rq->mem, arg(rq, LOCALES), ' ');

	if (locales.n > 0)
		rq->lang = lang_choose(rq, arg(rq, ASK_LANG), arg(rq, ASK_LANG_COOKIE),
		    words_join(rq->mem, locales, ","));
}

static int
party_ask(struct rq *rq, const struct farewell *farewell)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "action", arena_join(rq->mem, "/logout/confirm?",
	    farewell_again(rq, farewell), ""));
	return answer_page(rq, 200, "sign_out", model);
}

static int
party_logout(struct rq *rq)
{
	struct farewell_wish wish = party_wish(rq);
	const struct farewell *farewell;
	const struct session *session;
	const struct user *user;
	int r;

	if (rq->bad != NULL)
		return param_refuse(rq, &invalid_request);
	party_language(rq);
	if ((r = farewell_open(rq, &wish, &farewell)) != 0 ||
	    (r = current_session(rq, arg(rq, ASK_SESSION), &session, &user)) != 0)
		return r;
	if (session == NULL || text_equal(session->sub, farewell->sub))
		return party_goodbye(rq, farewell);
	return party_ask(rq, farewell);
}

/* The person said yes; the form token says that it was on our page. */
static int
confirmed(struct rq *rq)
{
	struct farewell_wish wish = party_wish(rq);
	const struct farewell *farewell;
	int r;

	if ((r = farewell_open(rq, &wish, &farewell)) != 0)
		return r;
	return party_goodbye(rq, farewell);
}

/* The client's dialect counts, whether its id or the hint tells of it; else the pool's. */
static int
is_party_logout(struct rq *rq, bool *is_r)
{
	struct farewell_wish wish = party_wish(rq);
	const struct farewell *farewell;

	*is_r = false;
	if (arg(rq, LOGOUT_URI) != NULL || arg(rq, ASK_REDIRECT_URI) != NULL)
		return 0;
	wish.uri = NULL;
	if (farewell_open(rq, &wish, &farewell) == FAULT)
		return FAULT;
	*is_r = dialect_has(rq, PARTY_LOGOUT);
	return 0;
}

/*
 * As the original has it.
 */

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
	bool by_party;
	int r;

	if ((r = is_party_logout(rq, &by_party)) != 0)
		return r;
	if (by_party)
		return party_logout(rq);
	if (is_post(rq))	/* the original knows GET alone */
		return answer_status(rq, 405);
	if ((r = session_end(rq)) != 0 || (r = logout_client(rq, &client)) != 0)
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
	{ "/logout", GET | POST, params, NPARAMS, logout, STYLE_PAGE, LATE },
	{ "/logout/confirm", POST, params, NPARAMS, confirmed, STYLE_PAGE, FORM_TOKEN },
	{ .path = NULL },
};

static const struct program program = {
	.name = "logout", .what = "sign-out endpoint", .pages = pages,
	.reads = "domain pool key client user resource session", .writes = "session outbox",
	.sets = "XSRF-TOKEN cognito lang",
	.hands_over = "the client's sign-out address, login, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
