/* back - a verified way back to the client
 *
 * A struct back exists only as the result of back_verify or back_verify_sign_out: no answer takes a
 * URL as text, so a redirect cannot leave for an address nobody registered. */
#ifndef TARN_OIDC_BACK_H
#define TARN_OIDC_BACK_H

#include "store/client.h"

struct back;

/* How an answer travels: OAuth 2.0 Multiple Response Type Encoding Practices 2.1, Form Post
 * Response Mode 2. */
enum back_mode { BACK_QUERY, BACK_FRAGMENT, BACK_FORM };

/* What the request says of its answer, unchecked; NULL where it says nothing. */
struct back_wish {
	const char *uri, *state, *response_type, *response_mode;
};

/* The uri must be byte-equal to a registered callback (RFC 6749 3.1.2.3, RFC 9700 2.1), but for the
 * port of a loopback address where the dialect has LOOPBACK_PORTS; NULL stands for the client's
 * default, or its only, callback where it has exactly one identity provider (oauth.md 2). Remembers
 * it in rq->back. Refuses redirect_mismatch or parameters_missing. */
int back_verify(struct rq *rq, const struct client *client, const struct back_wish *wish,
    const struct back **back_r);

/* The same for the sign-out addresses, among which a callback counts that is the login page of this
 * host with a request of another client in it (oauth.md 6). Nothing is ever appended to them. */
int back_verify_sign_out(struct rq *rq, const struct client *client, const char *uri,
    const struct back **back_r);

/* A post_logout_redirect_uri: a sign-out address, byte-equal; a state (NULL: none) goes along. */
int back_verify_farewell(struct rq *rq, const struct client *client, const char *uri,
    const char *state, const struct back **back_r);

/* Is the wished response_mode one that the answer may travel by? Refuses invalid_request. */
int back_check_mode(struct rq *rq, const struct back *back, const struct back_wish *wish);

const char *back_uri(const struct back *back);
const char *back_state(const struct back *back);	/* as sent, or NULL */
const char *back_issuer(const struct back *back);	/* RFC 9207, or NULL */
enum back_mode back_mode(const struct back *back, bool refused);

#endif
