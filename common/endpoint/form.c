/* form - the form token */
#include "base/random.h"
#include "endpoint/answer.h"
#include "endpoint/call.h"
#include "endpoint/form.h"

/* The browser keeps its token from page to page, so that two open tabs both work; a sign-in changes
 * it. */
const char *
form_token(struct rq *rq)
{
	const char *held;

	if (rq->call->token != NULL)
		return rq->call->token;
	held = cookie_get(rq->mem, COOKIE_FORM, rq->call->source.cookies);
	if (held != NULL && syn_uuid(held))
		return rq->call->token = held;
	form_renew(rq);
	return rq->call->token;
}

void
form_renew(struct rq *rq)
{
	rq->call->token = random_uuid(rq->mem);
	answer_cookie(rq, COOKIE_FORM, rq->call->token, 0);
}

struct json *
form_attributes(struct rq *rq, int parameter)
{
	struct json *list = json_array(rq->mem);
	const struct param_pair *pairs;
	size_t n, i;

	n = param_family(rq, &rq->call->page->params[parameter], &rq->call->source, &pairs);
	for (i = 0; i < n; i++) {
		struct json *attribute = json_object(rq->mem);

		json_set_text(attribute, "Name", pairs[i].name);
		json_set_text(attribute, "Value", pairs[i].value);
		json_add(list, attribute);
	}
	return list;
}
