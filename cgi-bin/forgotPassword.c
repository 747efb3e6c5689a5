/* NAME         forgotPassword - the pages of a forgotten password
 * ANSWERS TO   GET and POST /forgotPassword, /confirmforgotPassword (pages.md 2, 5 of the contract)
 * READS        domain pool key client user alias credential resource ticket throttle pushed
 * WRITES       user alias credential ticket throttle outbox pushed
 * HANDS OVER   login (same query), error
 * SETTINGS     argon2_kibibytes argon2_passes issuer_base limit_client limit_domain limit_share
 *              limit_sign_in limit_source master_key scheme templates trusted_proxies
 *              worker_requests workers
 *
 * Sends a code to an address that the person has proven, and takes it back with a new password.
 * Nobody is signed in here: that is what the new password is for. */
#include "account/recover.h"
#include "account/refusals.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/form.h"
#include "endpoint/page_state.h"
#include "oidc/ask.h"
#include "oidc/refusals.h"

enum { STATE_SECONDS = 8 * 60 };	/* pages.md 6 */

enum { USERNAME = ASK_NPARAMS, DEVICE, NFORGOT };

static const struct param forgot_params[NFORGOT] = {
	ASK_PARAMS,
	[USERNAME] = { "username",       syn_line, 2048, FORM | QUOTED },
	[DEVICE]   = { "cognitoAsfData", syn_any, 16384, FORM | SECRET },
};

enum { CODE = NFORGOT, PASSWORD, PASSWORD_AGAIN, NRESET };

static const struct param reset_params[NRESET] = {
	ASK_PARAMS,
	[USERNAME]       = { "username",        syn_line, 2048, FORM | QUOTED },
	[DEVICE]         = { "cognitoAsfData",  syn_any, 16384, FORM | SECRET },
	[CODE]           = { "code",            syn_line, 2048, FORM | QUOTED | SECRET },
	[PASSWORD]       = { "password",        syn_any,  1024, FORM | QUOTED | SECRET },
	[PASSWORD_AGAIN] = { "confirmPassword", syn_any,  1024, FORM | QUOTED | SECRET },
};

static int
show_forgot(struct rq *rq, const struct ask *ask, const char *username)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "action", arena_printf(rq->mem, "/forgotPassword?%s", ask->query));
	json_set_text(model, "login_url", arena_printf(rq->mem, "/login?%s", ask->query));
	json_set_text(model, "username", username);
	form_name_label(rq, false, model);
	return answer_page(rq, 200, "forgot_password", model);
}

static int
send_code(struct rq *rq, const struct ask *ask)
{
	const char *name = arg(rq, USERNAME) != NULL ? arg(rq, USERNAME) : "";
	struct json *state = json_object(rq->mem);
	const struct delivery *delivery;
	int r;

	r = recover_send(rq, ask->client, name, &delivery);
	if (r == REFUSED)
		return show_forgot(rq, ask, name);
	if (r != 0)
		return r;
	json_set_text(state, "username", name);
	json_set_text(state, "destination", delivery->destination);
	json_set_text(state, "medium", delivery->medium);
	if ((r = page_state_set(rq, "reset", state, STATE_SECONDS)) != 0)
		return r;
	return answer_local(rq, LOCAL_RESET_PASSWORD, ask->query);
}

/* Local passwords are of no use to clients that sign people in with other providers only. */
static int
open_ask(struct rq *rq, const struct ask **ask_r)
{
	int r;

	if ((r = ask_open(rq, ask_r)) != 0)
		return r;
	if (!words_have((*ask_r)->client->providers, "COGNITO"))
		return refuse(rq, &invalid_request, "client %s does not have the provider COGNITO",
		    (*ask_r)->client->id);
	return 0;
}

static int
forgot_password(struct rq *rq)
{
	const struct json *state;
	const struct ask *ask;
	int r;

	if ((r = open_ask(rq, &ask)) != 0 || (r = page_state_get(rq, "forgot", &state)) != 0)
		return r;
	if (is_post(rq))
		return send_code(rq, ask);
	if (state == NULL)
		return show_forgot(rq, ask, ask->login_hint);
	/* The login page sent somebody here whose password was right. */
	page_state_clear(rq);
	(void)refuse(rq, &reset_required, "an administrator asked for a new password");
	return show_forgot(rq, ask, json_text(state, "username"));
}

static int
show_reset(struct rq *rq, const struct ask *ask, const struct json *state)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "action",
	    arena_printf(rq->mem, "/confirmforgotPassword?%s", ask->query));
	json_set_text(model, "forgot_url", arena_printf(rq->mem, "/forgotPassword?%s", ask->query));
	json_set_text(model, "username", json_text(state, "username"));
	json_set_text(model, "destination", json_text(state, "destination"));
	json_set_bool(model, "by_sms", text_equal(json_text(state, "medium"), "SMS"));
	json_set(model, "rules", form_rules(rq));
	return answer_page(rq, 200, "reset_password", model);
}

static int
take_code(struct rq *rq, const struct ask *ask, const struct json *state)
{
	const char *code = arg(rq, CODE), *password = arg(rq, PASSWORD);
	int r;

	if (password == NULL || !text_equal(password, arg(rq, PASSWORD_AGAIN)))
		r = refuse(rq, &passwords_differ, "the two passwords differ");
	else
		r = recover_confirm(rq, ask->client, json_text(state, "username"),
		    code != NULL ? code : "", password);
	if (r == REFUSED)
		return show_reset(rq, ask, state);
	if (r != 0)
		return r;
	page_state_clear(rq);
	return answer_local(rq, LOCAL_LOGIN, ask->query);
}

/* Only from the page before: it knows where the code went. */
static int
reset_password(struct rq *rq)
{
	const struct json *state;
	const struct ask *ask;
	int r;

	if ((r = open_ask(rq, &ask)) != 0 || (r = page_state_get(rq, "reset", &state)) != 0)
		return r;
	if (state == NULL)
		return answer_local(rq, LOCAL_FORGOT_PASSWORD, ask->query);
	return is_post(rq) ? take_code(rq, ask, state) : show_reset(rq, ask, state);
}

/* Browsers have been seen with both spellings of the second page. */
static const struct page pages[] = {
	{ "/forgotPassword", GET | POST, forgot_params, NFORGOT, forgot_password, STYLE_PAGE,
	    LATE | FORM_TOKEN },
	{ "/confirmforgotPassword", GET | POST, reset_params, NRESET, reset_password, STYLE_PAGE,
	    LATE | FORM_TOKEN },
	{ "/confirmForgotPassword", GET | POST, reset_params, NRESET, reset_password, STYLE_PAGE,
	    LATE | FORM_TOKEN },
	{ .path = NULL },
};

static const struct program program = {
	.name = "forgotPassword", .what = "the pages of a forgotten password", .pages = pages,
	.reads = "domain pool key client user alias credential resource ticket throttle pushed",
	.writes = "user alias credential ticket throttle outbox pushed",
	.sets = "XSRF-TOKEN lang page-data", .hands_over = "login, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
