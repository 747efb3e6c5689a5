/* user - people, the names that lead to them, and their password hashes
 *
 * A user is stored under the username (in lower case where the pool ignores case). sub, and what
 * the pool lets people sign in with, lead to it through alias records, kept right by user_create,
 * user_change and user_drop alone. */
#ifndef TARN_STORE_USER_H
#define TARN_STORE_USER_H

#include "store/pool.h"

struct user {
	const char *pool, *username, *sub, *status;
	bool enabled;
	int64_t tokens_not_before;	/* families begun earlier are dead (ms); 0: none */
	const struct json *attributes;	/* list of AttributeType, without sub */
	struct words factors;		/* second factors that are on: account/mfa.h */
	const char *preferred_factor;	/* or NULL */
	const struct json *doc;
	const struct record *record;
};

/* By username. *user_r is NULL where there is none. 0 or FAULT, here and below. */
int user_get(struct rq *rq, const struct pool *pool, const char *username,
    const struct user **user_r);

/* By anything one may sign in with: username, e-mail, phone, preferred_username (pages.md 7), and,
 * with by_sub, the sub (administration). */
int user_find(struct rq *rq, const struct pool *pool, const char *name, bool by_sub,
    const struct user **user_r);

/* Who holds an alias value: the username, or NULL. attribute: "email", "phone_number",
 * "preferred_username" or "sub". */
int user_alias(struct rq *rq, const struct pool *pool, const char *attribute, const char *value,
    const char **username_r);

/* doc: a User document. Each alias it newly takes is expected to be free, unless its owner was
 * changed or dropped in this request before and so gave it up. */
int user_create(struct rq *rq, const struct pool *pool, const struct json *doc);
int user_change(struct rq *rq, const struct pool *pool, const struct user *user,
    const struct json *doc);
void user_drop(struct rq *rq, const struct pool *pool, const struct user *user);
int user_list(struct rq *rq, const struct pool *pool, const char *after, size_t most,
    const struct user *const **users_r, size_t *n_r);

/* The keys of all aliases that a user with this document has; *n_r at most USER_ALIASES. */
enum { USER_ALIASES = 4 };
void user_aliases(struct rq *rq, const struct pool *pool, const struct json *doc,
    const struct kv_key *keys_r[USER_ALIASES], size_t *n_r);

/* An attribute; NULL if absent. "sub" works. */
const char *user_attribute(const struct user *user, const char *name);

/* User documents, before they are stored: a new one, enabled and without attributes, and a copy of
 * what is there, dated now. username NULL: the sub stands for it, since who signs up with an
 * address may change the address (pages.md 7). user_doc_set: a NULL value removes. */
struct json *user_doc_new(struct rq *rq, const struct pool *pool, const char *username,
    const char *status);
struct json *user_doc_copy(struct rq *rq, const struct user *user);
const char *user_doc_attribute(const struct json *doc, const char *name);
void user_doc_set(struct rq *rq, struct json *doc, const char *name, const char *value);

/* A document as the user it will be; record is NULL. */
const struct user *user_view(struct rq *rq, const struct pool *pool, const struct json *doc);

/* Passwords. */
struct credential {
	const char *hash;		/* PHC string */
	bool temporary;
	int64_t set;			/* ms */
	const struct json *before;	/* earlier hashes, the last one first; NULL: none kept */
	const struct record *record;
};
int credential_get(struct rq *rq, const char *pool, const char *sub,
    const struct credential **credential_r);
int credential_put(struct rq *rq, const char *pool, const char *sub, const char *hash,
    bool temporary, const struct json *before);
void credential_drop(struct rq *rq, const char *pool, const char *sub);

#endif
