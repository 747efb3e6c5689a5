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

/* An access token as it was shown. */
struct shown {
	const char *token;
	bool bound;			/* by the scheme DPoP, which comes with a proof */
	const char *proof;		/* the header DPoP, or NULL */
};

/* The same of who shows it: a person's token, and what is bound to a key is shown with a proof by
 * that key, what is not, without (RFC 9449 7). Refuses bound_token and what dpop_prove refuses. */
int bearer_prove(struct rq *rq, const struct shown *shown, const struct bearer **bearer_r);

/* What another client may know of the scopes of a token; NULL: it may not know of the token. Its
 * own it knows. As an API it is shown those for the resource servers that it has a scope of: tokens
 * that carry one of their scopes, or name one as audience; and of their scopes only those. */
const char *bearer_shown(struct rq *rq, const struct client *client, const struct bearer *bearer);

/* The token of "Authorization: Bearer …", or of "DPoP …"; refuses bad_bearer or no_bearer. */
int bearer_token(struct rq *rq, const char *authorization, struct shown *shown_r);

#endif
