/* discovery - where a relying party finds documents (oauth.md 7; OpenID Connect Discovery 1.0, RFC
 * 8414 3); announce.h is what they say
 *
 * Static files below conf->publish, written by commands and tarnd, served by the web server:
 *
 *	{pool id}/.well-known/…			for {issuer}/.well-known/…: openid-configuration,
 *						oauth-authorization-server, jwks.json
 *	oauth-authorization-server/{pool id}	for /.well-known/oauth-authorization-server/{pool}
 *	hosts/{host without port}/.well-known/…	as the first, for a domain's root */
#ifndef TARN_OIDC_DISCOVERY_H
#define TARN_OIDC_DISCOVERY_H

#include "store/pool.h"

/* conf->issuer_base, a slash, the pool's id; its host begins with "issuer-" for a pool whose
 * IssuerConfiguration says UPDATED. */
const char *discovery_issuer(struct rq *rq, const struct pool *pool);

/* "https://auth.example.com": where the pool's pages are: its custom domain, else its prefix
 * domain, else NULL. 0 or FAULT. */
int discovery_base(struct rq *rq, const struct pool *pool, const char **base_r);

/* Writes the pool's files where they differ from what is there (new file, fsync, rename). 0 or
 * FAULT. */
int discovery_publish(struct rq *rq, const struct pool *pool);

/* Removes the files of a pool or a host that is no more; either may be NULL. */
void discovery_withdraw(struct rq *rq, const char *pool, const char *host);

#endif
