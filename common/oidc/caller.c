/* caller - which client calls the token and revocation endpoints */
#include <string.h>
#include <strings.h>

#include "base/codec.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "oidc/caller.h"
#include "oidc/dialect.h"
#include "oidc/refusals.h"
#include "store/pool.h"
#include "web/limit.h"

struct claim {
	const char *id, *secret;
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

static int
caller_claim(struct rq *rq, const struct refusal *wrong, struct claim *claim_r)
{
	const char *header = arg(rq, CALLER_AUTHORIZATION), *id = arg(rq, CALLER_ID);
	int r;

	claim_r->id = id;
	claim_r->secret = arg(rq, CALLER_SECRET);
	if (header == NULL)
		return id == NULL ? refuse(rq, &invalid_request, "no client_id") : 0;
	if (claim_r->secret != NULL)	/* RFC 6749 2.3: not more than one method */
		return refuse(rq, &invalid_request, "client secret in header and body");
	if ((r = caller_basic(rq, wrong, header, claim_r)) != 0)
		return r;
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

int
caller_prove(struct rq *rq, const struct refusal *wrong, const struct client **client_r)
{
	const struct client *client;
	struct claim claim;
	bool right;
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
	if (json_count(client->secrets) == 0) {
		*client_r = client;
		return limit_take(rq, LIMIT_CLIENT, client->id, false);
	}
	if (claim.secret == NULL)
		return refuse(rq, wrong, "client %s has a secret and sent none", client->id);
	if ((r = caller_secret(rq, client, claim.secret, &right)) != 0)
		return r;
	if (!right)
		return refuse(rq, wrong, "wrong secret for client %s", client->id);
	*client_r = client;
	return limit_take(rq, LIMIT_CLIENT, client->id, true);
}
