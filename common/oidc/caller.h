/* caller - which client calls the token and revocation endpoints (RFC 6749 2.3, 3.2.1; oauth.md 3)
 *
 * A program that takes part begins its parameter table with CALLER_PARAMS. */
#ifndef TARN_OIDC_CALLER_H
#define TARN_OIDC_CALLER_H

#include "store/client.h"
#include "web/param.h"

enum { CALLER_AUTHORIZATION, CALLER_ID, CALLER_SECRET, CALLER_ASSERTION, CALLER_ASSERTION_TYPE,
	CALLER_NPARAMS };

#define CALLER_PARAMS(from) \
	[CALLER_AUTHORIZATION]	= { "Authorization",	syn_visible,	1024,	HEADER | SECRET }, \
	[CALLER_ID]		= { "client_id",	syn_client_id,	128,	from }, \
	[CALLER_SECRET]		= { "client_secret",	syn_visible,	128,	from | SECRET }, \
	[CALLER_ASSERTION]	= { "client_assertion",	syn_visible,	8192,	from | SECRET }, \
	[CALLER_ASSERTION_TYPE]	= { "client_assertion_type",	syn_line,	128,	from }

/* Basic, the body, an assertion, or for a client without a secret or keys its id alone; never two
 * ways at once (RFC 6749 2.3), and only the client's own (TokenEndpointAuthMethod) where it has one
 * set. An assertion is used up, among the writes. wrong: what a failed proof is refused with, since
 * the endpoints differ in status. */
int caller_prove(struct rq *rq, const struct refusal *wrong, const struct client **client_r);

#endif
