/* back - a verified way back to the client
 *
 * A struct back exists only as the result of back_verify or back_verify_sign_out: no answer takes a
 * URL as text, so a redirect cannot leave for an address nobody registered. */
#ifndef TARN_OIDC_BACK_H
#define TARN_OIDC_BACK_H

#include "store/client.h"

struct back;

/* uri must be byte-equal to a registered callback (RFC 6749 3.1.2.3, RFC 9700 2.1); NULL stands for
 * the client's default, or its only, callback where it has exactly one identity provider (oauth.md
 * 2). Remembers it in rq->back. Refuses redirect_mismatch or parameters_missing. */
int back_verify(struct rq *rq, const struct client *client, const char *uri, const char *state,
    const struct back **back_r);

/* The same for the sign-out addresses; nothing is ever appended to them. */
int back_verify_sign_out(struct rq *rq, const struct client *client, const char *uri,
    const struct back **back_r);

const char *back_uri(const struct back *back);
const char *back_state(const struct back *back);	/* as sent, or NULL */

#endif
