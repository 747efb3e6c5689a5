/* NAME         userinfo - OpenID Connect userInfo endpoint
 * ANSWERS TO   GET and POST /oauth2/userInfo (OpenID Connect Core 5.3; RFC 6750)
 * READS        domain pool key client user family
 * WRITES       nothing
 * HANDS OVER   nothing: the caller is the client itself
 * SETTINGS     issuer_base workers worker_requests
 *
 * Answers the attributes of the person an access token speaks for, as far as its scope opens them
 * and its client may read them. Every value is text. */
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "oidc/bearer.h"
#include "oidc/claims.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"

enum { AUTHORIZATION, NPARAMS };

static const struct param params[NPARAMS] = {
	[AUTHORIZATION] = { "Authorization", syn_visible, 16384, HEADER | SECRET },
};

static int
userinfo(struct rq *rq)
{
	struct json *body = json_object(rq->mem);
	const struct bearer *bearer;
	const char *token;
	int r;

	if (rq->bad != NULL)
		return refuse(rq, &bad_bearer, "the Authorization header is %s", rq->bad->what);
	if ((r = bearer_token(rq, arg(rq, AUTHORIZATION), &token)) != 0 ||
	    (r = bearer_prove(rq, token, &bearer)) != 0)
		return r;
	if (!scope_has(bearer->scope, "openid"))
		return refuse(rq, &not_openid, "scope without openid");
	json_set_text(body, "sub", bearer->user->sub);
	claims_attributes(rq, bearer->client, bearer->user, bearer->scope, CLAIMS_USERINFO, body);
	json_set_text(body, "username", bearer->user->username);
	return answer_json(rq, 200, body);
}

static const struct page pages[] = {
	{ "/oauth2/userInfo", GET | POST, params, NPARAMS, userinfo, STYLE_BEARER, CORS | LATE },
	{ .path = NULL },
};

static const struct program program = {
	.name = "userinfo", .what = "OpenID Connect userInfo endpoint", .pages = pages,
	.reads = "domain pool key client user family", .writes = "", .sets = "", .hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
