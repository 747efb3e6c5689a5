/* claims - what tokens and userInfo say about a person (oauth.md 4, 9, 10) */
#ifndef TARN_OIDC_CLAIMS_H
#define TARN_OIDC_CLAIMS_H

#include "store/client.h"
#include "store/user.h"

enum claims_for { CLAIMS_ID_TOKEN, CLAIMS_USERINFO };

/* Sets the attributes that scope opens and client may read. In an ID token the verified flags are
 * booleans and updated_at is a number; at userInfo every value is text. */
void claims_attributes(struct rq *rq, const struct client *client, const struct user *user,
    const char *scope, enum claims_for where, struct json *out);

/* Refuses invalid_grant if the client may not read every attribute that a granted scope implies. */
int claims_readable(struct rq *rq, const struct client *client, const char *scope);

#endif
