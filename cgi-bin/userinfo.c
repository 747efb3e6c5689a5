/* NAME         userinfo - OpenID Connect userInfo endpoint
 * ANSWERS TO   GET and POST /oauth2/userInfo (OpenID Connect Core 5.3; RFC 6750; RFC 9449 7)
 * READS        domain pool key client user family seen
 * WRITES       seen
 * HANDS OVER   nothing: the caller is the client itself
 * SETTINGS     dpop_nonce_seconds issuer_base limit_client limit_domain limit_share limit_source
 *              master_key scheme trusted_proxies worker_requests workers
 *
 * Answers the attributes of the person an access token speaks for, as far as its scope opens them
 * and its client may read them. Every value is text, unless the client's dialect is standard. A
 * token that is bound to a key comes with a proof of it. The master key is read only where proofs
 * need nonces. */
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "oidc/bearer.h"
#include "oidc/claims.h"
#include "oidc/dialect.h"
#include "oidc/dpop.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"

enum { AUTHORIZATION, PROOF, TOKEN, NPARAMS };

static const struct param params[NPARAMS] = {
	[AUTHORIZATION] = { "Authorization", syn_visible, 16384, HEADER | SECRET },
	[PROOF]         = DPOP_PARAM,
	[TOKEN]         = { "access_token",  syn_token,   16384, FORM | SECRET },
};

/* The header, or, for clients that may, the form (RFC 6750 2.2): never both. */
static int
prove(struct rq *rq, const struct bearer **bearer_r)
{
	const char *header = arg(rq, AUTHORIZATION);
	struct shown shown = { .token = arg(rq, TOKEN), .proof = arg(rq, PROOF) };
	int r;

	if (header != NULL && shown.token != NULL && dialect_has(rq, TOKEN_IN_FORM))
		return refuse(rq, &bad_bearer, "access token in header and form");
	if (header != NULL || shown.token == NULL)
		return (r = bearer_token(rq, header, &shown)) != 0 ? r :
		    bearer_prove(rq, &shown, bearer_r);
	if ((r = bearer_prove(rq, &shown, bearer_r)) != 0)
		return r;
	return dialect_has(rq, TOKEN_IN_FORM) ? 0 :
	    refuse(rq, &bad_bearer, "client %s has to use the Authorization header",
	    (*bearer_r)->client->id);
}

static int
userinfo(struct rq *rq)
{
	struct json *body = json_object(rq->mem);
	const struct bearer *bearer;
	enum claims_for values;
	int r;

	if (rq->bad != NULL)
		return param_refuse(rq, &bad_bearer);
	if ((r = prove(rq, &bearer)) != 0)
		return r;
	if (!scope_has(bearer->scope, "openid"))
		return refuse(rq, dialect_has(rq, BEARER_SCHEME) ? &insufficient_scope :
		    &not_openid, "scope without openid");
	values = dialect_has(rq, USERINFO_TYPES) ? CLAIMS_ID_TOKEN : CLAIMS_USERINFO;
	json_set_text(body, "sub", bearer->user->sub);
	claims_attributes(rq, bearer->client, bearer->user, bearer->scope, values, body);
	json_set_text(body, "username", bearer->user->username);
	return answer_json(rq, 200, body);
}

static const struct page pages[] = {
	{ "/oauth2/userInfo", GET | POST, params, NPARAMS, userinfo, STYLE_BEARER, CORS | LATE },
	{ .path = NULL },
};

static const struct program program = {
	.name = "userinfo", .what = "OpenID Connect userInfo endpoint", .pages = pages,
	.reads = "domain pool key client user family seen", .writes = "seen", .sets = "",
	.hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
