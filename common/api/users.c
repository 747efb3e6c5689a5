/* users - people, as administrators handle them (idp-api.md 5.4, 14) */
#include <string.h>

#include "account/attribute.h"
#include "account/notice.h"
#include "account/policy.h"
#include "account/recover.h"
#include "account/refusals.h"
#include "api/filter.h"
#include "api/need.h"
#include "api/op.h"
#include "api/page.h"
#include "api/users.h"
#include "crypto/password.h"

enum { LOOK_AT = 20000 };	/* users, to find a page of those that pass a filter */

/*
 * Answers.
 */

/* sub is an attribute like any other to those who ask; the record keeps it by itself. */
static struct json *
show_attributes(struct rq *rq, const struct user *user, struct words only)
{
	struct json *list = json_array(rq->mem), *sub = json_object(rq->mem);
	size_t i;

	json_set_text(sub, "Name", "sub");
	json_set_text(sub, "Value", user->sub);
	if (only.n == 0 || words_have(only, "sub"))
		json_add(list, sub);
	for (i = 0; i < json_count(user->attributes); i++) {
		const struct json *one = json_at(user->attributes, i);

		if (only.n == 0 || words_have(only, json_text(one, "Name")))
			json_add(list, one);
	}
	return list;
}

struct json *
users_show(struct rq *rq, const struct user *user, struct words only)
{
	struct json *answer = json_copy(rq->mem, user->doc);

	json_set(answer, "Attributes", show_attributes(rq, user, only));
	return answer;
}

int
op_get_user(struct rq *rq, const struct json *in, struct json *out)
{
	static const char *const members[] = { "Username", "UserCreateDate", "UserLastModifiedDate",
		"Enabled", "UserStatus", "UserMFASettingList", "PreferredMfaSetting" };
	const struct words all = { 0, NULL };
	const struct pool *pool;
	const struct user *user;
	size_t i;
	int r;

	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_set(out, members[i], json_get(user->doc, members[i]));
	json_set(out, "UserAttributes", show_attributes(rq, user, all));
	return 0;
}

/*
 * Creation.
 */

/* Where the invitation goes: to each address whose medium the caller wants, where he names none to
 * the first that there is. A medium without its address is refused. */
static int
check_delivery(struct rq *rq, const struct json *in, const struct user *user, struct words *to_r)
{
	static const char *const attributes[] = { "phone_number", "email" };
	struct words mediums = json_words(rq->mem, in, "DesiredDeliveryMediums");
	const char **to = arena_array(rq->mem, 2, sizeof(*to));
	size_t i;

	*to_r = (struct words){ 0, to };
	if (text_equal(json_text(in, "MessageAction"), "SUPPRESS"))
		return 0;
	for (i = 0; i < 2; i++)
		if (user_attribute(user, attributes[i]) != NULL && notice_reaches(attributes[i]) &&
		    (mediums.n == 0 ? to_r->n == 0 :
		    words_have(mediums, notice_medium(attributes[i]))))
			to[to_r->n++] = attributes[i];
	if (to_r->n > 0 || mediums.n == 0)
		return 0;
	return refuse_with(rq, &invalid_parameter, words_have(mediums, "EMAIL") ?
	    "User has no email attribute to deliver the message to." :
	    notice_reaches("phone_number") ?
	    "User has no phone_number attribute to deliver the message to." :
	    "SMS is not available on this server.", "no way to send the invitation");
}

struct invitation {
	const char *password;
	struct renewal renewal;
	struct words to;	/* attributes */
};

/* A temporary password for a user that is new or gets another one. Collects nothing. */
static int
invitation_make(struct rq *rq, const struct json *in, const struct pool *pool,
    const struct user *user, struct invitation *invitation)
{
	int r;

	invitation->password = json_text(in, "TemporaryPassword");
	if ((r = check_delivery(rq, in, user, &invitation->to)) != 0)
		return r;
	if (invitation->password == NULL)
		invitation->password = policy_generate(rq, pool);
	return policy_renew(rq, pool, user, invitation->password, &invitation->renewal);
}

static int
invitation_put(struct rq *rq, const struct pool *pool, const struct user *user,
    const struct invitation *invitation)
{
	size_t i;
	int r;

	r = credential_put(rq, pool->id, user->sub, invitation->renewal.hash, true,
	    invitation->renewal.before);
	for (i = 0; i < invitation->to.n && r == 0; i++)
		r = notice_send(rq, NOTICE_INVITATION, NULL, user, invitation->to.at[i], true,
		    invitation->password);
	return r;
}

static int
resend(struct rq *rq, const struct json *in, struct json *out)
{
	const struct words all = { 0, NULL };
	struct invitation invitation;
	const struct pool *pool;
	const struct user *user;
	int r;

	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	if (!text_equal(user->status, "FORCE_CHANGE_PASSWORD"))
		return refuse_with(rq, &wrong_state, arena_printf(rq->mem,
		    "Resend not possible. %s status is not FORCE_CHANGE_PASSWORD", user->username),
		    "status is %s", user->status);
	if ((r = invitation_make(rq, in, pool, user, &invitation)) != 0)
		return r;
	need_still(rq, user->record);
	json_set(out, "User", users_show(rq, user, all));
	return invitation_put(rq, pool, user, &invitation);
}

/* The list with the name as one of the attributes. */
static const struct json *
with_name(struct rq *rq, const struct json *list, const char *attribute, const char *name)
{
	struct json *all = json_array(rq->mem), *entry = json_object(rq->mem);
	size_t i;

	if (attribute == NULL)
		return list;
	json_set_text(entry, "Name", attribute);
	json_set_text(entry, "Value", name);
	json_add(all, entry);
	for (i = 0; i < json_count(list); i++)
		if (!text_equal(json_text(json_at(list, i), "Name"), attribute))
			json_add(all, json_at(list, i));
	return all;
}

/* Everything about a new user that can be wrong. */
static int
check_new(struct rq *rq, const struct json *in, const struct pool *pool, const char *name,
    const char *attribute, struct json *doc)
{
	const struct user *other = NULL;
	int r;

	r = attribute_set(rq, pool, NULL, NULL,
	    with_name(rq, json_get(in, "UserAttributes"), attribute, name), doc);
	if (r != 0)
		return r;
	/* Whatever leads to somebody already cannot become another's username. */
	if (attribute == NULL && (r = user_find(rq, pool, name, false, &other)) != 0)
		return r;
	return other == NULL ? 0 : refuse(rq, &user_exists, "the name is taken");
}

int
op_create_user(struct rq *rq, const struct json *in, struct json *out)
{
	const char *name = json_text(in, "Username"), *attribute;
	bool force = json_flag(in, "ForceAliasCreation", false);
	const struct words all = { 0, NULL };
	struct invitation invitation;
	const struct pool *pool;
	const struct user *user;
	struct json *doc;
	int r;

	if (text_equal(json_text(in, "MessageAction"), "RESEND"))
		return resend(rq, in, out);
	if ((r = need_pool(rq, in, &pool)) != 0 ||
	    (r = attribute_username(rq, pool, name, &attribute)) != 0)
		return r;
	doc = user_doc_new(rq, pool, attribute != NULL ? NULL : name, "FORCE_CHANGE_PASSWORD");
	if ((r = check_new(rq, in, pool, name, attribute, doc)) != 0)
		return r;
	user = user_view(rq, pool, doc);
	if ((r = invitation_make(rq, in, pool, user, &invitation)) != 0 ||
	    (r = attribute_claim(rq, pool, NULL, doc, force)) != 0 ||
	    (r = user_create(rq, pool, doc)) != 0 ||
	    (r = invitation_put(rq, pool, user, &invitation)) != 0)
		return r;
	need_still(rq, pool->record);
	json_set(out, "User", users_show(rq, user, all));
	return 0;
}

/*
 * Changes.
 */

int
op_set_user_password(struct rq *rq, const struct json *in, struct json *out)
{
	bool permanent = json_flag(in, "Permanent", false);
	const struct pool *pool;
	const struct user *user;
	struct renewal renewal;
	struct json *doc;
	int r;

	(void)out;
	if ((r = need_user(rq, in, &pool, &user)) != 0 ||
	    (r = policy_renew(rq, pool, user, json_text(in, "Password"), &renewal)) != 0)
		return r;
	doc = user_doc_copy(rq, user);
	json_set_text(doc, "UserStatus", permanent ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD");
	r = credential_put(rq, pool->id, user->sub, renewal.hash, !permanent, renewal.before);
	if (r != 0)
		return r;
	return user_change(rq, pool, user, doc);
}

int
op_reset_user_password(struct rq *rq, const struct json *in, struct json *out)
{
	const struct pool *pool;
	const struct user *user;
	int r;

	(void)out;
	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	return recover_demand(rq, user);
}

int
op_confirm_sign_up(struct rq *rq, const struct json *in, struct json *out)
{
	const struct pool *pool;
	const struct user *user;
	struct json *doc;
	int r;

	(void)out;
	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	if (!text_equal(user->status, "UNCONFIRMED"))
		return refuse_with(rq, &not_confirmable, user->status, "status is %s",
		    user->status);
	doc = user_doc_copy(rq, user);
	json_set_text(doc, "UserStatus", "CONFIRMED");
	return user_change(rq, pool, user, doc);
}

/* Ends what the user was given until now, this millisecond included; enabling does not revive
 * it. */
static void
end_tokens(struct rq *rq, struct json *doc)
{
	json_set_int(doc, "TokensNotBefore", rq->now + 1);
}

static int
set_enabled(struct rq *rq, const struct json *in, bool enabled)
{
	const struct pool *pool;
	const struct user *user;
	struct json *doc;
	int r;

	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	doc = user_doc_copy(rq, user);
	json_set_bool(doc, "Enabled", enabled);
	if (!enabled)
		end_tokens(rq, doc);
	return user_change(rq, pool, user, doc);
}

int
op_disable_user(struct rq *rq, const struct json *in, struct json *out)
{
	(void)out;
	return set_enabled(rq, in, false);
}

int
op_enable_user(struct rq *rq, const struct json *in, struct json *out)
{
	(void)out;
	return set_enabled(rq, in, true);
}

int
op_sign_out_user(struct rq *rq, const struct json *in, struct json *out)
{
	const struct pool *pool;
	const struct user *user;
	struct json *doc;
	int r;

	(void)out;
	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	doc = json_copy(rq->mem, user->doc);
	end_tokens(rq, doc);
	return user_change(rq, pool, user, doc);
}

static int
change_attributes(struct rq *rq, const struct json *in, const struct json *list)
{
	const struct pool *pool;
	const struct user *user;
	struct json *doc;
	int r;

	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	doc = user_doc_copy(rq, user);
	if ((r = attribute_set(rq, pool, NULL, user, list, doc)) != 0 ||
	    (r = attribute_claim(rq, pool, user, doc, false)) != 0)
		return r;
	return user_change(rq, pool, user, doc);
}

int
op_update_user_attributes(struct rq *rq, const struct json *in, struct json *out)
{
	(void)out;
	return change_attributes(rq, in, json_get(in, "UserAttributes"));
}

int
op_delete_user_attributes(struct rq *rq, const struct json *in, struct json *out)
{
	struct words names = json_words(rq->mem, in, "UserAttributeNames");
	struct json *list = json_array(rq->mem);
	size_t i;

	(void)out;
	for (i = 0; i < names.n; i++) {
		struct json *entry = json_object(rq->mem);

		json_set_text(entry, "Name", names.at[i]);
		json_set_text(entry, "Value", "");
		json_add(list, entry);
	}
	return change_attributes(rq, in, list);
}

/* Sessions, codes and tokens name the sub, which nobody gets again: they are dead without the user
 * and go when their time comes. */
int
op_delete_user(struct rq *rq, const struct json *in, struct json *out)
{
	const struct group *const *groups;
	const struct pool *pool;
	const struct user *user;
	size_t i, n;
	int r;

	(void)out;
	if ((r = need_user(rq, in, &pool, &user)) != 0 ||
	    (r = group_of_user(rq, pool->id, user->sub, &groups, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		group_leave(rq, pool->id, groups[i]->name, user->sub);
	user_drop(rq, pool, user);
	return 0;
}

/*
 * Lists.
 */

static int
check_wanted(struct rq *rq, const struct pool *pool, struct words only)
{
	size_t i;

	for (i = 0; i < only.n; i++)
		if (pool_attribute(pool, only.at[i]) == NULL)
			return refuse_with(rq, &invalid_parameter, arena_printf(rq->mem,
			    "One or more requested attributes do not exist: %s", only.at[i]),
			    "AttributesToGet names what is not in the schema");
	return 0;
}

struct search {
	const struct pool *pool;
	struct filter filter;
	struct words only;
	size_t most;
};

/* Goes on after *after until there are enough; *after is then the last looked at, NULL at the end
 * of all. A filter that fits few does not hold up everybody else: the caller comes back for
 * more. */
static int
search(struct rq *rq, const struct search *what, struct json *found, const char **after)
{
	size_t i, n, piece = what->filter.name == NULL ? what->most : 1000, looked = 0;
	const struct user *const *users;
	int r;

	for (;;) {
		if ((r = user_list(rq, what->pool, *after, piece, &users, &n)) != 0)
			return r;
		for (i = 0; i < n; i++) {
			if (json_count(found) == what->most)
				return 0;
			*after = users[i]->username;
			if (filter_passes(&what->filter, what->pool, users[i]))
				json_add(found, users_show(rq, users[i], what->only));
		}
		looked += n;
		if (n < piece)
			*after = NULL;
		if (n < piece || json_count(found) == what->most || looked >= LOOK_AT)
			return 0;
	}
}

/* What is asked for exactly need not be searched for where an index leads to it. Of other
 * attributes many users may have the same, and aliases lead only to whom has proven them. */
static bool
is_indexed(const struct search *what)
{
	const char *name = what->filter.name;

	if (name == NULL || what->filter.prefix)
		return false;
	return strcmp(name, "username") == 0 || strcmp(name, "sub") == 0 ||
	    (words_have(what->pool->username_attributes, name) && !what->pool->case_sensitive);
}

static int
look_up(struct rq *rq, const struct search *what, struct json *found)
{
	const char *name = what->filter.name, *username = what->filter.value;
	const struct user *user;
	int r = 0;

	if (strcmp(name, "username") != 0)
		r = user_alias(rq, what->pool, name, what->filter.value, &username);
	if (r != 0 || username == NULL || (r = user_get(rq, what->pool, username, &user)) != 0)
		return r;
	if (user != NULL && filter_passes(&what->filter, what->pool, user))
		json_add(found, users_show(rq, user, what->only));
	return 0;
}

int
op_list_users(struct rq *rq, const struct json *in, struct json *out)
{
	static const struct page page = { "ListUsers", "PaginationToken", "Limit", 60 };
	struct search what = { .only = json_words(rq->mem, in, "AttributesToGet") };
	struct json *found = json_array(rq->mem);
	const char *after;
	int r;

	if ((r = need_pool(rq, in, &what.pool)) != 0 ||
	    (r = check_wanted(rq, what.pool, what.only)) != 0 ||
	    (r = filter_parse(rq, json_text(in, "Filter"), &what.filter)) != 0 ||
	    (r = page_open(rq, &page, in, &after, &what.most)) != 0 ||
	    (r = is_indexed(&what) ? look_up(rq, &what, found) :
	    search(rq, &what, found, &after)) != 0)
		return r;
	json_set(out, "Users", found);
	return page_more(rq, &page, in, out, after);
}
