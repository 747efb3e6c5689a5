/* NAME         signup - the sign-up pages
 * ANSWERS TO   GET and POST /signup, /confirm, POST /resendcode, GET /confirmUser (pages.md 2, 8 of
 *              the contract)
 * READS        domain pool key client user alias group member resource ticket throttle pushed
 *              registration
 * WRITES       user alias credential ticket throttle outbox session code family pushed client
 *              client_pool registration
 * HANDS OVER   the client (code, tokens or error), login (same query), error
 * SETTINGS     argon2_kibibytes argon2_passes code_seconds issuer_base limit_client limit_domain
 *              limit_share limit_source master_key scheme session_seconds templates trusted_proxies
 *              worker_requests workers
 *
 * Enrols people and confirms that an address is theirs, by a code or a link sent there. Whoever
 * signed up in this browser is signed in once confirmed; anyone else goes to the login page. */
#include "account/attribute.h"
#include "account/enrol.h"
#include "account/refusals.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/finish.h"
#include "endpoint/form.h"
#include "endpoint/page_state.h"
#include "oidc/refusals.h"

enum { STATE_SECONDS = 60 * 60 };	/* time to find the mail */

enum { USERNAME = ASK_NPARAMS, PASSWORD, ATTRIBUTES, DEVICE, NSIGNUP };

static const struct param signup_params[NSIGNUP] = {
	ASK_PARAMS,
	[USERNAME]   = { "username",           syn_line, 2048, FORM | QUOTED },
	[PASSWORD]   = { "password",           syn_any,  1024, FORM | QUOTED | SECRET },
	[ATTRIBUTES] = { "requiredAttributes", syn_line, 2048, FORM | PREFIX },
	[DEVICE]     = { "cognitoAsfData",     syn_any, 16384, FORM | SECRET },
};

enum { CODE_NAME = ASK_NPARAMS, CODE, NCONFIRM };

static const struct param confirm_params[NCONFIRM] = {
	ASK_PARAMS,
	[CODE_NAME] = { "username", syn_line, 2048, FORM | QUOTED },
	[CODE]      = { "code",     syn_line, 2048, FORM | QUOTED | SECRET },
};

enum { LINK_CLIENT, LINK_NAME, LINK_CODE, NLINK };

static const struct param link_params[NLINK] = {
	[LINK_CLIENT] = { "client_id",         syn_client_id, 128, NEEDED },
	[LINK_NAME]   = { "user_name",         syn_line,     2048, NEEDED },
	[LINK_CODE]   = { "confirmation_code", syn_code,     2048, NEEDED | SECRET },
};

/* Whether the name is typed once: as the username, which is an address in such pools. */
static bool
name_is_address(const struct pool *pool)
{
	return pool->username_attributes.n > 0;
}

/* What the form asks besides name and password: the required attributes, and the address that will
 * be verified, without which nobody could confirm. */
static struct words
signup_wanted(struct rq *rq)
{
	struct words missing = attribute_missing(rq, rq->pool, json_object(rq->mem));
	struct words wanted = { 0, arena_array(rq->mem, missing.n + rq->pool->auto_verified.n + 1,
	    sizeof(*wanted.at)) };
	size_t i;

	for (i = 0; i < missing.n; i++)
		if (!words_have(rq->pool->username_attributes, missing.at[i]))
			wanted.at[wanted.n++] = missing.at[i];
	for (i = 0; i < rq->pool->auto_verified.n; i++) {
		const char *name = rq->pool->auto_verified.at[i];

		if (!words_have(rq->pool->username_attributes, name) && !words_have(wanted, name))
			wanted.at[wanted.n++] = name;
	}
	return wanted;
}

static int
show_signup(struct rq *rq, const struct ask *ask)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "app", ask->client->name);
	json_set_text(model, "action", arena_printf(rq->mem, "/signup?%s", ask->query));
	json_set_text(model, "login_url", arena_printf(rq->mem, "/login?%s", ask->query));
	json_set_text(model, "username", arg(rq, USERNAME));
	form_name_label(rq, true, model);
	json_set(model, "fields",
	    form_fields(rq, signup_wanted(rq), form_attributes(rq, ATTRIBUTES)));
	json_set(model, "rules", form_rules(rq));
	return answer_page(rq, 200, "signup", model);
}

/* Leaves word for the confirmation page: where a code went, and in state what is known already. */
static int
remember(struct rq *rq, const struct delivery *delivery, struct json *state)
{
	json_set_text(state, "destination", delivery->destination);
	json_set_text(state, "medium", delivery->medium);
	return page_state_set(rq, "confirm", state, STATE_SECONDS);
}

static int
enrolled(struct rq *rq, const struct ask *ask, const struct enrolled *who)
{
	struct json *state = json_object(rq->mem);
	int r;

	if (who->delivery == NULL) {
		rq->back = NULL; /* pages.md 8: the person exists, and an administrator confirms */
		return refuse(rq, &invalid_request, "signed up, but the pool verifies no address");
	}
	json_set_text(state, "username", who->username);
	json_set_text(state, "sub", who->sub);
	json_set_bool(state, "proved", true);	/* whoever has this browser chose the password */
	if ((r = remember(rq, who->delivery, state)) != 0)
		return r;
	return answer_local(rq, LOCAL_CONFIRM, ask->query);
}

static int
sign_up(struct rq *rq, const struct ask *ask)
{
	struct json *attributes = form_attributes(rq, ATTRIBUTES);
	const char *name = arg(rq, USERNAME), *password = arg(rq, PASSWORD);
	const struct enrolled *who;
	int r;

	if (name == NULL && name_is_address(rq->pool))	/* test suites fill this one */
		name = form_attribute(attributes, "email") ?:
		    form_attribute(attributes, "phone_number");
	r = enrol_signup(rq, ask->client, name != NULL ? name : "",
	    password != NULL ? password : "", attributes, &who);
	if (r == REFUSED)
		return show_signup(rq, ask);
	return r != 0 ? r : enrolled(rq, ask, who);
}

static int
signup(struct rq *rq)
{
	const struct ask *ask;
	int r;

	if ((r = ask_open(rq, &ask)) != 0)
		return r;
	if (rq->pool->admin_create_only || !words_have(ask->client->providers, "COGNITO"))
		return refuse(rq, &invalid_request, "nobody signs up by himself here");
	return is_post(rq) ? sign_up(rq, ask) : show_signup(rq, ask);
}

static int
show_confirm(struct rq *rq, const struct ask *ask, const struct json *state)
{
	bool by_sms = text_equal(json_text(state, "medium"), "SMS");
	struct json *model = json_object(rq->mem);

	json_set_text(model, "action", arena_printf(rq->mem, "/confirm?%s", ask->query));
	json_set_text(model, "resend_action", arena_printf(rq->mem, "/resendcode?%s", ask->query));
	json_set_text(model, "username", json_text(state, "username") ?: arg(rq, CODE_NAME));
	json_set_text(model, "sub", json_text(state, "sub"));
	json_set_text(model, "destination", json_text(state, "destination"));
	json_set_text(model, "medium", json_text(state, "medium"));
	json_set_bool(model, "by_sms", by_sms);
	json_set_bool(model, "sent", !is_post(rq) && json_flag(state, "sent", false));
	json_set_text(model, "login_url", arena_printf(rq->mem, "/login?%s", ask->query));
	return answer_page(rq, 200, rq->pool->by_link && !by_sms ? "check_mail" : "confirm", model);
}

static int
prove(struct rq *rq, const struct ask *ask, const struct json *state)
{
	const char *name = json_text(state, "username") ?: arg(rq, CODE_NAME);
	const char *code = arg(rq, CODE);
	const struct user *user;
	int r;

	r = enrol_confirm(rq, ask->client, name != NULL ? name : "", code != NULL ? code : "",
	    false, &user);
	if (r == REFUSED)
		return show_confirm(rq, ask, state);
	if (r != 0)
		return r;
	page_state_clear(rq);
	if (json_flag(state, "proved", false) && text_equal(json_text(state, "sub"), user->sub))
		return finish_signed_in(rq, ask, user, "pwd");
	return answer_local(rq, LOCAL_LOGIN, ask->query);
}

static int
confirm(struct rq *rq)
{
	const struct json *state;
	const struct ask *ask;
	int r;

	if ((r = ask_open(rq, &ask)) != 0 || (r = page_state_get(rq, "confirm", &state)) != 0)
		return r;
	if (is_post(rq))
		return prove(rq, ask, state);
	/* Without word of who it is about the page cannot help. */
	return state == NULL ? answer_local(rq, LOCAL_LOGIN, ask->query) :
	    show_confirm(rq, ask, state);
}

static int
resend(struct rq *rq)
{
	const struct delivery *delivery;
	const struct json *state;
	const struct ask *ask;
	struct json *next;
	const char *name;
	int r;

	if ((r = ask_open(rq, &ask)) != 0 || (r = page_state_get(rq, "confirm", &state)) != 0)
		return r;
	name = json_text(state, "username") ?: arg(rq, CODE_NAME);
	r = enrol_resend(rq, ask->client, name != NULL ? name : "", &delivery);
	if (r == REFUSED)
		return show_confirm(rq, ask, state);
	if (r != 0)
		return r;
	next = state != NULL ? json_copy(rq->mem, state) : json_object(rq->mem);
	json_set_text(next, "username", name);
	json_set_bool(next, "sent", true);
	if ((r = remember(rq, delivery, next)) != 0)
		return r;
	return answer_local(rq, LOCAL_CONFIRM, ask->query);
}

/* The link of a mail: no browser state to go by, so nobody is signed in. */
static int
confirm_user(struct rq *rq)
{
	struct json *model = json_object(rq->mem);
	const struct client *client;
	const struct user *user;
	int r;

	if ((r = client_get(rq, rq->pool->id, arg(rq, LINK_CLIENT), &client)) != 0)
		return r;
	if (client == NULL)
		return refuse(rq, &invalid_request, "this pool has no client %s",
		    arg(rq, LINK_CLIENT));
	r = enrol_confirm(rq, client, arg(rq, LINK_NAME), arg(rq, LINK_CODE), false, &user);
	if (r != 0 && r != REFUSED)
		return r;
	json_set_bool(model, "confirmed", r == 0);
	return answer_page(rq, r == 0 ? 200 : 400, "confirmed", model);
}

static const struct page pages[] = {
	{ "/signup", GET | POST, signup_params, NSIGNUP, signup, STYLE_PAGE, LATE | FORM_TOKEN },
	{ "/confirm", GET | POST, confirm_params, NCONFIRM, confirm, STYLE_PAGE,
	    LATE | FORM_TOKEN },
	{ "/resendcode", POST, confirm_params, NCONFIRM, resend, STYLE_PAGE, LATE | FORM_TOKEN },
	{ "/confirmUser", GET, link_params, NLINK, confirm_user, STYLE_PAGE, 0 },
	{ .path = NULL },
};

static const struct program program = {
	.name = "signup", .what = "the sign-up pages", .pages = pages,
	.reads = "domain pool key client user alias group member resource ticket throttle pushed "
	    "registration",
	.writes = "user alias credential ticket throttle outbox session code family pushed client "
	    "client_pool registration",
	.sets = "XSRF-TOKEN cognito lang page-data",
	.hands_over = "the client, login, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
