/* attribute - what attributes may hold and who may set them (pages.md 7, idp-api.md 14) */
#ifndef TARN_ACCOUNT_ATTRIBUTE_H
#define TARN_ACCOUNT_ATTRIBUTE_H

#include "store/client.h"
#include "store/user.h"

/* Checks a list of AttributeType against the pool's schema (existence, type, bounds, mutability,
 * e-mail and phone form) and, for a person, the client's write permission (client NULL for an
 * administrator; *_verified and sub are never a person's to set). For a new user old is NULL and,
 * where the person signs up himself, the required ones must be there (what an administrator leaves
 * out is asked with the first password). Then sets them in doc, a copied User document; "" removes.
 * A changed e-mail or phone number loses its verified flag unless the list sets it. */
int attribute_set(struct rq *rq, const struct pool *pool, const struct client *client,
    const struct user *old, const struct json *list, struct json *doc);

/* The required attributes of the pool that doc lacks. */
struct words attribute_missing(struct rq *rq, const struct pool *pool, const struct json *doc);

/* What kind of sign-in name is this in this pool; checks the form (pages.md 7): refuses
 * InvalidParameterException "Username should be an email." and the like. *attribute_r is "email" or
 * "phone_number" in a pool that uses them as usernames, else NULL. */
int attribute_username(struct rq *rq, const struct pool *pool, const char *name,
    const char **attribute_r);

/* Refuses where doc holds a sign-in name that already leads to somebody else: name_exists for a new
 * user (old NULL) of a pool that uses it as username, else AliasExistsException. force: takes an
 * alias from its owner, whose attribute is unproven from then on; call it before user_create or
 * user_change. */
int attribute_claim(struct rq *rq, const struct pool *pool, const struct user *old,
    const struct json *doc, bool force);

#endif
