/* signin - proving who one is with a name and a password (pages.md 5, 6; idp-api.md 8.2, 13) */
#include "account/attribute.h"
#include "account/lock.h"
#include "account/mfa.h"
#include "account/policy.h"
#include "account/refusals.h"
#include "account/signin.h"
#include "base/text.h"
#include "crypto/password.h"
#include "web/limit.h"

/* One attempt to sign in, as far as it is known. */
struct attempt {
	const struct client *client;
	const struct user *user;		/* NULL: nobody of that name */
	const struct credential *credential;	/* NULL: no password */
	struct lock lock;
};

static int
attempt_open(struct rq *rq, const char *name, struct attempt *attempt)
{
	int r;

	if ((r = user_find(rq, rq->pool, name, false, &attempt->user)) != 0)
		return r;
	if (attempt->user == NULL && !attempt->client->hides_users)
		return refuse(rq, &no_user, "unknown user");
	if (attempt->user != NULL)	/* all names of a user share one count */
		name = attempt->user->username;
	if ((r = lock_open(rq, "password", name, attempt->user == NULL, &attempt->lock)) != 0 ||
	    attempt->user == NULL)
		return r;
	return credential_get(rq, rq->pool->id, attempt->user->sub, &attempt->credential);
}

static int
attempt_failed(struct rq *rq, const struct attempt *attempt)
{
	const struct user *user = attempt->user;
	int r;

	/* Imported without a password: there is nothing to guess. */
	if (user != NULL && attempt->credential == NULL && !attempt->client->hides_users &&
	    text_equal(user->status, "RESET_REQUIRED"))
		return refuse(rq, &reset_required, "imported user without a password");
	if ((r = lock_count(rq, &attempt->lock)) != 0)
		return r;
	return refuse(rq, &wrong_credentials, "%s", user == NULL ? "unknown user" :
	    attempt->credential == NULL ? "user without a password" : "wrong password");
}

/* Only with the right password does anyone learn what state the user is in. */
static int
attempt_outcome(struct rq *rq, const struct attempt *attempt, enum signin *outcome_r)
{
	static const struct { const char *status; enum signin outcome; } states[] = {
		{ "CONFIRMED", SIGNIN_DONE },
		{ "EXTERNAL_PROVIDER", SIGNIN_DONE },
		{ "UNCONFIRMED", SIGNIN_UNCONFIRMED },
		{ "FORCE_CHANGE_PASSWORD", SIGNIN_NEW_PASSWORD },
		{ "RESET_REQUIRED", SIGNIN_RESET },
	};
	const struct user *user = attempt->user;
	int64_t life = rq->pool->temporary_days * 24 * 3600 * 1000;
	size_t i;

	if (!user->enabled)
		return refuse(rq, &user_disabled, "user is disabled");
	if (attempt->credential->temporary && rq->now >= attempt->credential->set + life)
		return refuse(rq, &temporary_expired, "temporary password is too old");
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (text_equal(user->status, states[i].status)) {
			*outcome_r = states[i].outcome;
			return 0;
		}
	}
	return fault(rq, "user with the status %s", user->status);
}

/* A hash made with yesterday's parameters is made anew while the password is at hand: unless
 * someone else just changed it. A temporary one keeps its age. */
static int
attempt_rehash(struct rq *rq, const struct attempt *attempt, const char *password)
{
	const struct credential *credential = attempt->credential;
	const char *hash;
	int r;

	if (credential->temporary || !password_outdated(credential->hash))
		return 0;
	if ((r = password_hash(rq, password, &hash)) != 0)
		return r;
	kv_expect_same(rq, credential->record->key, credential->record->seen);
	return credential_put(rq, rq->pool->id, attempt->user->sub, hash, false,
	    credential->before);
}

int
signin_password(struct rq *rq, const struct client *client, const char *name,
    const char *password, const struct user **user_r, enum signin *outcome_r)
{
	struct attempt attempt = { .client = client };
	const char *hash;
	int r;

	*user_r = NULL;
	*outcome_r = SIGNIN_DONE;
	if ((r = limit_take(rq, LIMIT_SIGN_IN, NULL, false)) != 0 ||
	    (r = attempt_open(rq, name, &attempt)) != 0)
		return r;
	hash = attempt.credential == NULL ? NULL : attempt.credential->hash;
	if (!password_verify(rq, hash, password))
		return attempt_failed(rq, &attempt);
	if ((r = attempt_outcome(rq, &attempt, outcome_r)) != 0 ||
	    (r = attempt_rehash(rq, &attempt, password)) != 0)
		return r;
	lock_lift(rq, &attempt.lock);
	*user_r = attempt.user;
	return 0;
}

/* Who comes from another provider has no password here. */
const char *
signin_methods(struct rq *rq, const struct user *user)
{
	return text_equal(user->status, "EXTERNAL_PROVIDER") ? "" :
	    arena_join(rq->mem, "pwd", "", mfa_methods(rq, rq->pool, user));
}

int
signin_temporary(struct rq *rq, const struct user *user, int64_t *set_r)
{
	const struct credential *credential;
	int r;

	*set_r = 0;
	if ((r = credential_get(rq, rq->pool->id, user->sub, &credential)) != 0)
		return r;
	if (credential != NULL && credential->temporary)
		*set_r = credential->set;
	return 0;
}

int
signin_new_password(struct rq *rq, const struct client *client, const struct user *user,
    const char *password, const struct json *attributes)
{
	struct json *doc = user_doc_copy(rq, user);
	struct renewal renewal;
	struct words missing;
	int r;

	/* The page may come back after an administrator changed his mind. */
	if (!user->enabled || !text_equal(user->status, "FORCE_CHANGE_PASSWORD"))
		return refuse(rq, &wrong_credentials, "no new password is asked of this user now");
	if ((r = policy_renew(rq, rq->pool, user, password, &renewal)) != 0 ||
	    (r = attribute_set(rq, rq->pool, client, user, attributes, doc)) != 0)
		return r;
	missing = attribute_missing(rq, rq->pool, doc);
	if (missing.n > 0)
		return refuse_with(rq, &attribute_missing_one, missing.at[0], "required");
	if ((r = attribute_claim(rq, rq->pool, user, doc, false)) != 0)
		return r;
	json_set_text(doc, "UserStatus", "CONFIRMED");
	if ((r = user_change(rq, rq->pool, user, doc)) != 0)
		return r;
	return credential_put(rq, rq->pool->id, user->sub, renewal.hash, false, renewal.before);
}
