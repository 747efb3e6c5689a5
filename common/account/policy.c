/* policy - what a pool demands of passwords (pages.md 7, idp-api.md 14.5) */
#include <string.h>

#include "account/policy.h"
#include "account/refusals.h"
#include "base/random.h"
#include "base/syntax.h"
#include "base/text.h"
#include "crypto/password.h"
#include "web/limit.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define SYMBOLS "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- "	/* a blank inside counts as one */

enum { LONGEST = 256, GENERATED = 12 };

/* The first demand that a password fails, in the order of pages.md 5; NULL: it is fine. */
static const struct refusal *
policy_broken(const struct pool *pool, const char *password)
{
	const struct { bool asked; const char *characters; const struct refusal *how; } rules[] = {
		{ pool->upper, UPPER, &password_upper },
		{ pool->lower, LOWER, &password_lower },
		{ pool->digits, DIGITS, &password_digits },
		{ pool->symbols, SYMBOLS, &password_symbols },
	};
	size_t i;

	if ((int64_t)text_length(password) < pool->password_least)
		return &password_short;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].asked && strpbrk(password, rules[i].characters) == NULL)
			return rules[i].how;
	return syn_password(password) ? NULL : &password_blank;
}

int
policy_check(struct rq *rq, const struct pool *pool, const char *password)
{
	const struct refusal *broken;

	/* Hashing takes time in proportion: nobody sends us a novel. */
	if (text_length(password) > LONGEST)
		return refuse_with(rq, &invalid_parameter, "1 validation error detected: Value at "
		    "'password' failed to satisfy constraint: Member must have length less than or "
		    "equal to 256", "password of more than %d characters", LONGEST);
	if ((broken = policy_broken(pool, password)) != NULL)
		return refuse(rq, broken, "password does not conform");
	return 0;
}

/* The present password is the first of those that a pool remembers. */
static bool
policy_remembers(struct rq *rq, const struct pool *pool, const struct credential *credential,
    const char *password)
{
	size_t i, n = json_count(credential->before);

	if (password_verify(rq, credential->hash, password))
		return true;
	for (i = 0; i < n && (int64_t)i + 1 < pool->password_history; i++)
		if (password_verify(rq, json_as_text(json_at(credential->before, i)), password))
			return true;
	return false;
}

/* What the record of the next password keeps beside it; that one is itself the first. */
static const struct json *
policy_history(struct rq *rq, const struct pool *pool, const struct credential *credential)
{
	struct json *before = json_array(rq->mem);
	size_t i, n = json_count(credential->before);

	if (pool->password_history < 2)
		return NULL;
	json_add_text(before, credential->hash);
	for (i = 0; i < n && (int64_t)i + 2 < pool->password_history; i++)
		json_add_text(before, json_as_text(json_at(credential->before, i)));
	return before;
}

int
policy_renew(struct rq *rq, const struct pool *pool, const struct user *user,
    const char *password, struct renewal *renewal_r)
{
	const struct credential *credential = NULL;
	int r;

	*renewal_r = (struct renewal) { NULL, NULL };
	if ((r = policy_check(rq, pool, password)) != 0)
		return r;
	if (pool->password_history > 0 &&
	    (r = credential_get(rq, pool->id, user->sub, &credential)) != 0)
		return r;
	if (credential != NULL) {
		/* Each of them costs a hash, and whoever asks may ask again. */
		if ((r = limit_take(rq, LIMIT_SIGN_IN, NULL, false)) != 0)
			return r;
		if (policy_remembers(rq, pool, credential, password))
			return refuse(rq, &password_reused, "one of the last passwords");
		kv_expect_same(rq, credential->record->key, credential->record->seen);
		renewal_r->before = policy_history(rq, pool, credential);
	}
	return password_hash(rq, password, &renewal_r->hash);
}

/* Characters that nobody confuses, in mail or on paper, and that HTML leaves alone. Drawing until
 * the policy is met keeps every password that meets it equally likely. */
const char *
policy_generate(struct rq *rq, const struct pool *pool)
{
	static const char alphabet[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
	    "23456789!#$%*+-=?@_";
	size_t n = pool->password_least > GENERATED ? (size_t)pool->password_least : GENERATED;
	const char *password;

	do
		password = random_text(rq->mem, n, alphabet);
	while (policy_broken(pool, password) != NULL);
	return password;
}
