/* enrol - sign-up, its confirmation, and new codes (pages.md 7, 8; idp-api.md 5.1) */
#ifndef TARN_ACCOUNT_ENROL_H
#define TARN_ACCOUNT_ENROL_H

#include "account/otp.h"

/* delivery: NULL where the pool verifies nothing that the user has: an administrator confirms. */
struct enrolled { const char *username, *sub; const struct delivery *delivery; };

/* attributes: list of AttributeType. 0, REFUSED or FAULT. The message is in the outbox with the
 * user. */
int enrol_signup(struct rq *rq, const struct client *client, const char *name, const char *password,
    const struct json *attributes, const struct enrolled **enrolled_r);

/* Confirms with a code; proves the attribute it was sent to. force: take the alias from its
 * owner. */
int enrol_confirm(struct rq *rq, const struct client *client, const char *name, const char *code,
    bool force, const struct user **user_r);

/* Sends a new code, replacing the old. For an unknown name, where the client hides users, a
 * simulated delivery. */
int enrol_resend(struct rq *rq, const struct client *client, const char *name,
    const struct delivery **delivery_r);

#endif
