/* caller - which client calls the token and revocation endpoints */
#include <string.h>
#include <strings.h>

#include "base/codec.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "oidc/assertion.h"
#include "oidc/caller.h"
#include "oidc/dialect.h"
#include "oidc/refusals.h"
#include "store/pool.h"
#include "web/limit.h"

struct claim {
	const char *id, *secret, *assertion, *method;
};

/* RFC 6749 2.3.1: both parts are form-encoded before base64, so a "+" or "%" in them is decoded. */
static int
caller_basic(struct rq *rq, const struct refusal *wrong, const char *header, struct claim *claim_r)
{
	const struct param_pair *id, *secret;
	size_t n, n_id, n_secret;
	unsigned char *data;
	char *colon;

	if (strncasecmp(header, "Basic ", 6) != 0 ||
	    !base64_decode(rq->mem, header + 6, strlen(header + 6), &data, &n) ||
	    strlen((char *)data) != n || (colon = strchr((char *)data, ':')) == NULL)
		return refuse(rq, wrong, "the Authorization header is not Basic credentials");
	*colon = '\0';
	if (!param_split(rq->mem, (char *)data, strlen((char *)data), &id, &n_id) || n_id != 1 ||
	    !param_split(rq->mem, colon + 1, strlen(colon + 1), &secret, &n_secret) || n_secret > 1)
		return refuse(rq, wrong, "the Basic credentials are not form-encoded");
	claim_r->id = id[0].name;
	claim_r->secret = n_secret == 1 ? secret[0].name : "";
	return 0;
}

/* The methods, as a client is registered for them (RFC 7591 2). */
static const char basic[] = "client_secret_basic", post[] = "client_secret_post",
    private_key[] = "private_key_jwt", none[] = "none";

/* RFC 7521 4.2: the client_id may be left out. */
static int
caller_assertion(struct rq *rq, const struct refusal *wrong, struct claim *claim_r)
{
	const char *sub;

	if (!text_equal(arg(rq, CALLER_ASSERTION_TYPE), ASSERTION_TYPE))
		return refuse(rq, &invalid_request, "client_assertion_type is not jwt-bearer");
	if (arg(rq, CALLER_AUTHORIZATION) != NULL || claim_r->secret != NULL)
		return refuse(rq, &invalid_request, "a client assertion and a secret");
	if ((sub = assertion_client(rq, claim_r->assertion)) == NULL)
		return refuse(rq, wrong, "the client assertion is of nobody");
	if (claim_r->id == NULL)
		claim_r->id = sub;
	claim_r->method = private_key;
	return 0;
}

static int
caller_claim(struct rq *rq, const struct refusal *wrong, struct claim *claim_r)
{
	const char *header = arg(rq, CALLER_AUTHORIZATION), *id = arg(rq, CALLER_ID);
	int r;

	*claim_r = (struct claim){ .id = id, .secret = arg(rq, CALLER_SECRET),
		.assertion = arg(rq, CALLER_ASSERTION) };
	claim_r->method = claim_r->secret != NULL ? post : none;
	if (claim_r->assertion != NULL)
		return caller_assertion(rq, wrong, claim_r);
	if (header == NULL)
		return id == NULL ? refuse(rq, &invalid_request, "no client_id") : 0;
	if (claim_r->secret != NULL)	/* RFC 6749 2.3: not more than one method */
		return refuse(rq, &invalid_request, "client secret in header and body");
	if ((r = caller_basic(rq, wrong, header, claim_r)) != 0)
		return r;
	claim_r->method = basic;
	if (id != NULL && strcmp(id, claim_r->id) != 0)
		return refuse(rq, &invalid_request, "client_id differs between header and body");
	return 0;
}

/* Any of the live secrets will do (oauth.md 3): all are compared, so time tells nothing. */
static int
caller_secret(struct rq *rq, const struct client *client, const char *secret, bool *right_r)
{
	size_t i, n;
	int r;

	*right_r = false;
	for (i = 0; i < json_count(client->secrets); i++) {
		const struct json *row = json_at(client->secrets, i);
		unsigned char *held;

		if ((r = aead_open(rq, "client secret", json_text(row, "Sealed"), &held, &n)) != 0)
			return fault(rq, "cannot open a secret of client %s", client->id);
		*right_r |= secret_equal((const char *)held, secret);
	}
	return 0;
}

/* RFC 6749 5.2: 401 with a challenge; the contract answers 400 at the token endpoint. */
static const struct refusal *
caller_wrong(const struct rq *rq, const struct refusal *wrong)
{
	return dialect_has(rq, CLIENT_CHALLENGE) ? &invalid_client_basic : wrong;
}

/* Of a client that has a secret or keys. */
static int
caller_proof(struct rq *rq, const struct refusal *wrong, const struct client *client,
    const struct claim *claim)
{
	bool right;
	int r;

	if (claim->method == private_key)
		return assertion_prove(rq, wrong, client, claim->assertion);
	if (claim->secret == NULL)
		return refuse(rq, wrong, "client %s has to prove itself", client->id);
	if ((r = caller_secret(rq, client, claim->secret, &right)) != 0)
		return r;
	return right ? 0 : refuse(rq, wrong, "wrong secret for client %s", client->id);
}

int
caller_prove(struct rq *rq, const struct refusal *wrong, const struct client **client_r)
{
	const struct client *client;
	struct claim claim;
	int r;

	*client_r = NULL;
	wrong = caller_wrong(rq, wrong);
	if ((r = caller_claim(rq, wrong, &claim)) != 0)
		return r;
	if (!syn_client_id(claim.id) || strlen(claim.id) > 128)
		return refuse(rq, wrong, "client_id is malformed");
	if ((r = client_get(rq, rq->pool->id, claim.id, &client)) != 0)
		return r;
	if (client == NULL)
		return refuse(rq, wrong, "this pool has no client %s", claim.id);
	rq->client = client;
	wrong = caller_wrong(rq, wrong);
	if (client->auth_method != NULL && strcmp(client->auth_method, claim.method) != 0)
		return refuse(rq, wrong, "client %s came with %s and has to use %s", client->id,
		    claim.method, client->auth_method);
	if ((!client_is_public(client) || claim.assertion != NULL) &&
	    (r = caller_proof(rq, wrong, client, &claim)) != 0)
		return r;
	*client_r = client;
	return limit_take(rq, LIMIT_CLIENT, client->id, !client_is_public(client));
}
