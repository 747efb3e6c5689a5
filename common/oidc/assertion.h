/* assertion - a client that proves itself by a signed JWT (RFC 7523 2.2, 3; OpenID Connect Core 9,
 * private_key_jwt) */
#ifndef TARN_OIDC_ASSERTION_H
#define TARN_OIDC_ASSERTION_H

#include "store/client.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* Who an assertion says it is of, believed by nobody yet; NULL: it says nothing. */
const char *assertion_client(struct rq *rq, const char *text);

/* Signed by a key of the client's set, about itself, for this pool alone, alive, and shown for the
 * first time, which is remembered among the writes. 0, REFUSED with `wrong`, or FAULT. */
int assertion_prove(struct rq *rq, const struct refusal *wrong, const struct client *client,
    const char *text);

/* What is wrong with a key set that a client is given, in a sentence; NULL: nothing. */
const char *assertion_keys(struct rq *rq, const struct json *jwks);

#endif
