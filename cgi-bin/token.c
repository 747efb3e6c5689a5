/* NAME         token - OAuth 2.0 token endpoint
 * ANSWERS TO   POST /oauth2/token (RFC 6749 3.2, 4.1.3, 4.4, 6; RFC 7636 4.5; RFC 8628 3.4;
 *              RFC 8693 2; RFC 8707 2; RFC 9449 5)
 * READS        domain pool key client user group member resource code device_code family refresh
 *              seen registration
 * WRITES       code device_code family refresh seen client client_pool registration
 * HANDS OVER   nothing: the caller is the client itself
 * SETTINGS     dpop_nonce_seconds issuer_base limit_client limit_domain limit_machine limit_share
 *              limit_sign_in limit_source master_key scheme trusted_proxies worker_requests workers
 *
 * Exchanges an authorization code, a refresh token or the client's own credentials for tokens. A
 * grant is a row of the table below and a function. */
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"
#include "endpoint/form.h"
#include "oidc/caller.h"
#include "oidc/device.h"
#include "oidc/dialect.h"
#include "oidc/dpop.h"
#include "oidc/exchange.h"
#include "oidc/grant.h"
#include "oidc/issue.h"
#include "oidc/metadata.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"

enum { GRANT_TYPE = CALLER_NPARAMS, CODE, REDIRECT_URI, VERIFIER, REFRESH_TOKEN, SCOPE, METADATA,
	DEVICE_CODE, RESOURCE, AUDIENCE, SUBJECT_TOKEN, SUBJECT_TYPE, ACTOR_TOKEN, WANTED_TYPE,
	PROOF, NPARAMS };

/* Real clients put them into the query as well (oauth.md 3); never into both. */
enum { FROM = FORM | QUERY };

static const struct param params[NPARAMS] = {
	CALLER_PARAMS(FROM),
	[GRANT_TYPE]    = { "grant_type",          syn_line,      128, FROM | NEEDED },
	[CODE]          = { "code",                syn_visible,   256, FROM | SECRET },
	[REDIRECT_URI]  = { "redirect_uri",        syn_line,     2048, FROM },
	[VERIFIER]      = { "code_verifier",       syn_challenge, 128, FROM | SECRET },
	[REFRESH_TOKEN] = { "refresh_token",       syn_token,    4096, FROM | SECRET },
	[SCOPE]         = { "scope",               syn_scope,    8192, FROM },
	[DEVICE_CODE]   = { "device_code",         syn_token,     256, FROM | SECRET },
	[RESOURCE]      = { "resource",            syn_line,     1024, FROM },
	[AUDIENCE]      = { "audience",            syn_line,     1024, FROM },
	[SUBJECT_TOKEN] = { "subject_token",       syn_token,   16384, FROM | SECRET },
	[SUBJECT_TYPE]  = { "subject_token_type",  syn_line,      128, FROM | SECRET },
	[ACTOR_TOKEN]   = { "actor_token",         syn_token,   16384, FROM | SECRET },
	[WANTED_TYPE]   = { "requested_token_type", syn_line,     128, FROM | SECRET },
	[METADATA]      = { "aws_client_metadata", syn_any,      8192, FROM | SECRET },
	[PROOF]         = DPOP_PARAM,
};

/* RFC 6749 5.1; real pools are without scope (oauth.md 3). */
static int
answer_tokens(struct rq *rq, const struct tokens *tokens)
{
	struct json *body = json_object(rq->mem);

	json_set_text(body, "id_token", tokens->id);
	json_set_text(body, "access_token", tokens->access);
	json_set_text(body, "refresh_token", tokens->refresh);
	json_set_int(body, "expires_in", tokens->expires_in);
	json_set_text(body, "token_type", dpop_key(rq) != NULL ? "DPoP" : "Bearer");
	json_set_text(body, "issued_token_type", tokens->type);
	if (dialect_has(rq, TOKEN_SCOPE) || tokens->type != NULL)
		json_set_text(body, "scope", tokens->scope);
	return answer_json(rq, 200, body);
}

/* RFC 6749 4.1.3 */
static int
by_code(struct rq *rq, const struct client *client)
{
	const struct tokens *tokens;
	const struct code *code;
	const struct user *user;
	int r;

	if (arg(rq, CODE) == NULL || arg(rq, REDIRECT_URI) == NULL)
		return refuse(rq, &invalid_request, "no code, or no redirect_uri");
	if ((r = grant_redeem(rq, client, arg(rq, CODE), &code)) != 0 ||
	    (r = grant_matches(rq, code, arg(rq, REDIRECT_URI), arg(rq, VERIFIER))) != 0 ||
	    (r = grant_bound(rq, &code->grant)) != 0 ||
	    (r = grant_user(rq, &code->grant, &user)) != 0 ||
	    (r = issue_family(rq, client, user, &code->grant, &tokens)) != 0 ||
	    (r = grant_redeemed(rq, client, code, tokens->family)) != 0)
		return r;
	return answer_tokens(rq, tokens);
}

/* The grant that a refresh is for. Real pools ignore a scope (oauth.md 3); the family keeps all it
 * was granted, so that a later refresh may ask for more again. */
static int
narrowed(struct rq *rq, const struct grant *family, const struct grant **grant_r)
{
	struct grant *grant = arena_alloc(rq->mem, sizeof(*grant));

	*grant = *family;
	*grant_r = grant;
	if (arg(rq, SCOPE) == NULL || !dialect_has(rq, DOWN_SCOPING))
		return 0;
	return scope_narrow(rq, family->scope, arg(rq, SCOPE), &grant->scope);
}

/* RFC 6749 6 */
static int
by_refresh_token(struct rq *rq, const struct client *client)
{
	const struct grant *family, *grant;
	const struct tokens *tokens;
	const struct user *user;
	int r;

	if (arg(rq, REFRESH_TOKEN) == NULL)
		return refuse(rq, &invalid_request, "no refresh_token");
	if ((r = grant_refresh(rq, client, arg(rq, REFRESH_TOKEN), &family)) != 0 ||
	    (r = grant_bound(rq, family)) != 0 ||
	    (r = grant_user(rq, family, &user)) != 0 ||
	    (r = narrowed(rq, family, &grant)) != 0 ||
	    (r = (client->rotates ? issue_rotated : issue_again)(rq, client, user, grant,
	    &tokens)) != 0)
		return r;
	return answer_tokens(rq, tokens);
}

/* RFC 6749 4.4, RFC 8707 2 */
static int
by_credentials(struct rq *rq, const struct client *client)
{
	const char *resource = dialect_has(rq, MACHINE_RESOURCE) ? arg(rq, RESOURCE) : NULL;
	const struct tokens *tokens;
	const char *scope;
	int r;

	if ((r = scope_grant_machine(rq, client, arg(rq, SCOPE), &scope)) != 0 ||
	    (resource != NULL &&
	    (r = scope_target(rq, client, resource, scope, &scope)) != 0) ||
	    (r = issue_machine(rq, client, scope, resource, &tokens)) != 0)
		return r;
	return answer_tokens(rq, tokens);
}

/* RFC 8628 3.4 */
static int
by_device_code(struct rq *rq, const struct client *client)
{
	const struct tokens *tokens;
	const struct grant *grant;
	const struct user *user;
	int r;

	if (arg(rq, DEVICE_CODE) == NULL)
		return refuse(rq, &invalid_request, "no device_code");
	if ((r = device_redeem(rq, client, arg(rq, DEVICE_CODE), &grant)) != 0 ||
	    (r = grant_user(rq, grant, &user)) != 0 ||
	    (r = issue_family(rq, client, user, grant, &tokens)) != 0)
		return r;
	return answer_tokens(rq, tokens);
}

/* RFC 8693 2 */
static int
by_token(struct rq *rq, const struct client *client)
{
	const struct exchange asked = {
		.subject_token = arg(rq, SUBJECT_TOKEN),
		.subject_token_type = arg(rq, SUBJECT_TYPE),
		.actor_token = arg(rq, ACTOR_TOKEN),
		.requested_token_type = arg(rq, WANTED_TYPE),
		.scope = arg(rq, SCOPE), .resource = arg(rq, RESOURCE),
		.audience = arg(rq, AUDIENCE),
	};
	const struct tokens *tokens;
	int r;

	if ((r = exchange(rq, client, &asked, &tokens)) != 0)
		return r;
	return answer_tokens(rq, tokens);
}

/* flow: that the client must be allowed; a refresh token is its own permission. more: no real pool
 * has heard of it. */
static const struct way {
	const char *type, *flow;
	int (*run)(struct rq *, const struct client *);
	bool more;
} ways[] = {
	{ "authorization_code", "code", by_code, false },
	{ "refresh_token", NULL, by_refresh_token, false },
	{ "client_credentials", "client_credentials", by_credentials, false },
	{ "urn:ietf:params:oauth:grant-type:device_code", "device_code", by_device_code, true },
	{ "urn:ietf:params:oauth:grant-type:token-exchange", "token_exchange", by_token, true },
};
enum { NWAYS = sizeof(ways) / sizeof(ways[0]) };

static int
token_way(struct rq *rq, const struct client *client, const struct way **way_r)
{
	const struct way *way = ways;

	*way_r = way;
	while (way < ways + NWAYS && !text_equal(way->type, arg(rq, GRANT_TYPE)))
		*way_r = ++way;
	if (way == ways + NWAYS)
		return refuse(rq, &unsupported_grant_type, "grant_type is none of ours");
	if (client->oauth && (way->flow == NULL || client_flow(client, way->flow)))
		return 0;
	return refuse(rq, way->more && !dialect_has(rq, MORE_GRANTS) ? &unsupported_grant_type :
	    &unauthorized_client, "client %s does not have the flow for %s", client->id,
	    way->type);
}

static int
token(struct rq *rq)
{
	const struct json *metadata;
	const struct client *client;
	const struct way *way;
	int r;

	form_renew(rq);		/* of no use to anybody, and on every answer of a real pool */
	if ((r = caller_prove(rq, &invalid_client, &client)) != 0 ||
	    (r = token_way(rq, client, &way)) != 0 ||
	    (r = metadata_read(rq, arg(rq, METADATA), &metadata)) != 0)
		return r;
	if ((arg(rq, PROOF) != NULL || client->dpop_required) &&
	    (r = dpop_prove(rq, arg(rq, PROOF), NULL)) != 0)
		return r;
	return way->run(rq, client);
}

static const struct page pages[] = {
	{ "/oauth2/token", POST, params, NPARAMS, token, STYLE_JSON, CORS },
	{ .path = NULL },
};

static const struct program program = {
	.name = "token", .what = "OAuth 2.0 token endpoint", .pages = pages,
	.reads = "domain pool key client user group member resource code device_code family "
	    "refresh seen registration",
	.writes = "code device_code family refresh seen client client_pool registration",
	.sets = "XSRF-TOKEN", .hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
