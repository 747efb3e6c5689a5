/* bearer - who an access token speaks for */
#include <string.h>
#include <strings.h>

#include "base/syntax.h"
#include "base/text.h"
#include "crypto/jwt.h"
#include "oidc/bearer.h"
#include "oidc/dialect.h"
#include "oidc/discovery.h"
#include "oidc/dpop.h"
#include "oidc/keyring.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"
#include "store/grants.h"
#include "web/limit.h"

int
bearer_token(struct rq *rq, const char *authorization, struct shown *shown_r)
{
	size_t scheme;

	if (authorization == NULL && dialect_has(rq, BEARER_SCHEME))	/* RFC 6750 3.1 */
		return refuse(rq, &no_bearer, "no Authorization header");
	if (authorization == NULL)
		return refuse(rq, &bad_bearer, "no Authorization header");
	shown_r->bound = strncasecmp(authorization, "DPoP ", 5) == 0;
	scheme = shown_r->bound ? 5 : 7;
	if ((!shown_r->bound && strncasecmp(authorization, "Bearer ", 7) != 0) ||
	    !syn_token(authorization + scheme))
		return refuse(rq, &bad_bearer, "no bearer token in the Authorization header");
	shown_r->token = authorization + scheme;
	return shown_r->bound ? dpop_begin(rq) : 0;
}

/* A step below that refuses without an answer means a token that is none of ours. */
static int
dead(struct rq *rq, int r, const char *why)
{
	return r == FAULT ? r : refuse(rq, &dead_token, "%s", why);
}

static int
bearer_signature(struct rq *rq, const char *token, const struct json **claims_r)
{
	const struct key *key;
	const struct jwt *jwt;
	int r;

	*claims_r = NULL;
	if ((r = jwt_read(rq, token, &jwt)) != 0)
		return dead(rq, r, "not a JWT");
	if (jwt->typ != NULL && strcasecmp(jwt->typ, "at+jwt") != 0)	/* RFC 8725 3.11 */
		return refuse(rq, &dead_token, "a JWT of another type");
	if (jwt->kid == NULL)
		return refuse(rq, &dead_token, "no kid");
	if ((r = keyring_verifier(rq, rq->pool, "access", jwt->kid, &key)) != 0)
		return r;
	if (key == NULL)
		return refuse(rq, &dead_token, "signed by a key that this pool does not have");
	if ((r = jwt_verify(rq, jwt, key)) != 0)
		return dead(rq, r, "the signature is wrong");
	*claims_r = jwt->claims;
	return 0;
}

static int
bearer_claims(struct rq *rq, const struct json *claims)
{
	if (!text_equal(json_text(claims, "iss"), discovery_issuer(rq, rq->pool)))
		return refuse(rq, &dead_token, "of another issuer");
	if (!text_equal(json_text(claims, "token_use"), "access"))
		return refuse(rq, &dead_token, "not an access token");
	if (json_int(claims, "exp", 0) <= rq->now / 1000)
		return refuse(rq, &dead_token, "expired");
	if (json_text(claims, "client_id") == NULL || json_text(claims, "scope") == NULL)
		return refuse(rq, &dead_token, "without client or scope");
	return 0;
}

/* An exchanged token (RFC 8693) has another client than its family, and ends with either. */
static int
bearer_origin(struct rq *rq, const struct grant *family, const struct client *client)
{
	const struct client *origin = client;
	int r;

	if (!text_equal(family->client, client->id) &&
	    (r = client_get(rq, rq->pool->id, family->client, &origin)) != 0)
		return r;
	return origin != NULL ? 0 : refuse(rq, &dead_token, "the client of its family is no more");
}

/* Revocation takes the family's record away; a token of a client that cannot revoke has none to
 * name. Signing out everywhere, disabling and deleting are seen in the user's record. What counts
 * there is when the grant began, not when the person signed in: the browser's session survives a
 * sign-out everywhere, and tokens it leads to later are good (oauth.md 5). */
static int
bearer_alive(struct rq *rq, const struct json *claims, const struct bearer *bearer)
{
	const char *family = json_text(claims, "origin_jti");
	const struct grant *grant;
	int r;

	if (bearer->user == NULL || !text_equal(bearer->user->sub, json_text(claims, "sub")))
		return refuse(rq, &dead_token, "the user is no more");
	if (!bearer->user->enabled)
		return refuse(rq, &dead_token, "the user is disabled");
	if (family == NULL)
		return json_int(claims, "iat", 0) * 1000 >= bearer->user->tokens_not_before ? 0 :
		    refuse(rq, &dead_token, "the user signed out everywhere");
	if ((r = family_get(rq, rq->pool->id, family, &grant)) != 0)
		return r;
	if (grant == NULL || grant->created < bearer->user->tokens_not_before)
		return refuse(rq, &dead_token, "revoked");
	return bearer_origin(rq, grant, bearer->client);
}

/* The person a token names; a machine's names none. */
static int
bearer_person(struct rq *rq, const struct json *claims, struct bearer *bearer)
{
	const char *username = json_text(claims, "username");
	int r;

	if (username == NULL)
		return text_equal(json_text(claims, "sub"), bearer->client->id) ? 0 :
		    refuse(rq, &dead_token, "neither a person's nor a machine's");
	if ((r = user_get(rq, rq->pool, username, &bearer->user)) != 0)
		return r;
	return bearer_alive(rq, claims, bearer);
}

int
bearer_read(struct rq *rq, const char *token, const struct bearer **bearer_r)
{
	struct bearer *bearer = arena_alloc(rq->mem, sizeof(*bearer));
	const struct json *claims;
	int r;

	*bearer_r = NULL;
	if ((r = bearer_signature(rq, token, &claims)) != 0 ||
	    (r = bearer_claims(rq, claims)) != 0 ||
	    (r = client_get(rq, rq->pool->id, json_text(claims, "client_id"),
	    &bearer->client)) != 0)
		return r;
	rq->client = bearer->client;
	bearer->claims = claims;
	bearer->scope = json_text(claims, "scope");
	if (bearer->client == NULL)
		return refuse(rq, &dead_token, "the client is no more");
	if ((r = bearer_person(rq, claims, bearer)) != 0)
		return r;
	*bearer_r = bearer;
	return 0;
}

/* RFC 9449 7.1, 7.2: shown as a bearer token, a bound one would be good for its thief. */
static int
bearer_bound(struct rq *rq, const struct json *claims, const struct shown *shown)
{
	const char *key = json_text(json_get(claims, "cnf"), "jkt");
	int r;

	if (!json_has(claims, "cnf") && !shown->bound)
		return 0;
	if ((r = dpop_begin(rq)) != 0)
		return r;
	if (key == NULL || !shown->bound)
		return refuse(rq, &bound_token,
		    "bound, and shown as a bearer token, or the reverse");
	if ((r = dpop_prove(rq, shown->proof, shown->token)) != 0)
		return r;
	return text_equal(dpop_key(rq), key) ? 0 :
	    refuse(rq, &bound_token, "the proof is by another key");
}

int
bearer_prove(struct rq *rq, const struct shown *shown, const struct bearer **bearer_r)
{
	const struct bearer *bearer;
	int r;

	*bearer_r = NULL;
	if ((r = bearer_read(rq, shown->token, &bearer)) != 0 ||
	    (r = bearer_bound(rq, bearer->claims, shown)) != 0)
		return r;
	if (bearer->user == NULL)
		return refuse(rq, &dead_token, "does not speak for a person");
	*bearer_r = bearer;
	return limit_take(rq, LIMIT_CLIENT, bearer->client->id, false);
}

const char *
bearer_shown(struct rq *rq, const struct client *client, const struct bearer *bearer)
{
	struct words all = words_split(rq->mem, bearer->scope, ' ');
	struct words shown = { 0, arena_array(rq->mem, all.n + 1, sizeof(*shown.at)) };
	const char *audience = json_text(bearer->claims, "aud");
	size_t i;

	if (text_equal(bearer->client->id, client->id))
		return bearer->scope;
	for (i = 0; i < all.n; i++) {
		const char *slash = strrchr(all.at[i], '/');

		if (slash != NULL &&
		    scope_serves(client, all.at[i], (size_t)(slash - all.at[i])))
			shown.at[shown.n++] = all.at[i];
	}
	if (shown.n == 0 &&
	    (audience == NULL || !scope_serves(client, audience, strlen(audience))))
		return NULL;
	return words_join(rq->mem, shown, " ");
}
