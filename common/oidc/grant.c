/* grant - redeeming codes and refresh tokens */
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "oidc/dpop.h"
#include "oidc/grant.h"
#include "oidc/refusals.h"
#include "web/limit.h"

/* A code that comes twice was stolen, before or after its owner used it. */
static int
grant_replayed(struct rq *rq, const struct client *client, const struct code *code)
{
	const struct grant *family;
	int r;

	if ((r = family_get(rq, client->pool, code->family, &family)) != 0)
		return r;
	if (family != NULL)
		grant_end(rq, client, family);
	return refuse(rq, &invalid_grant, "the code was used before: family %s ends",
	    code->family);
}

int
grant_redeem(struct rq *rq, const struct client *client, const char *text,
    const struct code **code_r)
{
	int r;

	if ((r = limit_take(rq, LIMIT_CODE, NULL, json_count(client->secrets) > 0)) != 0 ||
	    (r = code_take(rq, client->pool, digest_text(rq->mem, text), code_r)) != 0)
		return r;
	if (*code_r == NULL)
		return refuse(rq, &invalid_grant, "the code is unknown, used or expired");
	if (!text_equal((*code_r)->grant.client, client->id)) {
		kv_forget(rq);	/* a stranger who guessed it must not spoil it for its owner */
		return refuse(rq, &invalid_grant, "the code is another client's");
	}
	return (*code_r)->family == NULL ? 0 : grant_replayed(rq, client, *code_r);
}

int
grant_redeemed(struct rq *rq, const struct client *client, const struct code *code,
    const char *family)
{
	return client->reuse_ends_family ? code_spend(rq, code, family) : 0;
}

int
grant_matches(struct rq *rq, const struct code *code, const char *redirect_uri,
    const char *verifier)
{
	if (!text_equal(code->redirect_uri, redirect_uri))
		return refuse(rq, &invalid_redirect,
		    "redirect_uri is not the one the code went to");
	if (code->challenge == NULL && verifier == NULL)
		return 0;
	if (code->challenge == NULL || verifier == NULL)
		return refuse(rq, &invalid_grant, "challenge without verifier, or the reverse");
	if (!secret_equal(code->challenge, digest_text(rq->mem, verifier)))
		return refuse(rq, &invalid_grant, "the verifier is not the challenge's");
	return 0;
}

int
grant_bound(struct rq *rq, const struct grant *grant)
{
	if (grant->jkt == NULL || text_equal(grant->jkt, dpop_key(rq)))
		return 0;
	return refuse(rq, &invalid_grant, "bound to a key that the request does not prove");
}

int
grant_user(struct rq *rq, const struct grant *grant, const struct user **user_r)
{
	int r;

	if ((r = user_get(rq, rq->pool, grant->username, user_r)) != 0)
		return r;
	if (*user_r == NULL || !text_equal((*user_r)->sub, grant->sub))
		return refuse(rq, &invalid_grant, "the user is no more");
	if (!(*user_r)->enabled)
		return refuse(rq, &invalid_grant, "the user is disabled");
	if (grant->created < (*user_r)->tokens_not_before)
		return refuse(rq, &invalid_grant, "the user was signed out everywhere since");
	return 0;
}

int
grant_find(struct rq *rq, const struct client *client, const char *token,
    const struct grant **family_r)
{
	int r;

	if ((r = family_find(rq, client->pool, digest_text(rq->mem, token), family_r)) != 0)
		return r;
	if (*family_r != NULL && ((*family_r)->spent ||
	    !text_equal((*family_r)->client, client->id)))
		*family_r = NULL;
	return 0;
}

int
grant_refresh(struct rq *rq, const struct client *client, const char *token,
    const struct grant **family_r)
{
	const struct grant *family;
	int r;

	*family_r = NULL;
	if ((r = family_find(rq, client->pool, digest_text(rq->mem, token), &family)) != 0)
		return r;
	if (family == NULL || !text_equal(family->client, client->id))
		return refuse(rq, &invalid_grant, "no living refresh token of this client");
	*family_r = family;
	if (!family->spent)
		return 0;
	if (client->reuse_ends_family)
		grant_end(rq, client, family);
	return refuse(rq, &invalid_grant, "a rotated refresh token came again: family %s%s",
	    family->id, client->reuse_ends_family ? " ends" : "");
}

void
grant_end(struct rq *rq, const struct client *client, const struct grant *family)
{
	family_drop(rq, client->pool, family);
}
