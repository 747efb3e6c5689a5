/* grants - what a sign-in leaves behind: browser session, authorization code, refresh-token family
 *
 * Each is named by the hash of its secret (digest_text), never by the secret. */
#ifndef TARN_STORE_GRANTS_H
#define TARN_STORE_GRANTS_H

#include "base/text.h"
#include "store/record.h"

/* What a person granted to a client: carried from the code into the family and its tokens. */
struct grant {
	const char *id;			/* origin_jti */
	const char *client, *username, *sub;
	const char *scope;		/* blank-separated */
	const char *nonce, *resource;	/* or NULL */
	const char *jkt;		/* thumbprint of the key it is bound to, or NULL */
	const char *sid;		/* the session as its client knows it, or NULL */
	const char *acr, *amr;		/* claims, amr blank-separated; or NULL: oidc/acr.h */
	int64_t auth_time;		/* seconds */
	int64_t created, expires;	/* ms */
	const struct record *record;	/* of the family; NULL while it is only a code */
	const struct record *refresh;	/* of the refresh token it was found by, or NULL */
	bool spent;			/* that token was rotated, and its grace is over */
};

/* As members of a document, and from one: records of other files hold a grant too. */
struct json *grant_doc(struct rq *rq, const struct grant *grant);
void grant_read(struct arena *mem, const struct json *doc, struct grant *grant_r);

struct code {
	struct grant grant;
	const char *redirect_uri, *challenge;	/* challenge: S256, or NULL */
	const char *family;		/* that came of it, if it was redeemed; or NULL */
	const struct record *record;
};
int code_put(struct rq *rq, const char *pool, const char *hash, const struct code *code);

/* Reads and, in the same step, takes: of many who redeem one code, one wins. NULL: unknown, expired
 * or used, unless code_spend remembers it. */
int code_take(struct rq *rq, const char *pool, const char *hash, const struct code **code_r);

/* An authorization request that a client pushed (RFC 9126), by the hash of its request_uri. */
struct pushed {
	const char *client, *query;	/* query: encoded, as it would stand in the URL */
	const struct record *record;
};
int pushed_put(struct rq *rq, const char *pool, const char *hash, const struct pushed *pushed,
    int64_t expires);
int pushed_get(struct rq *rq, const char *pool, const char *hash, const struct pushed **pushed_r);

/* The first time: a browser has brought it, and it lives on until then. */
int pushed_later(struct rq *rq, const struct pushed *pushed, int64_t expires);
void pushed_take(struct rq *rq, const struct pushed *pushed);

/* Leaves word, for as long as the code would have lived, of the family that came of it. */
int code_spend(struct rq *rq, const struct code *code, const char *family);

struct session {
	const char *id;			/* as clients that are told of its end know it, or NULL */
	const char *username, *sub;
	struct words clients;		/* those that are to be told */
	const char *methods;		/* of the sign-in, blank-separated: oidc/acr.h */
	int64_t auth_time;		/* seconds */
	const struct kv_key *key;
	int64_t expires;		/* ms */
	const struct record *record;	/* NULL: it has just begun */
};
int session_get(struct rq *rq, const char *pool, const char *hash,
    const struct session **session_r);
int session_put(struct rq *rq, const char *pool, const char *hash, struct session *session,
    int64_t expires);

/* Remembers a client that is to be told of the session's end. */
int session_note(struct rq *rq, const struct session *session, const char *client);
void session_drop(struct rq *rq, const char *pool, const char *hash);

/* A family is alive while its record is there and, which its reader checks, its user stands and was
 * not signed out since (user->tokens_not_before). token: hash of its refresh token. */
int family_get(struct rq *rq, const char *pool, const char *id, const struct grant **grant_r);
int family_find(struct rq *rq, const char *pool, const char *token, const struct grant **grant_r);

/* A new family without a refresh token, as the implicit grant has it, and one with, which its
 * record outlives by as long as an access token may. */
int family_put(struct rq *rq, const char *pool, const struct grant *grant);
int family_put_refreshable(struct rq *rq, const char *pool, const struct grant *grant,
    const char *token);

/* A new refresh token for a family that was found by its old one, which dies `grace` ms from now;
 * at 0 at once: of many who come with it, one wins. The family lives no longer for it. remember:
 * the old token still finds the family, but spent. */
int family_rotate(struct rq *rq, const char *pool, const struct grant *grant, const char *token,
    int64_t grace, bool remember);
void family_drop(struct rq *rq, const char *pool, const struct grant *grant);

#endif
