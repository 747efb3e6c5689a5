/* acr - how strongly somebody signed in (oauth.md 9; OpenID Connect Core 2, RFC 8176)
 *
 * A sign-in is recorded as the methods that it took, blank-separated words of amr: pwd, otp (an
 * authenticator app), sms, email_otp, swk and hwk (passkeys). Its level follows by a table; a pool
 * may give the four levels names of its own (AcrConfiguration). */
#ifndef TARN_OIDC_ACR_H
#define TARN_OIDC_ACR_H

#include "store/grants.h"
#include "store/pool.h"

enum { ACR_LEVELS = 4 };

/* The highest level that the methods satisfy, 1 to ACR_LEVELS; 0: none. */
int acr_level(struct words methods);

/* What a pool (a document of it) calls a level; its member in AcrConfiguration. */
const char *acr_name(const struct json *pool, int level);
const char *acr_member(int level);

/* The first of the asked-for levels (acr_values) that is within reach of these methods; others and
 * unknown ones are passed over. 0: there is none, or the pool's tier does not know such asking. */
int acr_wanted(const struct pool *pool, struct words asked, struct words methods);

/* Notes in a grant when and how the person signed in. */
void acr_note(struct rq *rq, const struct session *session, struct grant *grant);

#endif
