/* exchange - a person's access token for a narrower one (RFC 8693)
 *
 * An API that was called with a token and has to call another wants one that opens that API alone.
 * Only that is served: fewer scopes, one audience, never a longer life.
 *
 *	whose	the client's own tokens, and those that reached it as an API: that carry a scope of
 *		a resource server which the client has a scope of, or name such a one as audience.
 *		They are the tokens that introspection tells it of.
 *	what	scopes that are both the token's and the client's; of a token that is not its own
 *		custom scopes alone: what a person lets one application know is not passed on
 *	for	a resource server which the client has a scope of
 *	until	the end of the token that was shown. Both are of one family: what ends the one, ends
 *		the other.
 */
#ifndef TARN_OIDC_EXCHANGE_H
#define TARN_OIDC_EXCHANGE_H

#include "oidc/issue.h"

/* The parameters of RFC 8693 2.1; NULL where they are absent. */
struct exchange {
	const char *subject_token, *subject_token_type, *actor_token, *requested_token_type;
	const char *scope, *resource, *audience;
};

/* Refuses invalid_request, invalid_scope or invalid_target. */
int exchange(struct rq *rq, const struct client *client, const struct exchange *asked,
    const struct tokens **tokens_r);

#endif
