/* scope - which scopes a request gets (oauth.md 10) */
#ifndef TARN_OIDC_SCOPE_H
#define TARN_OIDC_SCOPE_H

#include "store/client.h"

/* Of a person's request: asked NULL means every scope of the client. A scope the client lacks, or
 * email, phone or profile without openid, is invalid_scope; one deleted from its resource server is
 * left out. 0, REFUSED or FAULT. */
int scope_grant(struct rq *rq, const struct client *client, const char *asked,
    const char **scope_r);

/* Of a refresh: the asked for, all of which were granted before (RFC 6749 6). */
int scope_narrow(struct rq *rq, const char *granted, const char *asked, const char **scope_r);

/* Of a machine's request (client_credentials): custom scopes alone. */
int scope_grant_machine(struct rq *rq, const struct client *client, const char *asked,
    const char **scope_r);

/* Is this, n bytes, the identifier of a resource server that the client has a scope of? */
bool scope_serves(const struct client *client, const char *identifier, size_t n);

/* Of the scopes those of this resource server, which must be one that the client has a scope of
 * (RFC 8707 2.2). Refuses invalid_target. */
int scope_target(struct rq *rq, const struct client *client, const char *identifier,
    const char *scope, const char **scope_r);

/* Is there such a scope: reserved, or {identifier}/{name} of a resource server? 0 or FAULT. */
int scope_defined(struct rq *rq, const char *pool, const char *scope, bool *defined_r);

/* Is the word among the blank-separated scopes? */
bool scope_has(const char *scope, const char *word);

#endif
