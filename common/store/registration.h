/* registration - clients that registered themselves (RFC 7591), and the tokens to do it with
 *
 * The client itself is an app client like any other (client.h). Its registration has what only the
 * client may change it with, and what it said of itself that nothing here acts on. Until a first
 * grant both expire together: who registers and never comes back leaves nothing. */
#ifndef TARN_STORE_REGISTRATION_H
#define TARN_STORE_REGISTRATION_H

#include "store/record.h"

struct registration {
	const char *token;		/* hash of the registration access token */
	const struct json *said;
	const struct record *record;
};

/* NULL where there is none. 0 or FAULT, here and below. expires: ms. */
int registration_get(struct rq *rq, const char *pool, const char *client,
    const struct registration **registration_r);
int registration_create(struct rq *rq, const char *pool, const char *client,
    const struct registration *registration, int64_t expires);

/* It was used: from now on it never expires. */
int registration_keep(struct rq *rq, const char *pool, const char *client);
int registration_change(struct rq *rq, const struct registration *registration,
    const struct json *said);
void registration_drop(struct rq *rq, const char *pool, const char *client);

/* An initial access token (RFC 7591 3), by its hash. Taking uses one of its uses: of many who come
 * with the last, one succeeds. False: it is unknown, expired or used up. */
int initial_token_create(struct rq *rq, const char *pool, const char *hash, int64_t uses,
    int64_t expires);
int initial_token_take(struct rq *rq, const char *pool, const char *hash, bool *good_r);
void initial_token_drop(struct rq *rq, const char *pool, const char *hash);

#endif
