/* clients - app clients that register themselves, by the rules of those that are made (RFC 7591) */
#ifndef TARN_API_CLIENTS_H
#define TARN_API_CLIENTS_H

#include "store/client.h"
#include "store/pool.h"

/* A new client of these members (client_metadata.h), which goes at `expires` (ms) unless it is used
 * before: ClientType DCR, the standard dialect, sign-in by the pool itself, PKCE where it has
 * nothing to prove itself with. *doc_r is its document, *secret_r its secret in clear, or NULL.
 * Refuses as CreateUserPoolClient does. */
int clients_register(struct rq *rq, const struct pool *pool, const struct json *members,
    int64_t expires, const struct json **doc_r, const char **secret_r);

/* Its members again: one that is left out is gone; what no client says of itself stays. */
int clients_register_again(struct rq *rq, const struct pool *pool, const struct client *client,
    const struct json *members, const struct json **doc_r, const char **secret_r);

/* The secret in clear; NULL: it has none. 0 or FAULT. */
int clients_secret(struct rq *rq, const struct client *client, const char **secret_r);

#endif
