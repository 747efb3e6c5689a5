/* issue - codes, tokens and families come into being here */
#include <string.h>

#include "base/conf.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "oidc/acr.h"
#include "oidc/claims.h"
#include "oidc/dialect.h"
#include "oidc/discovery.h"
#include "oidc/dpop.h"
#include "oidc/issue.h"
#include "oidc/keyring.h"
#include "oidc/scope.h"
#include "store/group.h"
#include "web/limit.h"

/* What the tokens of one answer share. */
struct batch {
	const struct client *client;
	const struct user *user;
	const struct grant *grant;
	const char *event;
	const struct group *const *groups;
	size_t n_groups;
};

int
issue_code(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session, const char **code_r)
{
	const char *text = random_uuid(rq->mem);
	struct code code = {
		.grant = {
			.client = ask->client->id, .username = user->username, .sub = user->sub,
			.scope = ask->scope, .nonce = ask->nonce, .resource = ask->resource,
			.jkt = ask->jkt, .created = rq->now,
			.expires = rq->now + conf->code_seconds * 1000,
		},
		.redirect_uri = back_uri(ask->back),
		.challenge = ask->challenge,
	};

	if (ask->client->backchannel_logout != NULL)
		code.grant.sid = session->id;
	acr_note(rq, session, &code.grant);
	*code_r = text;
	return code_put(rq, rq->pool->id, digest_text(rq->mem, text), &code);
}

/* RFC 9449 6.1: of a request with a proof. */
static void
token_bind(const struct rq *rq, struct json *claims)
{
	struct json *confirmation = json_object(rq->mem);

	if (dpop_key(rq) == NULL)
		return;
	json_set_text(confirmation, "jkt", dpop_key(rq));
	json_set(claims, "cnf", confirmation);
}

/* RFC 9068 2: the type, and whom the token is for; without a resource that is our own userInfo and
 * API, which the issuer names. */
static int
access_sign(struct rq *rq, const struct client *client, struct json *claims, const char **jwt_r)
{
	bool typed = dialect_has(rq, ACCESS_TOKEN_TYPE);
	const struct key *key;
	int r;

	token_bind(rq, claims);
	if (typed && !json_has(claims, "aud"))
		json_set_text(claims, "aud", json_text(claims, "iss"));
	if (typed && !json_has(claims, "jti"))
		json_set_text(claims, "jti", random_uuid(rq->mem));
	if ((r = keyring_signer(rq, rq->pool, "access", client->algorithm, &key)) != 0)
		return r;
	return jwt_sign(rq, key, typed ? "at+jwt" : NULL, claims, jwt_r);
}

/* Claims of every token, ours and machines' (oauth.md 9). */
static struct json *
token_common(struct rq *rq, const char *sub, const char *use, int64_t auth_time, int64_t seconds)
{
	struct json *claims = json_object(rq->mem);

	json_set_text(claims, "sub", sub);
	json_set_text(claims, "iss", discovery_issuer(rq, rq->pool));
	json_set_text(claims, "token_use", use);
	json_set_int(claims, "auth_time", auth_time);
	json_set_int(claims, "exp", rq->now / 1000 + seconds);
	json_set_int(claims, "iat", rq->now / 1000);
	return claims;
}

static struct json *
token_person(struct rq *rq, const struct batch *batch, const char *use, int64_t seconds)
{
	struct json *claims = token_common(rq, batch->user->sub, use, batch->grant->auth_time,
	    seconds);
	struct json *groups = json_array(rq->mem);
	size_t i;

	json_set_text(claims, "event_id", batch->event);
	if (batch->client->revocable || batch->client->rotates) {
		json_set_text(claims, "jti", random_uuid(rq->mem));
		json_set_text(claims, "origin_jti", batch->grant->id);
	}
	json_set_text(claims, "acr", batch->grant->acr);
	if (batch->grant->amr != NULL)
		json_set(claims, "amr", json_new_words(rq->mem,
		    words_split(rq->mem, batch->grant->amr, ' ')));
	for (i = 0; i < batch->n_groups; i++)
		json_add_text(groups, batch->groups[i]->name);
	if (batch->n_groups > 0)
		json_set(claims, "cognito:groups", groups);
	return claims;
}

/* Roles of the groups, and the one of the lowest precedence, unless that is shared by groups with
 * different roles. */
static void
token_roles(struct rq *rq, const struct batch *batch, struct json *claims)
{
	struct json *roles = json_array(rq->mem);
	const struct group *best = NULL;
	bool shared = false;
	size_t i;

	for (i = 0; i < batch->n_groups; i++) {
		const struct group *group = batch->groups[i];

		if (group->role == NULL)
			continue;
		json_add_text(roles, group->role);
		if (best == NULL)
			best = group;
		else if (group->precedence == best->precedence &&
		    strcmp(group->role, best->role) != 0)
			shared = true;
	}
	if (best == NULL)
		return;
	json_set(claims, "cognito:roles", roles);
	if (!shared)
		json_set_text(claims, "cognito:preferred_role", best->role);
}

static int
issue_access(struct rq *rq, const struct batch *batch, const char **jwt_r)
{
	struct json *claims = token_person(rq, batch, "access", batch->client->lives.access);

	json_set_text(claims, "client_id", batch->client->id);
	json_set_text(claims, "aud", batch->grant->resource);
	json_set_text(claims, "scope", batch->grant->scope);
	json_set_text(claims, "username", batch->user->username);
	json_set_int(claims, "version", 2);
	return access_sign(rq, batch->client, claims, jwt_r);
}

static int
issue_id(struct rq *rq, const struct batch *batch, const char *access, const char **jwt_r)
{
	struct json *claims = token_person(rq, batch, "id", batch->client->lives.id);
	const struct key *key;
	int r;

	r = keyring_signer(rq, rq->pool, "id", batch->client->algorithm, &key);
	if (r != 0)
		return r;
	json_set_text(claims, "aud", batch->client->id);
	json_set_text(claims, "at_hash", jwt_half_hash(rq->mem, key, access));
	json_set_text(claims, "nonce", batch->grant->nonce);
	json_set_text(claims, "sid", batch->grant->sid);
	json_set_text(claims, "cognito:username", batch->user->username);
	token_roles(rq, batch, claims);
	claims_attributes(rq, batch->client, batch->user, batch->grant->scope, CLAIMS_ID_TOKEN,
	    claims);
	return jwt_sign(rq, key, NULL, claims, jwt_r);
}

int
issue_again(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r)
{
	struct batch batch = { .client = client, .user = user, .grant = grant,
		.event = random_uuid(rq->mem) };
	struct tokens *tokens = arena_alloc(rq->mem, sizeof(*tokens));
	int r;

	*tokens_r = NULL;
	tokens->expires_in = client->lives.access;
	tokens->scope = grant->scope;
	tokens->family = grant->id;
	if ((r = claims_readable(rq, client, grant->scope)) != 0 ||
	    (r = group_of_user(rq, client->pool, user->sub, &batch.groups, &batch.n_groups)) != 0 ||
	    (r = issue_access(rq, &batch, &tokens->access)) != 0)
		return r;
	if (scope_has(grant->scope, "openid") &&
	    (r = issue_id(rq, &batch, tokens->access, &tokens->id)) != 0)
		return r;
	*tokens_r = tokens;
	return 0;
}

/* The same tokens with a refresh token. */
static void
tokens_add(struct rq *rq, const char *secret, const struct tokens **tokens_r)
{
	struct tokens *tokens = arena_alloc(rq->mem, sizeof(*tokens));

	*tokens = **tokens_r;
	tokens->refresh = secret;
	*tokens_r = tokens;
}

/* grant as a family of its own, which lives that many seconds. */
static struct grant
new_family(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, int64_t seconds)
{
	struct grant family = *grant;

	family.id = random_uuid(rq->mem);
	family.client = client->id;
	family.username = user->username;
	family.sub = user->sub;
	/* RFC 9449 5: a client with a secret has its refresh tokens bound to that already. */
	family.jkt = client_is_public(client) ? dpop_key(rq) : NULL;
	family.created = rq->now;
	family.expires = rq->now + seconds * 1000;
	return family;
}

int
issue_family(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r)
{
	struct grant family = new_family(rq, client, user, grant, client->lives.refresh);
	const char *secret = random_token(rq->mem);
	int r;

	if ((r = issue_again(rq, client, user, &family, tokens_r)) != 0)
		return r;
	tokens_add(rq, secret, tokens_r);
	if ((r = client_keep(rq, client)) != 0)
		return r;
	return family_put_refreshable(rq, client->pool, &family, digest_text(rq->mem, secret));
}

int
issue_implicit(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r)
{
	struct grant family = new_family(rq, client, user, grant, client->lives.access);
	int r = issue_again(rq, client, user, &family, tokens_r);

	if (r != 0 || (r = client_keep(rq, client)) != 0)
		return r;
	return family_put(rq, client->pool, &family);
}

int
issue_rotated(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r)
{
	const char *secret = random_token(rq->mem);
	int r;

	if ((r = issue_again(rq, client, user, grant, tokens_r)) != 0)
		return r;
	tokens_add(rq, secret, tokens_r);
	return family_rotate(rq, client->pool, grant, digest_text(rq->mem, secret),
	    client->grace_seconds * 1000, client->reuse_ends_family);
}

int
issue_machine(struct rq *rq, const struct client *client, const char *scope,
    const char *audience, const struct tokens **tokens_r)
{
	struct tokens *tokens = arena_alloc(rq->mem, sizeof(*tokens));
	struct json *claims = token_common(rq, client->id, "access", rq->now / 1000,
	    client->lives.access);
	int r;

	*tokens_r = tokens;
	if ((r = limit_take(rq, LIMIT_MACHINE, NULL, true)) != 0 ||
	    (r = client_keep(rq, client)) != 0)
		return r;
	tokens->expires_in = client->lives.access;
	tokens->scope = scope;
	json_set_text(claims, "aud", audience);
	json_set_text(claims, "scope", scope);
	json_set_int(claims, "version", 2);
	json_set_text(claims, "jti", random_uuid(rq->mem));
	json_set_text(claims, "client_id", client->id);
	return access_sign(rq, client, claims, &tokens->access);
}

/* RFC 8693 4.1: who acts comes first, whoever acted before is inside. */
static void
token_actor(struct rq *rq, const struct client *client, const struct json *subject,
    struct json *claims)
{
	struct json *actor = json_object(rq->mem);

	if (text_equal(json_text(subject, "client_id"), client->id)) {
		json_set(claims, "act", json_get(subject, "act"));
		return;
	}
	json_set_text(actor, "sub", client->id);
	json_set(actor, "act", json_get(subject, "act"));
	json_set(claims, "act", actor);
}

int
issue_exchanged(struct rq *rq, const struct client *client, const struct json *subject,
    const char *scope, const char *audience, const struct tokens **tokens_r)
{
	static const char *const kept[] = { "event_id", "origin_jti", "acr", "amr",
		"cognito:groups", "device_key", "username" };
	int64_t left = json_int(subject, "exp", 0) - rq->now / 1000;
	struct tokens *tokens = arena_alloc(rq->mem, sizeof(*tokens));
	struct json *claims;
	size_t i;

	*tokens_r = tokens;
	tokens->type = "urn:ietf:params:oauth:token-type:access_token";
	tokens->scope = scope;
	tokens->expires_in = left < client->lives.access ? left : client->lives.access;
	claims = token_common(rq, json_text(subject, "sub"), "access",
	    json_int(subject, "auth_time", 0), tokens->expires_in);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		json_set(claims, kept[i], json_get(subject, kept[i]));
	json_set_text(claims, "client_id", client->id);
	json_set_text(claims, "aud", audience);
	json_set_text(claims, "scope", scope);
	json_set_int(claims, "version", 2);
	token_actor(rq, client, subject, claims);
	return access_sign(rq, client, claims, &tokens->access);
}
