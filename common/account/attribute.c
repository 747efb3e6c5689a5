/* attribute - what attributes may hold and who may set them (pages.md 7, idp-api.md 14) */
#include <string.h>

#include "account/attribute.h"
#include "account/refusals.h"
#include "base/pattern.h"
#include "base/syntax.h"
#include "base/text.h"

enum { LONGEST_NAME = 128 };

/* What may be a sign-in name, and its flag; preferred_username needs no proof. */
static const struct handle {
	const char *attribute, *verified;
} handles[] = {
	{ "email", "email_verified" },
	{ "phone_number", "phone_number_verified" },
	{ "preferred_username", NULL },
};
enum { NHANDLES = sizeof(handles) / sizeof(handles[0]) };

/*
 * The value: by the type and the bounds of the schema.
 */

static bool
fits_length(const struct json *schema, const char *value)
{
	const struct json *bounds = json_get(schema, "StringAttributeConstraints");
	const char *least = json_text(bounds, "MinLength"), *most = json_text(bounds, "MaxLength");
	int64_t length = (int64_t)text_length(value), bound;

	if (least != NULL && text_number(least, &bound) && length < bound)
		return false;
	return most == NULL || !text_number(most, &bound) || length <= bound;
}

static bool
fits_range(const struct json *schema, const char *value)
{
	const struct json *bounds = json_get(schema, "NumberAttributeConstraints");
	const char *least = json_text(bounds, "MinValue"), *most = json_text(bounds, "MaxValue");
	double number = strtod(value, NULL);

	return (least == NULL || number >= strtod(least, NULL)) &&
	    (most == NULL || number <= strtod(most, NULL));
}

/* idp-api.md 14.2: attribute values travel as text, whatever their type. */
static bool
fits(const struct json *schema, const char *value)
{
	static const struct {
		const char *type, *pattern;
		bool (*bounded)(const struct json *, const char *);
	} types[] = {
		{ "String", NULL, fits_length },
		{ "Number", "-?[0-9]{1,15}(\\.[0-9]{1,15})?", fits_range },
		{ "Boolean", "true|false", NULL },
		{ "DateTime", "[0-9]{4}-[0-9]{2}-[0-9]{2}"
		    "(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?"
		    "(Z|[+-][0-9]{2}:?[0-9]{2})?)?", NULL },
	};
	const char *type = json_text(schema, "AttributeDataType");
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (text_equal(type, types[i].type))
			return (types[i].pattern == NULL ||
			    pattern_matches(types[i].pattern, value)) &&
			    (types[i].bounded == NULL || types[i].bounded(schema, value));
	return false;
}

static int
value_check(struct rq *rq, const struct json *schema, const char *name, const char *value)
{
	if (strcmp(name, "email") == 0 && !syn_email(value))
		return refuse(rq, &bad_email, "email is none");
	if (strcmp(name, "phone_number") == 0 && !syn_phone(value))
		return refuse(rq, &bad_phone, "phone_number is none");
	if (!fits(schema, value))
		return refuse_with(rq, &attribute_form, name, "value of %s does not fit", name);
	return 0;
}

/*
 * The right: by the schema, the client and what is there.
 */

/* An immutable attribute is given its value with the user; later only if it is required and still
 * missing, which is how a person completes what an administrator left out. */
static bool
may_change(const struct json *schema, const struct user *old, const char *name, const char *value)
{
	const char *had;

	if (old == NULL || json_flag(schema, "Mutable", true))
		return true;
	had = user_attribute(old, name);
	return had == NULL ? json_flag(schema, "Required", false) : strcmp(had, value) == 0;
}

/* idp-api.md 14.3: a preferred username is chosen after the confirmation. */
static bool
too_early(const struct pool *pool, const struct user *old, const char *name)
{
	return strcmp(name, "preferred_username") == 0 &&
	    words_have(pool->alias_attributes, name) &&
	    (old == NULL || text_equal(old->status, "UNCONFIRMED"));
}

static int
right_check(struct rq *rq, const struct pool *pool, const struct client *client,
    const struct user *old, const char *name, const char *value)
{
	const struct json *schema = pool_attribute(pool, name);

	/* To a person an attribute that does not exist is one that he may not write. */
	if (client != NULL && (schema == NULL || !client_writes(client, pool->schema, name)))
		return refuse(rq, &not_writable, "%s is not the person's to set", name);
	if (schema == NULL)
		return refuse_with(rq, &attribute_unknown, name, "not in the schema");
	if (strcmp(name, "sub") == 0 || !may_change(schema, old, name, value))
		return refuse_with(rq, &attribute_fixed, name, "%s cannot change", name);
	if (client != NULL && too_early(pool, old, name))
		return refuse_with(rq, &invalid_parameter,
		    "Preferred username can be set only after the user is confirmed",
		    "preferred_username before the confirmation");
	if (*value == '\0')
		return json_flag(schema, "Required", false) ? refuse_with(rq,
		    &attribute_missing_one, name, "%s cannot be removed", name) : 0;
	return value_check(rq, schema, name, value);
}

/*
 * The setting.
 */

/* A proof holds for the value it was given for and for no other: without this, whoever changes the
 * address takes the old one's trust along. */
static void
proof_end(struct rq *rq, const struct user *old, bool fresh, const struct json *list,
    struct json *doc)
{
	size_t i;

	for (i = 0; i < NHANDLES && handles[i].verified != NULL; i++) {
		const char *is = user_doc_attribute(doc, handles[i].attribute);
		const char *was = old == NULL ? NULL : user_attribute(old, handles[i].attribute);

		if (is == NULL)
			user_doc_set(rq, doc, handles[i].verified, NULL);
		else if (!fresh && !text_equal(is, was) &&
		    json_find(list, "Name", handles[i].verified) == NULL)
			user_doc_set(rq, doc, handles[i].verified, "false");
	}
}

/* Where people sign in with their e-mail or number, one of them has to stay. */
static bool
nameless(const struct pool *pool, const struct json *doc)
{
	size_t i;

	for (i = 0; i < pool->username_attributes.n; i++)
		if (user_doc_attribute(doc, pool->username_attributes.at[i]) != NULL)
			return false;
	return pool->username_attributes.n > 0;
}

int
attribute_set(struct rq *rq, const struct pool *pool, const struct client *client,
    const struct user *old, const struct json *list, struct json *doc)
{
	struct words missing;
	size_t i;
	int r;

	for (i = 0; i < json_count(list); i++) {
		const char *name = json_text(json_at(list, i), "Name");
		const char *value = json_text(json_at(list, i), "Value");

		name = name != NULL ? name : "";
		value = value != NULL ? value : "";
		if ((r = right_check(rq, pool, client, old, name, value)) != 0)
			return r;
		user_doc_set(rq, doc, name, *value != '\0' ? value : NULL);
	}
	proof_end(rq, old, old == NULL && client == NULL, list, doc);
	missing = attribute_missing(rq, pool, doc);
	if (old == NULL && client != NULL && missing.n > 0)
		return refuse_with(rq, &attribute_missing_one, missing.at[0], "required");
	if (old != NULL && nameless(pool, doc))
		return refuse_with(rq, &attribute_missing_one, pool->username_attributes.at[0],
		    "the last sign-in name cannot be removed");
	return 0;
}

struct words
attribute_missing(struct rq *rq, const struct pool *pool, const struct json *doc)
{
	struct words missing = { 0, NULL };
	size_t i;

	missing.at = arena_array(rq->mem, json_count(pool->schema) + 1, sizeof(*missing.at));
	for (i = 0; i < json_count(pool->schema); i++) {
		const struct json *schema = json_at(pool->schema, i);
		const char *name = json_text(schema, "Name");

		if (json_flag(schema, "Required", false) && strcmp(name, "sub") != 0 &&
		    user_doc_attribute(doc, name) == NULL)
			missing.at[missing.n++] = name;
	}
	return missing;
}

/*
 * Names to sign in with.
 */

static int
username_as_attribute(struct rq *rq, const struct pool *pool, const char *name,
    const char **attribute_r)
{
	bool email = words_have(pool->username_attributes, "email");
	bool phone = words_have(pool->username_attributes, "phone_number");

	if (email && syn_email(name))
		*attribute_r = "email";
	else if (phone && syn_phone(name))
		*attribute_r = "phone_number";
	else
		return refuse(rq, email && phone ? &want_either : email ? &want_email : &want_phone,
		    "the name is not what this pool signs in with");
	return 0;
}

int
attribute_username(struct rq *rq, const struct pool *pool, const char *name,
    const char **attribute_r)
{
	*attribute_r = NULL;
	if (!syn_username(name) || text_length(name) > LONGEST_NAME)
		return refuse_with(rq, &invalid_parameter, "1 validation error detected: Value at "
		    "'username' failed to satisfy constraint: Member must satisfy regular "
		    "expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", "no username");
	if (pool->username_attributes.n > 0)
		return username_as_attribute(rq, pool, name, attribute_r);
	/* Or one person could take for a username what another proves to be his address. */
	if (words_have(pool->alias_attributes, "email") && syn_email(name))
		return refuse(rq, &name_is_email, "username looks like an e-mail address");
	if (words_have(pool->alias_attributes, "phone_number") && syn_phone(name))
		return refuse(rq, &name_is_phone, "username looks like a telephone number");
	return 0;
}

/* Is this attribute of doc something its user signs in with? */
static bool
is_handle(const struct pool *pool, const struct handle *handle, const struct json *doc)
{
	if (words_have(pool->username_attributes, handle->attribute))
		return true;
	return words_have(pool->alias_attributes, handle->attribute) &&
	    (handle->verified == NULL ||
	    text_equal(user_doc_attribute(doc, handle->verified), "true"));
}

/* The present owner keeps the value as an unproven attribute: it no longer leads to him. */
static int
owner_loses(struct rq *rq, const struct pool *pool, const struct user *owner,
    const struct handle *handle)
{
	struct json *doc = user_doc_copy(rq, owner);

	if (handle->verified != NULL)
		user_doc_set(rq, doc, handle->verified, "false");
	else
		user_doc_set(rq, doc, handle->attribute, NULL);
	return user_change(rq, pool, owner, doc);
}

static int
handle_free(struct rq *rq, const struct pool *pool, const char *username, const struct json *doc,
    const struct handle *handle, bool force)
{
	const char *value = user_doc_attribute(doc, handle->attribute), *holder;
	bool as_username = words_have(pool->username_attributes, handle->attribute);
	const struct user *owner;
	int r;

	if (value == NULL || !is_handle(pool, handle, doc))
		return 0;
	if ((r = user_alias(rq, pool, handle->attribute, value, &holder)) != 0 || holder == NULL ||
	    text_equal(holder, username))
		return r;
	if (as_username)
		return refuse_with(rq, username == NULL ? &name_exists : &alias_exists,
		    handle->attribute, "the %s is another user's", handle->attribute);
	if (!force)
		return refuse_with(rq, &alias_exists, handle->attribute, "the %s is another user's",
		    handle->attribute);
	if ((r = user_get(rq, pool, holder, &owner)) != 0 || owner == NULL)
		return r;
	return owner_loses(rq, pool, owner, handle);
}

int
attribute_claim(struct rq *rq, const struct pool *pool, const struct user *old,
    const struct json *doc, bool force)
{
	size_t i;
	int r;

	for (i = 0; i < NHANDLES; i++)
		if ((r = handle_free(rq, pool, old == NULL ? NULL : old->username, doc, &handles[i],
		    force)) != 0)
			return r;
	return 0;
}
