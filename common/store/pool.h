/* pool - user pools, the hosts that lead to them, and their signing keys */
#ifndef TARN_STORE_POOL_H
#define TARN_STORE_POOL_H

#include "base/text.h"
#include "store/client.h"
#include "store/record.h"

struct pool {
	const char *id, *name;
	struct words username_attributes, alias_attributes, auto_verified;
	bool case_sensitive;
	bool admin_create_only;		/* nobody signs up by himself */
	bool by_link;			/* DefaultEmailOption CONFIRM_WITH_LINK */
	int64_t password_least;		/* characters */
	int64_t password_history;	/* how many of the last passwords nobody may choose again */
	bool upper, lower, digits, symbols;	/* that a password must have */
	int64_t temporary_days;
	const char *algorithm;		/* of tokens: "RS256" or "ES256" */
	enum dialect dialect;		/* of its documents and new clients */
	const char *id_key, *access_key;	/* kids of the keys that sign now */
	int64_t keys_from;		/* ms: when others take over; 0: none are to */
	bool updated_issuer;		/* IssuerConfiguration.Type UPDATED */
	const struct json *algorithm_keys;	/* of clients that ask, by its name */
	const struct json *schema;	/* list of SchemaAttributeType */
	const struct json *doc;		/* the whole Pool document */
	const struct record *record;
};

/* *pool_r is NULL where there is none. 0 or FAULT, here and below. */
int pool_get(struct rq *rq, const char *id, const struct pool **pool_r);
int pool_create(struct rq *rq, const struct json *doc);
int pool_change(struct rq *rq, const struct pool *pool, const struct json *doc);
void pool_drop(struct rq *rq, const struct pool *pool);
int pool_list(struct rq *rq, const char *after, size_t most, const struct pool *const **pools_r,
    size_t *n_r);

/* Calls it for every pool, until one does not return 0. That, or FAULT. */
typedef int pool_fn(struct rq *rq, const struct pool *pool);
int pool_each(struct rq *rq, pool_fn *each);

/* The SchemaAttributeType of an attribute as tokens spell it ("email", "custom:team"); or NULL. */
const struct json *pool_attribute(const struct pool *pool, const char *name);

/* Domains. host is as uri_host spells it; a prefix domain is stored under its whole host. */
struct domain {
	const char *host, *pool;
	const struct json *doc;
	const struct record *record;
};
int domain_get(struct rq *rq, const char *host, const struct domain **domain_r);
int domain_create(struct rq *rq, const char *host, const struct json *doc);
int domain_change(struct rq *rq, const struct domain *domain, const struct json *doc);
void domain_drop(struct rq *rq, const struct domain *domain);
int domain_list(struct rq *rq, const char *pool, const struct domain *const **domains_r,
    size_t *n_r);

/* Signing keys as stored (crypto/key.h makes them usable; oidc/keyring.h chooses). */
struct signer {
	const char *kid, *use;		/* "id" or "access": which token */
	const char *algorithm;
	const struct json *jwk;		/* public */
	const char *sealed;		/* private, purpose "signing key" */
	int64_t created, retired;	/* ms; retired: 0, or when it ceases to sign */
	const struct record *record;
};
int signer_get(struct rq *rq, const char *pool, const char *kid, const struct signer **signer_r);
int signer_list(struct rq *rq, const char *pool, const struct signer *const **signers_r,
    size_t *n_r);
int signer_create(struct rq *rq, const char *pool, const struct json *doc);
int signer_change(struct rq *rq, const struct signer *signer, const struct json *doc);
void signer_drop(struct rq *rq, const struct signer *signer);

#endif
