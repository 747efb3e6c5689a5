/* farewell - a client sends somebody to sign out */
#include <strings.h>

#include "crypto/jwt.h"
#include "oidc/discovery.h"
#include "oidc/farewell.h"
#include "oidc/keyring.h"
#include "oidc/refusals.h"
#include "store/pool.h"
#include "web/uri.h"

/* The claims of an ID token of this pool, however old; NULL: it is none. 0 or FAULT. */
static int
farewell_hint(struct rq *rq, const char *text, const struct json **claims_r)
{
	const struct key *key;
	const struct jwt *jwt;
	int r;

	*claims_r = NULL;
	if (text == NULL || jwt_read(rq, text, &jwt) != 0 || jwt->kid == NULL ||
	    (jwt->typ != NULL && strcasecmp(jwt->typ, "JWT") != 0))
		return 0;
	if ((r = keyring_verifier(rq, rq->pool, "id", jwt->kid, &key)) != 0 || key == NULL ||
	    (r = jwt_verify(rq, jwt, key)) != 0)
		return r == FAULT ? r : 0;
	if (text_equal(json_text(jwt->claims, "iss"), discovery_issuer(rq, rq->pool)) &&
	    text_equal(json_text(jwt->claims, "token_use"), "id"))
		*claims_r = jwt->claims;
	return 0;
}

int
farewell_open(struct rq *rq, const struct farewell_wish *wish,
    const struct farewell **farewell_r)
{
	struct farewell *farewell = arena_alloc(rq->mem, sizeof(*farewell));
	const char *id = wish->client_id, *audience;
	const struct json *claims;
	int r;

	*farewell_r = NULL;
	if ((r = farewell_hint(rq, wish->hint, &claims)) != 0)
		return r;
	audience = json_text(claims, "aud");
	if (id == NULL)
		id = audience;
	if (id != NULL && (r = client_get(rq, rq->pool->id, id, &farewell->client)) != 0)
		return r;
	if (id != NULL && farewell->client == NULL)
		return refuse(rq, &invalid_request, "this pool has no client %s", id);
	rq->client = farewell->client;
	if (audience != NULL && text_equal(audience, id))
		farewell->sub = json_text(claims, "sub");
	if (wish->uri != NULL && farewell->client == NULL)
		return refuse(rq, &parameters_missing, "post_logout_redirect_uri of no client");
	if (wish->uri != NULL && (r = back_verify_farewell(rq, farewell->client, wish->uri,
	    wish->state, &farewell->back)) != 0)
		return r;
	*farewell_r = farewell;
	return 0;
}

const char *
farewell_again(struct rq *rq, const struct farewell *farewell)
{
	struct buf *query = buf_new(rq->mem, 64 * 1024);

	uri_add(query, "client_id", farewell->client != NULL ? farewell->client->id : NULL);
	if (farewell->back == NULL)
		return query->s;
	uri_add(query, "post_logout_redirect_uri", back_uri(farewell->back));
	uri_add(query, "state", back_state(farewell->back));
	return query->s;
}
