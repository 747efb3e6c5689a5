/* registrations - clients that register themselves (RFC 7591), and manage that (RFC 7592)
 *
 * A user pool's DcrConfiguration says whether: EnableStatus opens the door to who has an initial
 * access token, OpenDcrEnabled to everybody; and what such a client may ask for: grant types, by
 * default the authorization code alone, and AllowedScopes, by default those of OpenID Connect. */
#ifndef TARN_API_REGISTRATIONS_H
#define TARN_API_REGISTRATIONS_H

#include "base/json.h"
#include "base/rq.h"

/* A new client of rq->pool; token: an initial access token, or NULL. *answer_r is what RFC 7591
 * 3.2.1 says, without the client's address. Refuses registration_closed, invalid_token,
 * invalid_redirect_uri or invalid_client_metadata. */
int registrations_add(struct rq *rq, const char *token, const struct json *metadata,
    struct json **answer_r);

/* Of the client of that id to who has its registration access token; refuses invalid_token. */
int registrations_show(struct rq *rq, const char *id, const char *token, struct json **answer_r);
int registrations_change(struct rq *rq, const char *id, const char *token,
    const struct json *metadata, struct json **answer_r);
int registrations_remove(struct rq *rq, const char *id, const char *token);

#endif
