/* NAME         device - signing in on a device that has no browser
 * ANSWERS TO   POST /oauth2/device_authorization, GET and POST /device (RFC 8628)
 * READS        domain pool client user resource session device_code user_code throttle seen
 * WRITES       device_code user_code throttle seen
 * HANDS OVER   login (/login, with the user code), error
 * SETTINGS     limit_client limit_domain limit_share limit_source master_key scheme templates
 *              trusted_proxies worker_requests workers
 *
 * A device asks for two codes. It shows the short one, with the address of the page, and waits at
 * the token endpoint with the long one. On the page, in a browser somewhere else, the person types
 * the short code, signs in where there is no session, sees which application asks for what, and
 * says yes or no. An address that has the code in it (verification_uri_complete) spares the typing,
 * never the question: such a link may come from a stranger (RFC 8628 5.4). */
#include "account/current.h"
#include "base/conf.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/form.h"
#include "oidc/caller.h"
#include "oidc/device.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"

enum { SCOPE = CALLER_NPARAMS, NAUTHORIZATION };

static const struct param authorization_params[NAUTHORIZATION] = {
	CALLER_PARAMS(FORM),
	[SCOPE] = { "scope", syn_scope, 8192, FORM },
};

enum { USER_CODE, DECISION, SESSION, NPAGE };

static const struct param page_params[NPAGE] = {
	[USER_CODE] = { "user_code", syn_line,     64, SECRET },
	[DECISION]  = { "decision",  syn_word,     16, FORM },
	[SESSION]   = { "cognito",   syn_visible, 256, COOKIE | SECRET | AGAIN },
};

/* RFC 8628 3.2 */
static int
answer_offer(struct rq *rq, const struct device_offer *offer)
{
	const char *page = arena_printf(rq->mem, "%s://%s/device", conf->scheme, rq->host);
	struct json *body = json_object(rq->mem);

	json_set_text(body, "device_code", offer->device_code);
	json_set_text(body, "user_code", offer->user_code);
	json_set_text(body, "verification_uri", page);
	json_set_text(body, "verification_uri_complete", arena_printf(rq->mem, "%s?user_code=%s",
	    page, offer->user_code));
	json_set_int(body, "expires_in", offer->expires_in);
	json_set_int(body, "interval", offer->interval);
	return answer_json(rq, 200, body);
}

static int
device_authorization(struct rq *rq)
{
	const struct device_offer *offer;
	const struct client *client;
	const char *scope;
	int r;

	if ((r = caller_prove(rq, &invalid_client_401, &client)) != 0)
		return r;
	if (!client_flow(client, "device_code") || client->providers.n == 0)
		return refuse(rq, &unauthorized_client, "client %s does not have the flow "
		    "device_code, or no identity provider", client->id);
	if ((r = scope_grant(rq, client, arg(rq, SCOPE), &scope)) != 0 ||
	    (r = device_offer(rq, client, scope, &offer)) != 0)
		return r;
	return answer_offer(rq, offer);
}

/* The field for the code, with the message of the last refusal if there was one. */
static int
show_field(struct rq *rq)
{
	const char *typed = arg(rq, USER_CODE);
	struct json *model = json_object(rq->mem);

	if (typed != NULL)
		json_set_text(model, "user_code", device_spell(rq, typed));
	return answer_page(rq, 200, "device", model);
}

static int
show_question(struct rq *rq, const struct device_code *code, const struct user *user)
{
	struct json *model = json_object(rq->mem);
	const struct client *client;
	int r;

	if ((r = client_get(rq, rq->pool->id, code->grant.client, &client)) != 0)
		return r;
	if (client == NULL)
		return refuse(rq, &invalid_request, "client %s is no more", code->grant.client);
	json_set_text(model, "app", client->name);
	json_set_text(model, "user_code", device_spell(rq, arg(rq, USER_CODE)));
	json_set_text(model, "username", user_attribute(user, "email") ?: user->username);
	json_set(model, "scopes", form_scopes(rq, code->grant.scope));
	return answer_page(rq, 200, "device_question", model);
}

static int
show_answered(struct rq *rq, bool approved)
{
	struct json *model = json_object(rq->mem);

	json_set_bool(model, "approved", approved);
	return answer_page(rq, 200, "device_answered", model);
}

/* An authorization request with the user code in the place of a way back. */
static int
sign_in(struct rq *rq, const struct device_code *code)
{
	return answer_local(rq, LOCAL_LOGIN, device_query(rq, code, arg(rq, USER_CODE)));
}

static int
decide(struct rq *rq, const struct device_code *code, const struct user *user,
    const struct session *session)
{
	bool approved = text_equal(arg(rq, DECISION), "approve");
	int r;

	if (!approved && !text_equal(arg(rq, DECISION), "deny"))
		return show_question(rq, code, user);
	r = approved ? device_approve(rq, code, user, session) : device_deny(rq, code);
	return r != 0 ? r : show_answered(rq, approved);
}

static int
device(struct rq *rq)
{
	const struct device_code *code;
	const struct session *session;
	const struct user *user;
	int r;

	if ((r = current_session(rq, arg(rq, SESSION), &session, &user)) != 0)
		return r;
	/* Without a session nothing is looked up for a mere address: anybody can make a browser
	 * open one. */
	if (arg(rq, USER_CODE) == NULL || (session == NULL && !is_post(rq)))
		return show_field(rq);
	r = device_find(rq, arg(rq, USER_CODE), user, &code);
	if (r == REFUSED)
		return show_field(rq);
	if (r != 0)
		return r;
	return session == NULL ? sign_in(rq, code) : decide(rq, code, user, session);
}

static const struct page pages[] = {
	{ "/oauth2/device_authorization", POST, authorization_params, NAUTHORIZATION,
	    device_authorization, STYLE_JSON, 0 },
	{ "/device", GET | POST, page_params, NPAGE, device, STYLE_PAGE, FORM_TOKEN },
	{ .path = NULL },
};

static const struct program program = {
	.name = "device", .what = "signing in on a device that has no browser", .pages = pages,
	.reads = "domain pool client user resource session device_code user_code throttle seen",
	.writes = "device_code user_code throttle seen", .sets = "XSRF-TOKEN lang",
	.hands_over = "login, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
