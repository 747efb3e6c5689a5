/* NAME         login - the sign-in page
 * ANSWERS TO   GET and POST /login, /changePassword (pages.md 2 of the contract)
 * READS        domain pool key client user alias credential factor group member resource ticket
 *              throttle pushed registration
 * WRITES       user alias credential ticket throttle outbox session code family pushed client
 *              client_pool registration
 * HANDS OVER   the client (code, tokens or error), signup (/confirm, same query), mfa,
 *              forgotPassword, error
 * SETTINGS     argon2_kibibytes argon2_passes code_seconds issuer_base limit_client limit_domain
 *              limit_share limit_sign_in limit_source master_key scheme session_seconds templates
 *              trusted_proxies worker_requests workers
 *
 * Proves with a name and a password who somebody is, begins the browser's session and goes back to
 * the client. Someone whose password is temporary chooses a new one first; someone who never
 * confirmed goes to the confirmation page, and someone who must reset his password to that page.
 * Where a second factor is due it is the next page. */
#include "account/attribute.h"
#include "account/recover.h"
#include "account/refusals.h"
#include "account/signin.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/form.h"
#include "endpoint/page_state.h"
#include "endpoint/second.h"
#include "oidc/refusals.h"

enum { STATE_SECONDS = 8 * 60 };

enum { USERNAME = ASK_NPARAMS, PASSWORD, DEVICE, NLOGIN };

static const struct param login_params[NLOGIN] = {
	ASK_PARAMS,
	[USERNAME] = { "username",       syn_line, 2048, FORM | QUOTED },
	[PASSWORD] = { "password",       syn_any,  1024, FORM | QUOTED | SECRET },
	[DEVICE]   = { "cognitoAsfData", syn_any, 16384, FORM | SECRET },
};

enum { NEW_PASSWORD = ASK_NPARAMS, CONFIRM_PASSWORD, ATTRIBUTES, NCHANGE };

static const struct param change_params[NCHANGE] = {
	ASK_PARAMS,
	[NEW_PASSWORD]     = { "new_password",       syn_any,  1024, FORM | SECRET },
	[CONFIRM_PASSWORD] = { "confirm_password",   syn_any,  1024, FORM | SECRET },
	[ATTRIBUTES]       = { "requiredAttributes", syn_line, 2048, FORM | PREFIX },
};

/* The form, with the message of the last refusal if there was one. */
static int
show_login(struct rq *rq, const struct ask *ask, const char *username)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "app", ask->client->name);
	json_set_text(model, "action", arena_printf(rq->mem, "/login?%s", ask->query));
	if (!rq->pool->admin_create_only)
		json_set_text(model, "signup_url", arena_printf(rq->mem, "/signup?%s", ask->query));
	if (recover_offered(rq->pool))
		json_set_text(model, "forgot_url", arena_printf(rq->mem, "/forgotPassword?%s",
		    ask->query));
	json_set_text(model, "username", username != NULL ? username : ask->login_hint);
	form_name_label(rq, false, model);
	return answer_page(rq, 200, "login", model);
}

/* Leaves word for the next page about who it deals with; the password was right. */
static int
hand_over(struct rq *rq, const struct ask *ask, const struct user *user, const char *purpose,
    enum local where)
{
	struct json *state = json_object(rq->mem);
	int64_t set;
	int r;

	if ((r = signin_temporary(rq, user, &set)) != 0)
		return r;
	json_set_int(state, "set", set);
	json_set_text(state, "username", user->username);
	json_set_text(state, "sub", user->sub);
	json_set_bool(state, "proved", true);
	if ((r = page_state_set(rq, purpose, state, STATE_SECONDS)) != 0)
		return r;
	return answer_local(rq, where, ask->query);
}

static int
sign_in(struct rq *rq, const struct ask *ask)
{
	const char *name = arg(rq, USERNAME), *password = arg(rq, PASSWORD);
	const struct user *user;
	enum signin outcome;
	int r;

	r = signin_password(rq, ask->client, name != NULL ? name : "",
	    password != NULL ? password : "", &user, &outcome);
	if (r == REFUSED)
		return show_login(rq, ask, name);
	if (r != 0)
		return r;
	switch (outcome) {
	case SIGNIN_UNCONFIRMED:
		return hand_over(rq, ask, user, "confirm", LOCAL_CONFIRM);
	case SIGNIN_NEW_PASSWORD:
		return hand_over(rq, ask, user, "new-password", LOCAL_CHANGE_PASSWORD);
	case SIGNIN_RESET:
		return hand_over(rq, ask, user, "forgot", LOCAL_FORGOT_PASSWORD);
	case SIGNIN_DONE:
		break;
	}
	return second_next(rq, ask, user);
}

/* Signing in with other providers only: nobody signs in here. */
static int
check_local(struct rq *rq, const struct ask *ask)
{
	if (words_have(ask->client->providers, "COGNITO"))
		return 0;
	return refuse(rq, &invalid_request, "client %s does not have the provider COGNITO",
	    ask->client->id);
}

static int
login(struct rq *rq)
{
	const struct ask *ask;
	int r;

	if ((r = ask_open(rq, &ask)) != 0 || (r = check_local(rq, ask)) != 0)
		return r;
	return is_post(rq) ? sign_in(rq, ask) : show_login(rq, ask, NULL);
}

/* The person whose temporary password was right a moment ago; NULL: nobody. */
static int
change_user(struct rq *rq, const struct user **user_r)
{
	const struct json *state;
	const struct user *user;
	int64_t set;
	int r;

	*user_r = NULL;
	if ((r = page_state_get(rq, "new-password", &state)) != 0 || state == NULL)
		return r;
	if ((r = user_get(rq, rq->pool, json_text(state, "username"), &user)) != 0 ||
	    user == NULL || (r = signin_temporary(rq, user, &set)) != 0)
		return r;
	/* The status changes with the password, so a state serves once; and an administrator who
	 * replaces a temporary password that got about must not leave its finder on this page. */
	if (text_equal(user->sub, json_text(state, "sub")) && user->enabled &&
	    text_equal(user->status, "FORCE_CHANGE_PASSWORD") &&
	    set != 0 && set == json_int(state, "set", 0))
		*user_r = user;
	return 0;
}

static int
show_change(struct rq *rq, const struct ask *ask, const struct user *user)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "action", arena_printf(rq->mem, "/changePassword?%s", ask->query));
	json_set_text(model, "username", user_attribute(user, "email") ?: user->username);
	json_set(model, "fields",
	    form_fields(rq, attribute_missing(rq, rq->pool, user->doc), NULL));
	json_set(model, "rules", form_rules(rq));
	return answer_page(rq, 200, "change_password", model);
}

static int
change(struct rq *rq, const struct ask *ask, const struct user *user)
{
	const char *password = arg(rq, NEW_PASSWORD);
	int r;

	if (password == NULL || !text_equal(password, arg(rq, CONFIRM_PASSWORD)))
		r = refuse(rq, &passwords_differ, "the two passwords differ");
	else
		r = signin_new_password(rq, ask->client, user, password,
		    form_attributes(rq, ATTRIBUTES));
	if (r == REFUSED)
		return show_change(rq, ask, user);
	if (r != 0)
		return r;
	page_state_clear(rq);
	return second_next(rq, ask, user);
}

static int
change_password(struct rq *rq)
{
	const struct user *user;
	const struct ask *ask;
	int r;

	if ((r = ask_open(rq, &ask)) != 0 || (r = change_user(rq, &user)) != 0)
		return r;
	if (user == NULL)
		return answer_local(rq, LOCAL_LOGIN, ask->query);
	return is_post(rq) ? change(rq, ask, user) : show_change(rq, ask, user);
}

static const struct page pages[] = {
	{ "/login", GET | POST, login_params, NLOGIN, login, STYLE_PAGE, LATE | FORM_TOKEN },
	{ "/changePassword", GET | POST, change_params, NCHANGE, change_password, STYLE_PAGE,
	    LATE | FORM_TOKEN },
	{ .path = NULL },
};

static const struct program program = {
	.name = "login", .what = "the sign-in page", .pages = pages,
	.reads = "domain pool key client user alias credential factor group member resource "
	    "ticket throttle pushed registration",
	.writes = "user alias credential ticket throttle outbox session code family pushed client "
	    "client_pool registration",
	.sets = "XSRF-TOKEN cognito lang page-data",
	.hands_over = "the client, signup (/confirm), mfa, forgotPassword, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
