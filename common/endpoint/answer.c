/* answer - the ways to answer */
#include <string.h>

#include "base/conf.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/call.h"
#include "endpoint/form.h"
#include "oidc/ask.h"
#include "store/pool.h"
#include "web/template.h"
#include "web/uri.h"

int
answer_json(struct rq *rq, int status, const struct json *body)
{
	rq->call->status = status;
	rq->call->kind = HEAD_JSON;
	rq->call->body = json_print(rq->mem, body);
	return 0;
}

int
answer_nothing(struct rq *rq)
{
	rq->call->status = 200;
	rq->call->kind = HEAD_EMPTY;
	return 0;
}

int
answer_status(struct rq *rq, int status)
{
	rq->call->kind = HEAD_EMPTY;
	rq->call->status = status;
	rq->call->body = NULL;
	return 0;
}

int
answer_gone(struct rq *rq)
{
	rq->call->status = 204;
	rq->call->kind = HEAD_EMPTY;
	return 0;
}

void
answer_language(struct rq *rq)
{
	static const struct param table[] = {
		{ "lang", syn_line, 64, QUERY | AGAIN },
		{ "lang", syn_line, 64, COOKIE | AGAIN },
		{ "Accept-Language", syn_line, 512, HEADER },
	};
	const struct param_fault *bad;
	const char *args[3];

	param_read(rq, table, 3, &rq->call->source, args, &bad);
	rq->lang = lang_choose(rq, args[0], args[1], args[2]);
	if (args[0] != NULL && strcmp(args[0], rq->lang->code) == 0)
		answer_cookie(rq, COOKIE_LANG, rq->lang->code, 0);
}

/* Where a page's form may lead besides itself: browsers hold every redirect that answers a form to
 * the page's form-action, those of the application behind its callback too, wherever they lead. So
 * it is the scheme of the callback that is named, and https behind plain http. */
static const char *
answer_form_target(struct rq *rq)
{
	const char *uri = rq->back != NULL ? back_uri(rq->back) : NULL;

	if (uri == NULL)
		return NULL;
	if (text_starts(uri, "http://"))
		return "http: https:";
	return arena_dupn(rq->mem, uri, strcspn(uri, ":") + 1);
}

/* What the last refusal tells the person, in the page's language; NULL if nothing was refused. */
static const char *
answer_problem(struct rq *rq)
{
	if (rq->refusal == NULL || rq->refusal->key == NULL)
		return refusal_text(rq);
	return text_fill(rq->mem, lang_sentence(rq->lang, rq->refusal->key), rq->refusal_detail);
}

int
answer_page(struct rq *rq, int status, const char *template, struct json *model)
{
	struct buf *out = buf_new(rq->mem, 256 * 1024);
	int r;

	if (rq->lang == NULL)
		answer_language(rq);
	json_set_text(model, "lang", rq->lang->code);
	json_set_text(model, "dir", lang_sentence(rq->lang, "direction"));
	json_set_text(model, "form_token", form_token(rq));
	if (rq->pool != NULL)
		json_set_text(model, "pool", rq->pool->name);
	json_set_text(model, "problem", answer_problem(rq));
	if ((r = template_render(rq, template, model, rq->lang->sentences, out)) != 0)
		return r;
	if (buf_over(out))
		return fault(rq, "page %s is too large", template);
	rq->call->status = rq->refusal != NULL && rq->refusal->status == TOO_MANY ? TOO_MANY :
	    status;
	rq->call->kind = HEAD_PAGE;
	rq->call->form_target = answer_form_target(rq);
	rq->call->body = out->s;
	return 0;
}

static int
answer_redirect(struct rq *rq, const char *url)
{
	rq->call->status = 302;
	rq->call->kind = HEAD_REDIRECT;
	rq->call->location = url;
	return 0;
}

/* Form Post Response Mode 2: a page whose form brings the answer, by itself where scripts run. */
static int
answer_form(struct rq *rq, const struct back *back, const struct json *parameters)
{
	struct json *model = json_object(rq->mem), *fields = json_array(rq->mem), *field;
	struct json_member m;

	for (m = json_first(parameters); m.name != NULL; m = json_next(m)) {
		field = json_object(rq->mem);
		json_set_text(field, "name", m.name);
		json_set(field, "value", m.value);
		json_add(fields, field);
	}
	json_set_text(model, "action", back_uri(back));
	json_set(model, "fields", fields);
	return answer_page(rq, 200, "form_post", model);
}

int
answer_back(struct rq *rq, const struct back *back, struct json *parameters, bool refused)
{
	enum back_mode mode = back_mode(back, refused);
	struct buf *all = buf_new(rq->mem, 64 * 1024);
	struct json_member m;

	json_set_text(parameters, "state", back_state(back));
	json_set_text(parameters, "iss", back_issuer(back));
	if (mode == BACK_FORM)
		return answer_form(rq, back, parameters);
	for (m = json_first(parameters); m.name != NULL; m = json_next(m))
		uri_add(all, m.name, json_as_text(m.value));
	if (buf_over(all))
		return fault(rq, "answer to the client is too large");
	return answer_redirect(rq, uri_with(rq->mem, back_uri(back),
	    mode == BACK_FRAGMENT ? '#' : '?', all->s));
}

int
answer_sign_out(struct rq *rq, const struct back *back)
{
	struct buf *query = buf_new(rq->mem, 64 * 1024);

	uri_add(query, "state", back_state(back));
	return answer_redirect(rq, uri_with(rq->mem, back_uri(back), '?', query->s));
}

/* "https://auth.example.com". A host that nobody registered is not echoed: a relative reference is
 * always our own. */
static const char *
answer_base(struct rq *rq)
{
	return rq->host == NULL || rq->pool == NULL ? "" :
	    arena_printf(rq->mem, "%s://%s", conf->scheme, rq->host);
}

int
answer_local(struct rq *rq, enum local where, const char *query)
{
	static const char *const paths[] = {
		[LOCAL_LOGIN] = "/login", [LOCAL_CONFIRM] = "/confirm",
		[LOCAL_CHANGE_PASSWORD] = "/changePassword",
		[LOCAL_FORGOT_PASSWORD] = "/forgotPassword",
		[LOCAL_RESET_PASSWORD] = "/confirmforgotPassword", [LOCAL_DEVICE] = "/device",
		[LOCAL_MFA] = "/mfa", [LOCAL_MFA_SETUP] = "/mfa/setup",
		[LOCAL_CONSENT] = "/consent", [LOCAL_ERROR] = "/error",
	};
	bool bare = query == NULL || *query == '\0';

	return answer_redirect(rq, arena_printf(rq->mem, "%s%s%s%s", answer_base(rq), paths[where],
	    bare ? "" : "?", bare ? "" : query));
}

void
answer_cookie(struct rq *rq, enum cookie which, const char *value, int seconds)
{
	const char *host = rq->host != NULL ? rq->host : "";
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	rq->call->cookies[which] = cookie_set(rq->mem, which, value, seconds,
	    arena_dupn(rq->mem, host, n), rq->call->secure, rq->now);
}
