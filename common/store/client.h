/* client - app clients of a pool */
#ifndef TARN_STORE_CLIENT_H
#define TARN_STORE_CLIENT_H

#include "base/text.h"
#include "store/record.h"

/* How long the tokens of a client live, in seconds: units and defaults applied. */
struct lives {
	int64_t access, id, refresh;
};

/* COGNITO: the original's exact behaviour. BOTH: that, and what of the standard can be added to it
 * without changing it. STANDARD: where the two contradict each other, the standard. */
enum dialect { DIALECT_COGNITO, DIALECT_BOTH, DIALECT_STANDARD };

struct client {
	const char *pool, *id, *name;
	bool oauth;	/* AllowedOAuthFlowsUserPoolClient: may it use OAuth at all */
	struct words flows;		/* AllowedOAuthFlows */
	struct words scopes;
	struct words providers;		/* SupportedIdentityProviders */
	struct words callbacks, sign_outs;
	const char *default_callback;	/* DefaultRedirectURI, or NULL */
	const struct json *secrets;	/* list of SecretRecord; NULL: a public client */
	struct words readable, writable; /* as set; readable_set tells an empty list from none */
	bool readable_set, writable_set;
	struct lives lives;		/* of its tokens */
	bool revocable;			/* EnableTokenRevocation */
	bool rotates;			/* RefreshTokenRotation */
	int64_t grace_seconds;
	bool hides_users;		/* PreventUserExistenceErrors=ENABLED */
	enum dialect dialect;
	bool registered;		/* by itself: ClientType DCR */
	bool pkce_required;
	bool pushed_required;		/* RFC 9126 */
	bool dpop_required;		/* RFC 9449 */
	bool reuse_ends_family;		/* of a code, or of a rotated refresh token */
	const char *auth_method;	/* the only one it may use (RFC 7591 2), or NULL */
	const struct json *jwks;	/* its public keys, or NULL */
	const char *algorithm;		/* its tokens are signed with; NULL: the pool's */
	const char *backchannel_logout;	/* where it is told of sign-outs, or NULL */
	const struct json *doc;		/* the whole Client document; never the secret in clear */
	const struct record *record;
};

/* Of a Client document; the dialect also of a Pool document. */
struct lives client_lives(const struct json *doc);
enum dialect client_dialect(const struct json *doc);

/* *client_r is NULL where there is none. 0 or FAULT, here and below. */
int client_get(struct rq *rq, const char *pool, const char *id, const struct client **client_r);
/* expires: ms; 0: never. A change leaves that as it is; client_keep makes it never. */
int client_create(struct rq *rq, const char *pool, const struct json *doc, int64_t expires);
int client_keep(struct rq *rq, const struct client *client);
int client_change(struct rq *rq, const struct client *client, const struct json *doc);
void client_drop(struct rq *rq, const struct client *client);
int client_list(struct rq *rq, const char *pool, const char *after, size_t most,
    const struct client *const **clients_r, size_t *n_r);

/* Has it nothing to prove itself with (RFC 6749 2.1)? */
bool client_is_public(const struct client *client);

/* May the client use OAuth, and this grant of it (AllowedOAuthFlows)? */
bool client_flow(const struct client *client, const char *flow);

/* May the client read or write this attribute (oauth.md 11, idp-api.md 14.4)? */
bool client_reads(const struct client *client, const char *attribute);
bool client_writes(const struct client *client, const struct json *schema, const char *attribute);

#endif
