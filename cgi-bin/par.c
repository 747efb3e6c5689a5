/* NAME         par - OAuth 2.0 pushed authorization request endpoint
 * ANSWERS TO   POST /oauth2/par (RFC 9126 2)
 * READS        domain pool client resource seen
 * WRITES       pushed seen
 * HANDS OVER   nothing: the caller is the client itself
 * SETTINGS     dpop_nonce_seconds limit_client limit_domain limit_share limit_source master_key
 *              scheme trusted_proxies worker_requests workers
 *
 * Takes an authorization request from the client itself, before any browser is sent. The request is
 * checked as authorize checks it, and kept for 90 seconds under a name that nobody can guess; the
 * browser then brings client_id and that name, as request_uri, instead of the request. Nobody in
 * between sees or changes it. It is good for one answer. Once a browser has brought it in time, the
 * pages of the sign-in may take an hour. */
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "oidc/ask.h"
#include "oidc/caller.h"
#include "oidc/dpop.h"
#include "oidc/refusals.h"

enum { ASK = CALLER_NPARAMS, PROOF = ASK + ASK_NQUERY, NPARAMS };

static const struct param params[NPARAMS] = {
	CALLER_PARAMS(FORM),
	ASK_ROWS(ASK, FORM),
	[PROOF] = DPOP_PARAM,
};

static int
answer_pushed(struct rq *rq, const char *uri)
{
	struct json *body = json_object(rq->mem);

	json_set_text(body, "request_uri", uri);
	json_set_int(body, "expires_in", ASK_PUSH_SECONDS);
	return answer_json(rq, 201, body);
}

/* RFC 9449 10.1: a proof says by itself which key the code is to be bound to. */
static int
prove(struct rq *rq)
{
	const char **jkt = &rq->args[ASK + ASK_DPOP_JKT];
	int r;

	if (arg(rq, PROOF) == NULL)
		return 0;
	if ((r = dpop_prove(rq, arg(rq, PROOF), NULL)) != 0)
		return r;
	if (*jkt != NULL && !text_equal(*jkt, dpop_key(rq)))
		return refuse_with(rq, &invalid_dpop_proof, "dpop_jkt is another key's",
		    "dpop_jkt is another key's");
	*jkt = dpop_key(rq);
	return 0;
}

static int
par(struct rq *rq)
{
	const char **args = rq->args, *uri;
	const struct client *client;
	int r;

	if ((r = caller_prove(rq, &invalid_client_401, &client)) != 0 || (r = prove(rq)) != 0)
		return r;
	rq->args = args + ASK;		/* where ask looks for its own */
	r = ask_push(rq, client, &uri);
	rq->args = args;
	return r != 0 ? r : answer_pushed(rq, uri);
}

static const struct page pages[] = {
	{ "/oauth2/par", POST, params, NPARAMS, par, STYLE_JSON, CORS },
	{ .path = NULL },
};

static const struct program program = {
	.name = "par", .what = "OAuth 2.0 pushed authorization request endpoint", .pages = pages,
	.reads = "domain pool client resource seen", .writes = "pushed seen", .sets = "",
	.hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
