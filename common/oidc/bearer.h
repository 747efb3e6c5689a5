/* bearer - who an access token speaks for (RFC 6750; oauth.md 4, 5) */
#ifndef TARN_OIDC_BEARER_H
#define TARN_OIDC_BEARER_H

#include "store/client.h"
#include "store/user.h"

struct bearer {
	const struct user *user;	/* NULL: a machine speaks for itself */
	const struct client *client;
	const char *scope;
	const struct json *claims;
};

/* What a living access token of this pool says, whoever shows it: signature, issuer, use, expiry,
 * family alive, user existing and enabled, in this order. Refuses dead_token. */
int bearer_read(struct rq *rq, const char *token, const struct bearer **bearer_r);

/* The same of who shows it: a person's token. */
int bearer_prove(struct rq *rq, const char *token, const struct bearer **bearer_r);

/* The token of "Authorization: Bearer …"; refuses bad_bearer. */
int bearer_token(struct rq *rq, const char *authorization, const char **token_r);

#endif
