/* grant - redeeming codes and refresh tokens (RFC 6749 4.1.3, 6; RFC 7636 4.6) */
#ifndef TARN_OIDC_GRANT_H
#define TARN_OIDC_GRANT_H

#include "store/client.h"
#include "store/grants.h"
#include "store/user.h"

/* Takes the code, among the writes: of many who redeem it, one succeeds. Refuses invalid_grant for
 * one that is unknown, used, expired or another client's (which is not taken). */
int grant_redeem(struct rq *rq, const struct client *client, const char *text,
    const struct code **code_r);

/* Does the exchange come from who began: same redirect_uri, and the verifier of the challenge? Both
 * or neither of challenge and verifier (RFC 9700 2.1.1). A code that fails this stays taken. */
int grant_matches(struct rq *rq, const struct code *code, const char *redirect_uri,
    const char *verifier);

/* Does the request prove the key that the grant is bound to, if it is (RFC 9449 5, 10)? Refuses
 * invalid_grant. */
int grant_bound(struct rq *rq, const struct grant *grant);

/* The person, still existing, enabled and not signed out everywhere since the grant; refuses
 * invalid_grant. */
int grant_user(struct rq *rq, const struct grant *grant, const struct user **user_r);

/* What has to be remembered of a code that was redeemed (RFC 6749 4.1.2). */
int grant_redeemed(struct rq *rq, const struct client *client, const struct code *code,
    const char *family);

/* The living family of a refresh token that a client comes with for new tokens. Refuses
 * invalid_grant; a token that was rotated, and its grace over, ends the family where the client
 * asks for that (RFC 9700 4.14.2). */
int grant_refresh(struct rq *rq, const struct client *client, const char *token,
    const struct grant **family_r);

/* The living family of a refresh token of this client; NULL if there is none. 0 or FAULT. */
int grant_find(struct rq *rq, const struct client *client, const char *token,
    const struct grant **family_r);

/* Ends a family, among the writes. */
void grant_end(struct rq *rq, const struct client *client, const struct grant *family);

#endif
