/* farewell - signing out: a client sends somebody, and clients are told */
#include <strings.h>

#include "base/random.h"
#include "crypto/aead.h"
#include "crypto/jwt.h"
#include "oidc/discovery.h"
#include "oidc/farewell.h"
#include "oidc/keyring.h"
#include "oidc/refusals.h"
#include "store/pool.h"
#include "web/uri.h"

enum { TOKEN_SECONDS = 120 };	/* section 2.4: short */

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

int
farewell_tell(struct rq *rq, const struct session *session)
{
	const char *text, *sealed;
	struct json *call;
	size_t i;
	int r;

	for (i = 0; i < session->clients.n; i++) {
		call = json_object(rq->mem);
		json_set_text(call, "Pool", rq->pool->id);
		json_set_text(call, "Client", session->clients.at[i]);
		json_set_text(call, "Sub", session->sub);
		json_set_text(call, "Sid", session->id);
		text = json_print(rq->mem, call);
		if ((r = aead_seal(rq, "outbox", text, strlen(text), &sealed)) != 0 ||
		    (r = outbox_put_call(rq, random_uuid(rq->mem), sealed)) != 0)
			return r;
	}
	return 0;
}

/* Back-Channel Logout 2.4 */
static int
farewell_token(struct rq *rq, const struct pool *pool, const struct client *client,
    const struct json *call, const char **jwt_r)
{
	struct json *claims = json_object(rq->mem), *events = json_object(rq->mem);
	const struct key *key;
	int r;

	json_set(events, "http://schemas.openid.net/event/backchannel-logout",
	    json_object(rq->mem));
	json_set_text(claims, "iss", discovery_issuer(rq, pool));
	json_set_text(claims, "sub", json_text(call, "Sub"));
	json_set_text(claims, "aud", client->id);
	json_set_int(claims, "iat", rq->now / 1000);
	json_set_int(claims, "exp", rq->now / 1000 + TOKEN_SECONDS);
	json_set_text(claims, "jti", random_uuid(rq->mem));
	json_set_text(claims, "sid", json_text(call, "Sid"));
	json_set(claims, "events", events);
	if ((r = keyring_signer(rq, pool, "id", client->algorithm, &key)) != 0)
		return r;
	return jwt_sign(rq, key, "logout+jwt", claims, jwt_r);
}

int
farewell_call(struct rq *rq, const struct letter *call, const char **url_r, const char **form_r)
{
	struct buf *form = buf_new(rq->mem, 16 * 1024);
	const struct client *client = NULL;
	const char *error, *token;
	const struct pool *pool;
	unsigned char *text;
	struct json *doc;
	size_t n;
	int r;

	*url_r = *form_r = NULL;
	if ((r = aead_open(rq, "outbox", call->sealed, &text, &n)) != 0)
		return fault(rq, "call %s cannot be unsealed: is its master key still in place?",
		    call->id);
	if (!json_parse(rq->mem, (const char *)text, n, &doc, &error))
		return fault(rq, "call %s: %s", call->id, error);
	if ((r = pool_get(rq, json_text(doc, "Pool"), &pool)) != 0 || pool == NULL ||
	    (r = client_get(rq, pool->id, json_text(doc, "Client"), &client)) != 0 ||
	    client == NULL || client->backchannel_logout == NULL)
		return r;
	if ((r = farewell_token(rq, pool, client, doc, &token)) != 0)
		return r;
	uri_add(form, "logout_token", token);
	*url_r = client->backchannel_logout;
	*form_r = form->s;
	return 0;
}
