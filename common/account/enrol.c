/* enrol - sign-up, its confirmation, and new codes (pages.md 6, 7, 8; idp-api.md 5.1) */
#include <string.h>

#include "account/attribute.h"
#include "account/enrol.h"
#include "account/notice.h"
#include "account/policy.h"
#include "account/refusals.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "store/ticket.h"

static const char purpose[] = "sign-up";

enum {
	HOUR = 3600 * 1000,
	CODE_LIFE = 24 * HOUR,
	CODE_TRIES = 15,	/* per user and hour, and for one code in all its life */
	RESENDS = 5		/* per user and hour */
};

/*
 * Codes.
 */

/* Which attribute of a new user gets the code: auto-verified and present. Messages go by e-mail. */
static const char *
code_attribute(const struct pool *pool, const struct user *user)
{
	return words_have(pool->auto_verified, "email") && user_attribute(user, "email") != NULL ?
	    "email" : NULL;
}

static const struct delivery *
delivery_of(struct rq *rq, const char *attribute, const char *value)
{
	struct delivery *delivery = arena_alloc(rq->mem, sizeof(*delivery));

	delivery->attribute = attribute;
	delivery->medium = "EMAIL";
	delivery->destination = notice_mask(rq->mem, attribute, value);
	return delivery;
}

/* A new code, in place of any old one; none where nothing is to be verified. */
static int
code_send(struct rq *rq, const struct client *client, const struct user *user,
    const struct delivery **delivery_r)
{
	struct ticket ticket = { .purpose = purpose, .expires = rq->now + CODE_LIFE };
	const char *code;
	int r;

	*delivery_r = NULL;
	if ((ticket.attribute = code_attribute(rq->pool, user)) == NULL)
		return 0;
	ticket.destination = user_attribute(user, ticket.attribute);
	code = arena_printf(rq->mem, "%06u", random_below(1000000));
	if ((r = aead_seal(rq, "ticket", code, strlen(code), &ticket.sealed)) != 0 ||
	    (r = ticket_put(rq, rq->pool->id, user->sub, &ticket)) != 0 ||
	    (r = notice_send(rq, NOTICE_CODE, client, user, ticket.destination, code)) != 0)
		return r;
	*delivery_r = delivery_of(rq, ticket.attribute, ticket.destination);
	return 0;
}

/* pages.md 6. A name that nobody has is limited like any other, or the limit would tell. */
static int
limit(struct rq *rq, const char *what, const char *name, int64_t most, const char **subject_r,
    int64_t *count_r)
{
	struct throttle throttle;
	int r;

	if (!rq->pool->case_sensitive)
		name = text_lower(rq->mem, name);
	*subject_r = arena_printf(rq->mem, "%s:%s", what, digest_text(rq->mem, name));
	if ((r = throttle_get(rq, rq->pool->id, *subject_r, &throttle)) != 0)
		return r;
	*count_r = throttle.failures;
	if (throttle.failures >= most)
		return refuse(rq, &too_often, "%s: %lld within the hour", what,
		    (long long)throttle.failures);
	return 0;
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
	return attribute_free(rq, rq->pool, NULL, doc, false);
}

int
enrol_signup(struct rq *rq, const struct client *client, const char *name, const char *password,
    const struct json *attributes, const struct enrolled **enrolled_r)
{
	struct enrolled *enrolled = arena_alloc(rq->mem, sizeof(*enrolled));
	const char *attribute, *hash;
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
	if ((r = user_create(rq, rq->pool, doc)) != 0 ||
	    (r = credential_put(rq, rq->pool->id, user->sub, hash, false)) != 0 ||
	    (r = code_send(rq, client, user, &enrolled->delivery)) != 0)
		return r;
	enrolled->username = user->username;
	enrolled->sub = user->sub;
	*enrolled_r = enrolled;
	return 0;
}

/*
 * Confirmation.
 */

static int
code_check(struct rq *rq, const struct user *user, const char *code, const char *subject,
    int64_t tries, const struct ticket **ticket_r)
{
	unsigned char *right;
	size_t n;
	int r;

	if ((r = ticket_get(rq, rq->pool->id, user->sub, purpose, ticket_r)) != 0)
		return r;
	if (*ticket_r == NULL || (*ticket_r)->tries >= CODE_TRIES)
		return refuse(rq, &code_expired, *ticket_r == NULL ? "no code is outstanding" :
		    "the code was guessed at too often");
	r = aead_open(rq, "ticket", (*ticket_r)->sealed, &right, &n);
	if (r != 0)
		return r == REFUSED ? fault(rq, "a ticket that we did not seal") : r;
	if (secret_equal((const char *)right, code))
		return 0;
	if ((r = ticket_missed(rq, *ticket_r)) != 0 ||
	    (r = throttle_put(rq, rq->pool->id, subject, tries + 1, rq->now + HOUR)) != 0)
		return r;
	return refuse(rq, &code_mismatch, "wrong code");
}

/* The code proves the address it went to, if the user still has it. */
static int
confirm(struct rq *rq, const struct user *user, const struct ticket *ticket, bool force,
    const struct user **user_r)
{
	struct json *doc = user_doc_copy(rq, user);
	int r;

	if (!text_equal(user_attribute(user, ticket->attribute), ticket->destination))
		return refuse(rq, &code_expired, "the code went to an address of the past");
	user_doc_set(rq, doc, arena_printf(rq->mem, "%s_verified", ticket->attribute), "true");
	json_set_text(doc, "UserStatus", "CONFIRMED");
	if ((r = attribute_free(rq, rq->pool, user, doc, force)) != 0 ||
	    (r = user_change(rq, rq->pool, user, doc)) != 0)
		return r;
	ticket_take(rq, ticket);
	*user_r = user_view(rq, rq->pool, doc);
	return 0;
}

/* A user who may be confirmed, or why not. Nobody: what an unknown name is told. Where users are
 * hidden so is one who is confirmed already or disabled: no password was asked for here, so whoever
 * asks may be anybody, about anybody, in pools too where nobody signs up. */
static int
unconfirmed_user(struct rq *rq, const struct client *client, const char *name,
    const struct refusal *otherwise, const struct user **user_r)
{
	int r;

	if ((r = user_find(rq, rq->pool, name, false, user_r)) != 0)
		return r;
	if (*user_r == NULL)
		return client->hides_users ? 0 : refuse(rq, &no_such_pair, "unknown user");
	if (client->hides_users) {
		if (!(*user_r)->enabled || !text_equal((*user_r)->status, "UNCONFIRMED"))
			*user_r = NULL;
		return 0;
	}
	if (!(*user_r)->enabled)
		return refuse(rq, &user_disabled, "user is disabled");
	if (!text_equal((*user_r)->status, "UNCONFIRMED"))
		return refuse_with(rq, otherwise, (*user_r)->status, "user is not unconfirmed");
	return 0;
}

int
enrol_confirm(struct rq *rq, const struct client *client, const char *name, const char *code,
    bool force, const struct user **user_r)
{
	const struct ticket *ticket;
	const struct user *user;
	const char *subject;
	int64_t tries;
	int r;

	*user_r = NULL;
	if ((r = unconfirmed_user(rq, client, name, &not_confirmable, &user)) != 0 ||
	    (r = limit(rq, "confirm", user == NULL ? name : user->username, CODE_TRIES, &subject,
	    &tries)) != 0)
		return r;
	if (user == NULL) {
		r = throttle_put(rq, rq->pool->id, subject, tries + 1, rq->now + HOUR);
		return r != 0 ? r : refuse(rq, &code_expired, "unknown user");
	}
	if ((r = code_check(rq, user, code, subject, tries, &ticket)) != 0)
		return r;
	return confirm(rq, user, ticket, force, user_r);
}

/*
 * New codes.
 */

/* What somebody who does not exist is told: that a code went to an address such as others have. Its
 * letters follow from the name, so that asking twice shows the same. */
static const struct delivery *
delivery_feigned(struct rq *rq, const char *name)
{
	const char *letters = text_lower(rq->mem, digest_text(rq->mem,
	    arena_printf(rq->mem, "%s %s", rq->pool->id, name)));

	letters += strcspn(letters, "abcdefghijklmnopqrstuvwxyz");
	if (strchr(name, '@') == NULL)
		name = arena_printf(rq->mem, "%c@%c", *name, *letters != '\0' ? *letters : 'e');
	return delivery_of(rq, "email", name);
}

int
enrol_resend(struct rq *rq, const struct client *client, const char *name,
    const struct delivery **delivery_r)
{
	const struct user *user;
	const char *subject;
	int64_t sent;
	int r;

	*delivery_r = NULL;
	if ((r = unconfirmed_user(rq, client, name, &already_confirmed, &user)) != 0 ||
	    (r = limit(rq, "resend", user == NULL ? name : user->username, RESENDS, &subject,
	    &sent)) != 0)
		return r;
	if (!words_have(rq->pool->auto_verified, "email") ||
	    (user != NULL && code_attribute(rq->pool, user) == NULL))
		return refuse(rq, &nothing_to_verify, "no attribute of the user is auto-verified");
	if ((r = throttle_put(rq, rq->pool->id, subject, sent + 1, rq->now + HOUR)) != 0)
		return r;
	if (user != NULL)
		return code_send(rq, client, user, delivery_r);
	*delivery_r = delivery_feigned(rq, name);
	return 0;
}
