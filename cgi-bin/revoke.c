/* NAME         revoke - OAuth 2.0 token revocation endpoint
 * ANSWERS TO   POST /oauth2/revoke (RFC 7009 2)
 * READS        domain pool client user family refresh seen
 * WRITES       family refresh seen
 * HANDS OVER   nothing: the caller is the client itself
 * SETTINGS     limit_client limit_domain limit_share limit_source trusted_proxies worker_requests
 *              workers
 *
 * Takes a refresh token and ends its family: the token itself and every access and ID token that
 * came of it are dead for userInfo and the user pool API from then on. Signed tokens go on
 * verifying offline until they expire. */
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "oidc/caller.h"
#include "oidc/grant.h"
#include "oidc/refusals.h"

enum { TOKEN = CALLER_NPARAMS, HINT, NPARAMS };

static const struct param params[NPARAMS] = {
	CALLER_PARAMS(FORM),
	[TOKEN] = { "token",           syn_token, 4096, FORM | NEEDED | SECRET },
	[HINT]  = { "token_type_hint", syn_word,    32, FORM },
};

static int
revoke(struct rq *rq)
{
	const struct client *client;
	const struct grant *family;
	int r;

	if ((r = caller_prove(rq, &invalid_client_401, &client)) != 0)
		return r;
	if (!client->revocable)
		return refuse(rq, &invalid_request, "revocation is off for client %s", client->id);
	if (syn_jwt(arg(rq, TOKEN)))
		return refuse(rq, &unsupported_token_type, "not a refresh token");
	if ((r = grant_find(rq, client, arg(rq, TOKEN), &family)) != 0)
		return r;
	if (family != NULL)
		grant_end(rq, client, family);
	return answer_nothing(rq);	/* RFC 7009 2.2: 200, also for a token nobody knows */
}

static const struct page pages[] = {
	{ "/oauth2/revoke", POST, params, NPARAMS, revoke, STYLE_JSON, CORS },
	{ .path = NULL },
};

static const struct program program = {
	.name = "revoke", .what = "OAuth 2.0 token revocation endpoint", .pages = pages,
	.reads = "domain pool client user family refresh seen", .writes = "family refresh seen",
	.sets = "", .hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
