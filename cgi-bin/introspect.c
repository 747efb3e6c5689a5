/* NAME         introspect - OAuth 2.0 token introspection endpoint
 * ANSWERS TO   POST /oauth2/introspect (RFC 7662 2)
 * READS        domain pool key client user family refresh seen
 * WRITES       seen
 * HANDS OVER   nothing: the caller is the client itself
 * SETTINGS     issuer_base limit_client limit_domain limit_share limit_source master_key
 *              trusted_proxies worker_requests workers
 *
 * Says of a token whether it is alive, and what it means. Only clients that prove themselves are
 * answered. A client is told of its own access and refresh tokens. A client that was given a scope
 * of a resource server is told of the access tokens for that resource server as well (those that
 * carry one of its scopes, or name it as their audience), and of their scopes only those: an API
 * needs an app client with one scope of its own to ask. Of every other token it is told what is
 * said of garbage: that it is not active, and nothing of the reason. */
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "oidc/bearer.h"
#include "oidc/caller.h"
#include "oidc/discovery.h"
#include "oidc/grant.h"
#include "oidc/refusals.h"

enum { TOKEN = CALLER_NPARAMS, HINT, NPARAMS };

/* The hint is of no use: the form of a token tells what it is. */
static const struct param params[NPARAMS] = {
	CALLER_PARAMS(FORM),
	[TOKEN] = { "token",           syn_token, 16384, FORM | NEEDED | SECRET },
	[HINT]  = { "token_type_hint", syn_line,     64, FORM },
};

/* RFC 7662 2.2: the claims of the token, and that it is alive. */
static int
introspect_access(struct rq *rq, const struct client *caller, const char *token, struct json *body)
{
	const struct bearer *bearer;
	struct json_member m;
	const char *scope;
	int r;

	if ((r = bearer_read(rq, token, &bearer)) != 0)
		return r;
	if ((scope = bearer_shown(rq, caller, bearer)) == NULL)
		return REFUSED;
	json_set_bool(body, "active", true);
	for (m = json_first(bearer->claims); m.name != NULL; m = json_next(m))
		json_set(body, m.name, m.value);
	json_set_text(body, "scope", scope);
	json_set_text(body, "token_type", json_has(bearer->claims, "cnf") ? "DPoP" : "Bearer");
	return 0;
}

static int
introspect_refresh(struct rq *rq, const struct client *caller, const char *token, struct json *body)
{
	struct json *confirmation = json_object(rq->mem);
	const struct grant *family;
	const struct user *user;
	int r;

	if ((r = grant_find(rq, caller, token, &family)) != 0)
		return r;
	if (family == NULL)
		return REFUSED;
	if ((r = grant_user(rq, family, &user)) != 0)
		return r;
	json_set_bool(body, "active", true);
	json_set_text(body, "client_id", family->client);
	json_set_text(body, "username", family->username);
	json_set_text(body, "sub", family->sub);
	json_set_text(body, "iss", discovery_issuer(rq, rq->pool));
	json_set_text(body, "token_use", "refresh");
	json_set_text(body, "scope", family->scope);
	json_set_text(body, "aud", family->resource);
	if (family->jkt != NULL) {
		json_set_text(confirmation, "jkt", family->jkt);
		json_set(body, "cnf", confirmation);
	}
	json_set_int(body, "auth_time", family->auth_time);
	json_set_int(body, "iat", family->created / 1000);
	json_set_int(body, "exp", family->expires / 1000);
	return 0;
}

static int
introspect(struct rq *rq)
{
	struct json *body = json_object(rq->mem);
	const struct client *caller;
	int r;

	if ((r = caller_prove(rq, &invalid_client_401, &caller)) != 0)
		return r;
	if (client_is_public(caller))	/* RFC 7662 2.1: or tokens could be tried here */
		return refuse(rq, &invalid_client_401, "client %s is public", caller->id);
	r = (syn_jwt(arg(rq, TOKEN)) ? introspect_access : introspect_refresh)(rq, caller,
	    arg(rq, TOKEN), body);
	if (r == FAULT)
		return r;
	if (r == REFUSED)
		json_set_bool(body, "active", false);
	return answer_json(rq, 200, body);
}

static const struct page pages[] = {
	{ "/oauth2/introspect", POST, params, NPARAMS, introspect, STYLE_JSON, 0 },
	{ .path = NULL },
};

static const struct program program = {
	.name = "introspect", .what = "OAuth 2.0 token introspection endpoint", .pages = pages,
	.reads = "domain pool key client user family refresh seen", .writes = "seen", .sets = "",
	.hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
