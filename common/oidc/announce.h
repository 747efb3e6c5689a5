/* announce - what a pool says of itself to relying parties (oauth.md 7; OpenID Connect Discovery
 * 1.0, 3; RFC 8414 2) */
#ifndef TARN_OIDC_ANNOUNCE_H
#define TARN_OIDC_ANNOUNCE_H

#include "store/pool.h"

/* The twelve members of the original, or, where the pool's dialect is another, all. 0 or FAULT. */
int announce_openid(struct rq *rq, const struct pool *pool, const struct json **document_r);

/* All, whatever the dialect: the original has no such document. */
int announce_oauth(struct rq *rq, const struct pool *pool, const struct json **document_r);

#endif
