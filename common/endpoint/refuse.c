/* refuse - how refusals are shown: as a page, JSON, a bearer challenge, or told to the client */
#include "crypto/key.h"
#include "endpoint/answer.h"
#include "endpoint/call.h"
#include "oidc/ask.h"
#include "oidc/dialect.h"
#include "oidc/refusals.h"
#include "web/uri.h"

/* RFC 6749 4.1.2.1 */
static int
refuse_back(struct rq *rq)
{
	struct json *answer = json_object(rq->mem);

	json_set_text(answer, "error", rq->refusal->code);
	json_set_text(answer, "error_description", refusal_text(rq));
	return answer_back(rq, rq->back, answer, true);
}

/* The error page has an address of its own (oauth.md 2). */
static int
refuse_page(struct rq *rq)
{
	struct buf *query = buf_new(rq->mem, 16 * 1024);

	if (rq->refusal == &no_logout_uri)
		return answer_local(rq, LOCAL_ERROR, ask_query(rq));
	uri_add(query, "error", rq->refusal->code);
	if (rq->refusal == &redirect_mismatch)
		uri_add(query, "client_id", rq->client != NULL ? rq->client->id : NULL);
	return answer_local(rq, LOCAL_ERROR, query->s);
}

/* RFC 6749 5.2 */
static int
refuse_json(struct rq *rq)
{
	struct json *body = json_object(rq->mem);

	if (rq->refusal == &invalid_client_basic)
		rq->call->challenge = "Basic realm=\"Tarn\", charset=\"UTF-8\"";
	if (rq->refusal == &invalid_token)	/* RFC 6750 3 */
		rq->call->challenge = "Bearer error=\"invalid_token\"";
	json_set_text(body, "error", rq->refusal->code);
	json_set_text(body, "error_description", refusal_text(rq));
	return answer_json(rq, rq->refusal->status, body);
}

/* RFC 9449 7.1, 9 */
static int
refuse_dpop(struct rq *rq, const char *text)
{
	if (rq->call->status == 400)
		rq->call->status = 401;
	rq->call->challenge = arena_printf(rq->mem,
	    "DPoP error=\"%s\", error_description=\"%s\", algs=\"%s\"", rq->refusal->code,
	    text != NULL ? text : "", key_algorithms(rq->mem));
	return 0;
}

/* RFC 6750 3; the contract is without the scheme word (oauth.md 4). */
static int
refuse_bearer(struct rq *rq)
{
	const char *scheme = dialect_has(rq, BEARER_SCHEME) ? "Bearer " : "";
	const char *text = refusal_text(rq);

	(void)refuse_json(rq);
	if (rq->dpop != NULL)
		return refuse_dpop(rq, text);
	rq->call->challenge = rq->refusal == &no_bearer ?
	    arena_printf(rq->mem, "Bearer, DPoP algs=\"%s\"", key_algorithms(rq->mem)) :
	    arena_printf(rq->mem, "%serror=\"%s\", error_description=\"%s\"", scheme,
	    rq->refusal->code, text != NULL ? text : "");
	return 0;
}

/* Whoever comes too often is sent nowhere, not even to the client: that would be more requests. */
static int
refuse_too_many(struct rq *rq)
{
	struct json *model = json_object(rq->mem);

	if (rq->call->page->style != STYLE_PAGE)
		return refuse_json(rq);
	json_set_text(model, "request_id", rq->id);
	return answer_page(rq, rq->refusal->status, "error", model);
}

int
call_refuse(struct rq *rq)
{
	static int (*const styles[])(struct rq *) = {
		[STYLE_PAGE] = refuse_page,
		[STYLE_JSON] = refuse_json,
		[STYLE_BEARER] = refuse_bearer,
	};

	if (rq->refusal->status == TOO_MANY)
		return refuse_too_many(rq);
	if (rq->back != NULL)
		return refuse_back(rq);
	return styles[rq->call->page->style](rq);
}

int
call_fault(struct rq *rq)
{
	static const struct refusal server_error = { "server_error", 500, NULL, NULL };

	rq->refusal = &server_error;
	rq->refusal_detail = NULL;
	if (rq->call->page == NULL)
		return FAULT;
	return call_refuse(rq);
}
