/* policy - what a pool demands of passwords (pages.md 7, idp-api.md 14.5) */
#include <string.h>

#include "account/policy.h"
#include "account/refusals.h"
#include "base/random.h"
#include "base/syntax.h"
#include "base/text.h"

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
