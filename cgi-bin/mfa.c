/* NAME         mfa - the pages of the second factor
 * ANSWERS TO   GET and POST /mfa, /mfa/setup (pages.md 9 of the contract)
 * READS        domain pool key client user alias credential factor group member resource ticket
 *              throttle pushed registration
 * WRITES       user alias factor ticket throttle outbox session code family pushed client
 *              client_pool registration
 * HANDS OVER   the client (code, tokens or error), login (same query), error
 * SETTINGS     code_seconds issuer_base limit_client limit_domain limit_share limit_sign_in
 *              limit_source master_key scheme session_seconds templates trusted_proxies
 *              worker_requests workers
 *
 * Whoever proved a password here proves a second factor: a code of an authenticator app, a text
 * message or a mail, chosen where there is a choice. Where the pool demands a second factor of
 * somebody who has none, an app is registered first. */
#include "account/mfa.h"
#include "account/refusals.h"
#include "account/totp.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/finish.h"
#include "endpoint/form.h"
#include "endpoint/page_state.h"
#include "endpoint/second.h"

enum { CODE = ASK_NPARAMS, METHOD, NVERIFY, DEVICE = NVERIFY, NSETUP };

/* SMS codes have been seen under the same name. */
#define CODE_ROWS \
	ASK_PARAMS, \
	[CODE]   = { "authentication_code", syn_line, 64, FORM | QUOTED | SECRET }, \
	[METHOD] = { "mfa_method",          syn_word, 64, FORM }

static const struct param verify_params[NVERIFY] = { CODE_ROWS };
static const struct param setup_params[NSETUP] = {
	CODE_ROWS,
	[DEVICE] = { "device_name",         syn_line, 256, FORM | QUOTED },
};

/* What a page calls a factor. */
static const struct { const char *factor, *choice; } names[] = {
	{ "SOFTWARE_TOKEN_MFA", "mfa_app" },
	{ "SMS_MFA",            "mfa_sms" },
	{ "EMAIL_OTP",          "mfa_email" },
};
enum { NNAMES = sizeof(names) / sizeof(names[0]) };

static struct json *
page_model(struct rq *rq, const struct ask *ask, const char *path)
{
	struct json *model = json_object(rq->mem);

	json_set_text(model, "action", arena_printf(rq->mem, "%s?%s", path, ask->query));
	json_set_text(model, "login_url", arena_printf(rq->mem, "/login?%s", ask->query));
	return model;
}

static int
show_choice(struct rq *rq, const struct ask *ask, const struct json *state)
{
	struct words factors = json_words(rq->mem, state, "factors");
	struct json *model = page_model(rq, ask, "/mfa");
	struct json *list = json_array(rq->mem);
	size_t i;

	for (i = 0; i < NNAMES; i++) {
		struct json *row = json_object(rq->mem);

		if (!words_have(factors, names[i].factor))
			continue;
		json_set_text(row, "factor", names[i].factor);
		json_set_bool(row, names[i].choice, true);
		json_add(list, row);
	}
	json_set(model, "choices", list);
	return answer_page(rq, 200, "mfa_choose", model);
}

static int
show_verify(struct rq *rq, const struct ask *ask, const struct json *state)
{
	struct json *model = page_model(rq, ask, "/mfa");
	const char *factor = json_text(state, "factor");
	size_t i;

	for (i = 0; i < NNAMES; i++)
		json_set_bool(model, names[i].choice, text_equal(factor, names[i].factor));
	json_set_text(model, "factor", factor);
	json_set_text(model, "destination", json_text(state, "destination"));
	json_set_text(model, "device", json_text(state, "device"));
	json_set_bool(model, "others", json_count(json_get(state, "factors")) > 1);
	return answer_page(rq, 200, "mfa", model);
}

static int
show(struct rq *rq, const struct ask *ask, const struct json *state)
{
	return json_has(state, "factor") ? show_verify(rq, ask, state) :
	    show_choice(rq, ask, state);
}

/* Another method, or the same again for a new code; "choose" leads back to the choice. */
static int
choose(struct rq *rq, const struct ask *ask, const struct json *state, const struct user *user)
{
	struct json *open = json_copy(rq->mem, state);
	int r;

	json_drop(open, "factor");
	if (!words_have(json_words(rq->mem, state, "factors"), arg(rq, METHOD)))
		return show_choice(rq, ask, open);
	r = second_chosen(rq, ask, user, open, arg(rq, METHOD));
	return r == REFUSED ? show(rq, ask, state) : r;
}

static int
prove(struct rq *rq, const struct ask *ask, const struct json *state, const struct user *user)
{
	const char *factor = json_text(state, "factor"), *code = arg(rq, CODE);
	int r;

	if (factor == NULL)
		return show_choice(rq, ask, state);
	r = mfa_prove(rq, user, factor, code != NULL ? code : "", &user);
	if (r == REFUSED)
		return show_verify(rq, ask, state);
	if (r != 0)
		return r;
	page_state_clear(rq);
	return finish_signed_in(rq, ask, user,
	    arena_join(rq->mem, "pwd", " ", mfa_method(factor)));
}

static int
mfa(struct rq *rq)
{
	const struct json *state;
	const struct user *user;
	const struct ask *ask;
	int r;

	if ((r = ask_open(rq, &ask)) != 0 || (r = second_state(rq, &state, &user)) != 0)
		return r;
	if (user == NULL || json_has(state, "seed"))
		return answer_local(rq, LOCAL_LOGIN, ask->query);
	if (!is_post(rq))
		return show(rq, ask, state);
	return (arg(rq, METHOD) != NULL ? choose : prove)(rq, ask, state, user);
}

static int
show_setup(struct rq *rq, const struct ask *ask, const struct json *state,
    const struct user *user)
{
	const char *seed = json_text(state, "seed"), *path;
	struct json *model = page_model(rq, ask, "/mfa/setup");
	int size;

	path = totp_qr(rq, totp_uri(rq, seed, rq->pool->name,
	    user_attribute(user, "email") ?: user->username), &size);
	json_set_text(model, "qr", path);
	json_set_int(model, "size", size);
	json_set_text(model, "secret", totp_secret(rq, seed));
	json_set_text(model, "device", arg(rq, DEVICE));
	return answer_page(rq, 200, "mfa_setup", model);
}

static int
enrol(struct rq *rq, const struct ask *ask, const struct json *state, const struct user *user)
{
	const char *code = arg(rq, CODE);
	const struct user *enrolled;
	int r;

	r = mfa_enrol(rq, user, json_text(state, "seed"), code != NULL ? code : "",
	    arg(rq, DEVICE), &enrolled);
	if (r == REFUSED)
		return show_setup(rq, ask, state, user);
	if (r != 0)
		return r;
	page_state_clear(rq);
	return finish_signed_in(rq, ask, enrolled, "pwd otp");
}

static int
setup(struct rq *rq)
{
	const struct json *state;
	const struct user *user;
	const struct ask *ask;
	int r;

	if ((r = ask_open(rq, &ask)) != 0 || (r = second_state(rq, &state, &user)) != 0)
		return r;
	/* A page that was left open must not put its app in the place of one registered since. */
	if (user == NULL || !json_has(state, "seed") ||
	    words_have(user->factors, "SOFTWARE_TOKEN_MFA"))
		return answer_local(rq, LOCAL_LOGIN, ask->query);
	return (is_post(rq) ? enrol : show_setup)(rq, ask, state, user);
}

static const struct page pages[] = {
	{ "/mfa", GET | POST, verify_params, NVERIFY, mfa, STYLE_PAGE, LATE | FORM_TOKEN },
	{ "/mfa/setup", GET | POST, setup_params, NSETUP, setup, STYLE_PAGE, LATE | FORM_TOKEN },
	{ .path = NULL },
};

static const struct program program = {
	.name = "mfa", .what = "the pages of the second factor", .pages = pages,
	.reads = "domain pool key client user alias credential factor group member resource "
	    "ticket throttle pushed registration",
	.writes = "user alias factor ticket throttle outbox session code family pushed client "
	    "client_pool registration",
	.sets = "XSRF-TOKEN cognito lang page-data", .hands_over = "the client, login, error",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
