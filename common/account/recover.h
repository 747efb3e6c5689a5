/* recover - a new password for somebody who forgot the old one (pages.md 5, 6, 8; idp-api.md 5.1,
 * 14) */
#ifndef TARN_ACCOUNT_RECOVER_H
#define TARN_ACCOUNT_RECOVER_H

#include "account/otp.h"

/* Does the pool let people reset their own passwords? */
bool recover_offered(const struct pool *pool);

/* The attribute by which this user would reset his password, whether messages can go there or not;
 * NULL: none. What proves that cannot be the second factor as well (idp-api.md 12). */
const char *recover_channel(const struct pool *pool, const struct user *user);

/* Sends a code by the pool's AccountRecoverySetting to an address that the user has proven. For an
 * unknown name, where the client hides users, a simulated delivery. 0, REFUSED or FAULT. */
int recover_send(struct rq *rq, const struct client *client, const char *name,
    const struct delivery **delivery_r);

/* For an administrator: the password must be reset before the next sign-in; the code is sent. */
int recover_demand(struct rq *rq, const struct user *user);

/* The code, and the password to be: the code first, but a password that the policy refuses leaves
 * it good. The address is proven by it, and a lock-out is over. */
int recover_confirm(struct rq *rq, const struct client *client, const char *name, const char *code,
    const char *password);

#endif
