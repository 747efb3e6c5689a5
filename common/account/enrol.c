/* enrol - sign-up, its confirmation, and new codes (pages.md 6, 7, 8; idp-api.md 5.1) */
#include <string.h>

#include "account/attribute.h"
#include "account/enrol.h"
#include "account/notice.h"
#include "account/policy.h"
#include "account/refusals.h"
#include "crypto/password.h"

/* Which attribute of a new user gets the code: auto-verified, present and within reach; only the
 * phone, where both are (pages.md 8). */
static const char *
code_attribute(const struct pool *pool, const struct user *user)
{
	static const char *const attributes[] = { "phone_number", "email" };
	size_t i;

	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (words_have(pool->auto_verified, attributes[i]) &&
		    user_attribute(user, attributes[i]) != NULL && notice_reaches(attributes[i]))
			return attributes[i];
	return NULL;
}

/*
 * Sign-up.
 */

/* The list without an attribute: the name that was signed up with says what its value is. */
static struct json *
list_without(struct rq *rq, const struct json *list, const char *attribute)
{
	struct json *rest = json_array(rq->mem);
	size_t i;

	for (i = 0; i < json_count(list); i++)
		if (attribute == NULL ||
		    !text_equal(json_text(json_at(list, i), "Name"), attribute))
			json_add(rest, json_at(list, i));
	return rest;
}

/* Everything about the new user that can be wrong. */
static int
signup_check(struct rq *rq, const struct client *client, const char *name, const char *attribute,
    const struct json *attributes, struct json *doc)
{
	const struct user *other;
	int r;

	if (attribute != NULL)
		user_doc_set(rq, doc, attribute, name);
	if ((r = attribute_set(rq, rq->pool, client, NULL, list_without(rq, attributes, attribute),
	    doc)) != 0)
		return r;
	/* Whatever leads to somebody already cannot become another's username. */
	if (attribute == NULL && (r = user_find(rq, rq->pool, name, false, &other)) != 0)
		return r;
	if (attribute == NULL && other != NULL)
		return refuse(rq, &user_exists, "the name is taken");
	return attribute_claim(rq, rq->pool, NULL, doc, false);
}

int
enrol_signup(struct rq *rq, const struct client *client, const char *name, const char *password,
    const struct json *attributes, const struct enrolled **enrolled_r)
{
	struct enrolled *enrolled = arena_alloc(rq->mem, sizeof(*enrolled));
	const char *attribute, *hash, *proves;
	const struct user *user;
	struct json *doc;
	int r;

	*enrolled_r = NULL;
	if (rq->pool->admin_create_only)
		return refuse(rq, &sign_up_closed, "only administrators create users of this pool");
	if ((r = attribute_username(rq, rq->pool, name, &attribute)) != 0 ||
	    (r = policy_check(rq, rq->pool, password)) != 0)
		return r;
	doc = user_doc_new(rq, rq->pool, attribute != NULL ? NULL : name, "UNCONFIRMED");
	if ((r = signup_check(rq, client, name, attribute, attributes, doc)) != 0 ||
	    (r = password_hash(rq, password, &hash)) != 0)
		return r;
	user = user_view(rq, rq->pool, doc);
	if ((proves = code_attribute(rq->pool, user)) != NULL &&
	    (r = otp_allow_address(rq, user_attribute(user, proves))) != 0)
		return r;
	if ((r = user_create(rq, rq->pool, doc)) != 0 ||
	    (r = credential_put(rq, rq->pool->id, user->sub, hash, false, NULL)) != 0)
		return r;
	if (proves != NULL && (r = otp_send(rq, OTP_SIGN_UP, client, user, proves,
	    &enrolled->delivery)) != 0)
		return r;
	enrolled->username = user->username;
	enrolled->sub = user->sub;
	*enrolled_r = enrolled;
	return 0;
}

/*
 * Confirmation.
 */

/* The code proves the address it went to. */
static int
confirm(struct rq *rq, const struct user *user, const struct ticket *ticket, bool force,
    const struct user **user_r)
{
	struct json *doc = user_doc_copy(rq, user);
	int r;

	user_doc_set(rq, doc, arena_printf(rq->mem, "%s_verified", ticket->attribute), "true");
	json_set_text(doc, "UserStatus", "CONFIRMED");
	if ((r = attribute_claim(rq, rq->pool, user, doc, force)) != 0 ||
	    (r = user_change(rq, rq->pool, user, doc)) != 0)
		return r;
	ticket_take(rq, ticket);
	*user_r = user_view(rq, rq->pool, doc);
	return 0;
}

/* A user who may be confirmed, or why not. Where users are hidden, somebody who is confirmed or
 * disabled is as good as nobody: no password was asked for here, so whoever asks may be anybody,
 * about anybody, in pools too where nobody signs up. */
static int
unconfirmed_user(struct rq *rq, const struct client *client, const char *name,
    const struct refusal *otherwise, const struct user **user_r)
{
	const struct user *user;
	int r;

	*user_r = NULL;
	if ((r = user_find(rq, rq->pool, name, false, &user)) != 0)
		return r;
	if (client->hides_users) {
		bool waits = user != NULL && user->enabled &&
		    text_equal(user->status, "UNCONFIRMED");

		*user_r = user;
		return waits ? 0 : otp_nobody(rq, name, user_r);
	}
	if (user == NULL)
		return refuse(rq, &no_such_pair, "unknown user");
	if (!user->enabled)
		return refuse(rq, &user_disabled, "user is disabled");
	if (!text_equal(user->status, "UNCONFIRMED"))
		return refuse_with(rq, otherwise, user->status, "user is not unconfirmed");
	*user_r = user;
	return 0;
}

int
enrol_confirm(struct rq *rq, const struct client *client, const char *name, const char *code,
    bool force, const struct user **user_r)
{
	const struct ticket *ticket;
	const struct user *user;
	int r;

	*user_r = NULL;
	if ((r = unconfirmed_user(rq, client, name, &not_confirmable, &user)) != 0 ||
	    (r = otp_check(rq, OTP_SIGN_UP, user, code, &ticket)) != 0)
		return r;
	return confirm(rq, user, ticket, force, user_r);
}

int
enrol_resend(struct rq *rq, const struct client *client, const char *name,
    const struct delivery **delivery_r)
{
	const char *attribute;
	const struct user *user;
	int r;

	*delivery_r = NULL;
	if ((r = unconfirmed_user(rq, client, name, &already_confirmed, &user)) != 0)
		return r;
	if ((attribute = code_attribute(rq->pool, user)) == NULL)
		return refuse(rq, &nothing_to_verify, "no attribute of the user is auto-verified");
	if ((r = otp_allow(rq, OTP_SIGN_UP, user, attribute)) != 0)
		return r;
	return otp_send(rq, OTP_SIGN_UP, client, user, attribute, delivery_r);
}
