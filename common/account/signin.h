/* signin - proving who one is with a name and a password (pages.md 5, 6; idp-api.md 13) */
#ifndef TARN_ACCOUNT_SIGNIN_H
#define TARN_ACCOUNT_SIGNIN_H

#include "store/client.h"
#include "store/user.h"

enum signin {
	SIGNIN_DONE,
	SIGNIN_UNCONFIRMED,	/* go on to /confirm */
	SIGNIN_NEW_PASSWORD,	/* the password is right but temporary: go on to /changePassword */
	SIGNIN_RESET		/* an administrator asked for a reset */
};

/* Checks the password with the lock-out of pages.md 6; equal work for unknown users and for users
 * without a password. 0 with *user_r and *outcome_r (the password was right in every outcome), or
 * REFUSED with the message that the client's PreventUserExistenceErrors calls for; the failed
 * attempt is among the writes. */
int signin_password(struct rq *rq, const struct client *client, const char *name,
    const char *password, const struct user **user_r, enum signin *outcome_r);

/* What this person can prove himself with, second factors too: methods of oidc/acr.h. */
const char *signin_methods(struct rq *rq, const struct user *user);

/* When the user's temporary password was set: who proved one has proved nothing about the next.
 * 0 in *set_r: there is none. 0 or FAULT. */
int signin_temporary(struct rq *rq, const struct user *user, int64_t *set_r);

/* Replaces a temporary password (NEW_PASSWORD_REQUIRED): policy, writable and missing required
 * attributes (attributes: list of AttributeType), status CONFIRMED. 0, REFUSED or FAULT. */
int signin_new_password(struct rq *rq, const struct client *client, const struct user *user,
    const char *password, const struct json *attributes);

#endif
