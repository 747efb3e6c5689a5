/* farewell - signing out: a client sends somebody (OpenID Connect RP-Initiated Logout 1.0), and
 * clients are told (OpenID Connect Back-Channel Logout 1.0) */
#ifndef TARN_OIDC_FAREWELL_H
#define TARN_OIDC_FAREWELL_H

#include "oidc/back.h"
#include "store/grants.h"
#include "store/outbox.h"

/* What the request says; NULL where it says nothing. */
struct farewell_wish {
	const char *client_id, *hint, *uri, *state;
};

struct farewell {
	const struct client *client;	/* NULL: nobody is named */
	const struct back *back;	/* where to go afterwards; NULL: nowhere */
	const char *sub;		/* of a good id_token_hint: who signs out; or NULL */
};

/* Finds the client, by its id or a good hint, remembers it in rq->client and verifies the way back.
 * A hint that is not an ID token of this pool for this client counts as none; its age does not
 * matter (section 4). Refuses redirect_mismatch, parameters_missing or invalid_request. */
int farewell_open(struct rq *rq, const struct farewell_wish *wish,
    const struct farewell **farewell_r);

/* The request as a query for the page that asks the person. The hint, which proved nothing, is left
 * out. */
const char *farewell_again(struct rq *rq, const struct farewell *farewell);

/* Calls to the clients of a session that ends, among the writes. 0 or FAULT. */
int farewell_tell(struct rq *rq, const struct session *session);

/* Such a call, made ready: where to, and the form with the logout token, which is new for each try.
 * *url_r is NULL where nobody is to be told any more. 0 or FAULT. */
int farewell_call(struct rq *rq, const struct letter *call, const char **url_r,
    const char **form_r);

#endif
