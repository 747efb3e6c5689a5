/* issue - codes, tokens and families come into being here (oauth.md 3, 9) */
#ifndef TARN_OIDC_ISSUE_H
#define TARN_OIDC_ISSUE_H

#include "oidc/ask.h"
#include "store/grants.h"
#include "store/user.h"

struct tokens {
	const char *id, *access, *refresh;	/* NULL where the answer has none */
	const char *scope;
	const char *family;			/* they belong to; NULL: none */
	const char *type;			/* issued_token_type (RFC 8693 2.2.1), or NULL */
	int64_t expires_in;			/* seconds, of the access token */
};

/* An authorization code for this person, among the writes. 0 or FAULT. */
int issue_code(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session, const char **code_r);

/* A new family and its tokens; those of the implicit grant are without a refresh token, and the
 * programs that serve it are without the code that writes one. Both refuse invalid_grant if the
 * client may not read what a scope implies. */
int issue_family(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r);
int issue_implicit(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r);

/* New ID and access tokens of a living family. */
int issue_again(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r);

/* The same, and a new refresh token in place of the one the family was found by (oauth.md 3). */
int issue_rotated(struct rq *rq, const struct client *client, const struct user *user,
    const struct grant *grant, const struct tokens **tokens_r);

/* The access token of a machine. audience: or NULL. */
int issue_machine(struct rq *rq, const struct client *client, const char *scope,
    const char *audience, const struct tokens **tokens_r);

/* An access token for the person of another, whose claims are these: of its family, and at an end
 * with it. client is named as the one who acts, unless the token was its own. */
int issue_exchanged(struct rq *rq, const struct client *client, const struct json *subject,
    const char *scope, const char *audience, const struct tokens **tokens_r);

#endif
