/* recover - a new password for somebody who forgot the old one */
#include <string.h>

#include "account/lock.h"
#include "account/mfa.h"
#include "account/notice.h"
#include "account/policy.h"
#include "account/recover.h"
#include "account/refusals.h"
#include "crypto/password.h"

/* AccountRecoverySetting's names for attributes, in the order of a pool that sets nothing
 * (idp-api.md 14). */
static const struct { const char *name, *attribute, *verified; } channels[] = {
	{ "verified_phone_number", "phone_number", "phone_number_verified" },
	{ "verified_email", "email", "email_verified" },
};

static bool
has_proven(const struct user *user, const char *attribute, const char *verified)
{
	return user_attribute(user, attribute) != NULL &&
	    text_equal(user_attribute(user, verified), "true");
}

static const struct json *
mechanisms(const struct pool *pool)
{
	return json_get(json_get(pool->doc, "AccountRecoverySetting"), "RecoveryMechanisms");
}

/* Never where codes of the second factor go (pages.md 8): one mailbox would be both factors. */
static bool
is_usable(struct rq *rq, const struct user *user, const char *attribute)
{
	return notice_reaches(attribute) && !mfa_goes_to(rq, user, attribute);
}

/* The proven attribute with the best priority among those the pool allows; NULL if there is none.
 * With a request: one that a code can be sent to. */
static const char *
best_channel(struct rq *rq, const struct user *user, const struct json *list)
{
	int64_t rank, least = INT64_MAX;
	const char *best = NULL;
	size_t i;

	for (i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		const struct json *row = json_find(list, "Name", channels[i].name);

		rank = json_int(row, "Priority", (int64_t)i);
		if ((json_count(list) > 0 && row == NULL) || rank >= least ||
		    !has_proven(user, channels[i].attribute, channels[i].verified) ||
		    (rq != NULL && !is_usable(rq, user, channels[i].attribute)))
			continue;
		least = rank;
		best = channels[i].attribute;
	}
	return best;
}

const char *
recover_channel(const struct pool *pool, const struct user *user)
{
	return best_channel(NULL, user, mechanisms(pool));
}

bool
recover_offered(const struct pool *pool)
{
	return json_find(mechanisms(pool), "Name", "admin_only") == NULL;
}

/* idp-api.md 14: status by operation. */
static bool
has_settled(const struct user *user)
{
	return text_equal(user->status, "CONFIRMED") || text_equal(user->status, "RESET_REQUIRED");
}

static int
need_channel(struct rq *rq, const struct user *user, const char **attribute_r)
{
	*attribute_r = best_channel(rq, user, mechanisms(rq->pool));
	return *attribute_r != NULL ? 0 : refuse(rq, &no_recovery, "no proven address that the "
	    "pool allows, or only that of the second factor");
}

/* May this user's password be reset now, and by a code to which attribute? */
static int
resettable(struct rq *rq, const struct user *user, const char **attribute_r)
{
	*attribute_r = NULL;
	if (!user->enabled)
		return refuse(rq, &user_disabled, "user is disabled");
	if (text_equal(user->status, "UNCONFIRMED"))
		return refuse(rq, &no_recovery, "the user has proven nothing yet");
	if (!has_settled(user))
		return refuse(rq, &not_resettable, "the user's status is %s", user->status);
	return need_channel(rq, user, attribute_r);
}

/* The attribute of somebody whom nobody has, who has proven both: the one that he is called by,
 * where the pool allows it, or else the best. */
static const char *
nobody_channel(const struct pool *pool, const char *name)
{
	const struct json *list = mechanisms(pool);
	const char *best = "email";
	int64_t rank, least = INT64_MAX;
	size_t i;

	for (i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		const struct json *row = json_find(list, "Name", channels[i].name);

		rank = json_int(row, "Priority", (int64_t)i);
		if ((json_count(list) > 0 && row == NULL) ||
		    !notice_reaches(channels[i].attribute))
			continue;
		if (strchr(name, '@') != NULL ? i == 1 : *name == '+' && i == 0)
			return channels[i].attribute;
		if (rank < least) {
			least = rank;
			best = channels[i].attribute;
		}
	}
	return best;
}

/* Whose password it is about. Where users are hidden, somebody whose password cannot be reset is as
 * good as nobody. */
static int
forgetful_user(struct rq *rq, const struct client *client, const char *name,
    const struct user **user_r, const char **attribute_r)
{
	int r;

	*attribute_r = NULL;
	if (!recover_offered(rq->pool))
		return refuse(rq, &ask_administrator, "the pool's recovery is admin_only");
	if ((r = user_find(rq, rq->pool, name, false, user_r)) != 0)
		return r;
	if (*user_r == NULL && !client->hides_users)
		return refuse(rq, &no_such_pair, "unknown user");
	if (*user_r != NULL &&
	    ((r = resettable(rq, *user_r, attribute_r)) == 0 || !client->hides_users))
		return r;
	rq->refusal = NULL;
	*attribute_r = nobody_channel(rq->pool, name);
	return otp_nobody(rq, name, user_r);
}

int
recover_send(struct rq *rq, const struct client *client, const char *name,
    const struct delivery **delivery_r)
{
	const struct user *user;
	const char *attribute;
	int r;

	*delivery_r = NULL;
	if ((r = forgetful_user(rq, client, name, &user, &attribute)) != 0 ||
	    (r = otp_allow(rq, OTP_RECOVERY, user, attribute)) != 0)
		return r;
	return otp_send(rq, OTP_RECOVERY, client, user, attribute, delivery_r);
}

int
recover_demand(struct rq *rq, const struct user *user)
{
	struct json *doc = user_doc_copy(rq, user);
	const struct delivery *delivery;
	const char *attribute;
	int r;

	if (!has_settled(user))
		return refuse(rq, &not_resettable, "the user's status is %s", user->status);
	json_set_text(doc, "UserStatus", "RESET_REQUIRED");
	if ((r = need_channel(rq, user, &attribute)) != 0 ||
	    (r = user_change(rq, rq->pool, user, doc)) != 0)
		return r;
	return otp_send(rq, OTP_RECOVERY, NULL, user, attribute, &delivery);
}

int
recover_confirm(struct rq *rq, const struct client *client, const char *name, const char *code,
    const char *password)
{
	const struct ticket *ticket;
	struct renewal renewal;
	const char *attribute;
	const struct user *user;
	struct json *doc;
	int r;

	if ((r = forgetful_user(rq, client, name, &user, &attribute)) != 0 ||
	    (r = otp_check(rq, OTP_RECOVERY, user, code, &ticket)) != 0 ||
	    (r = policy_renew(rq, rq->pool, user, password, &renewal)) != 0)
		return r;
	doc = user_doc_copy(rq, user);
	json_set_text(doc, "UserStatus", "CONFIRMED");
	user_doc_set(rq, doc, arena_printf(rq->mem, "%s_verified", ticket->attribute), "true");
	if ((r = user_change(rq, rq->pool, user, doc)) != 0 ||
	    (r = credential_put(rq, rq->pool->id, user->sub, renewal.hash, false,
	    renewal.before)) != 0 ||
	    (r = lock_lift_of(rq, "password", user->username)) != 0)
		return r;
	ticket_take(rq, ticket);
	return 0;
}
