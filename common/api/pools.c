/* pools - user pools: create, describe, list, update, delete; custom attributes (idp-api.md 5.6) */
#include <string.h>

#include "account/mfa.h"
#include "account/refusals.h"
#include "api/need.h"
#include "api/op.h"
#include "api/page.h"
#include "base/conf.h"
#include "base/random.h"
#include "base/shape.h"
#include "base/syntax.h"
#include "base/text.h"
#include "oidc/acr.h"
#include "oidc/discovery.h"
#include "oidc/keyring.h"

enum {
	MOST_CUSTOM = 50,	/* custom attributes of a pool (idp-api.md 14.2) */
	COUNT_UP_TO = 10000,	/* users, for EstimatedNumberOfUsers */
	STEP = 250		/* records removed at once */
};

/*
 * The schema.
 */

static const struct standard {
	const char *name, *type;
	const char *least, *most;
	bool fixed;
} standard[] = {
	{ "sub", "String", "1", "2048", true },
	{ "name", "String", "0", "2048", false },
	{ "given_name", "String", "0", "2048", false },
	{ "family_name", "String", "0", "2048", false },
	{ "middle_name", "String", "0", "2048", false },
	{ "nickname", "String", "0", "2048", false },
	{ "preferred_username", "String", "0", "2048", false },
	{ "profile", "String", "0", "2048", false },
	{ "picture", "String", "0", "2048", false },
	{ "website", "String", "0", "2048", false },
	{ "email", "String", "0", "2048", false },
	{ "email_verified", "Boolean", NULL, NULL, false },
	{ "gender", "String", "0", "2048", false },
	{ "birthdate", "String", "10", "10", false },
	{ "zoneinfo", "String", "0", "2048", false },
	{ "locale", "String", "0", "2048", false },
	{ "phone_number", "String", "0", "2048", false },
	{ "phone_number_verified", "Boolean", NULL, NULL, false },
	{ "address", "String", "0", "2048", false },
	{ "updated_at", "Number", "0", NULL, false },
};
enum { NSTANDARD = sizeof(standard) / sizeof(standard[0]) };

static const struct standard *
standard_find(const char *name)
{
	int i;

	for (i = 0; i < NSTANDARD; i++)
		if (strcmp(standard[i].name, name) == 0)
			return &standard[i];
	return NULL;
}

static void
set_bounds(struct rq *rq, struct json *entry, const char *type, const char *least, const char *most)
{
	bool number = strcmp(type, "Number") == 0;
	struct json *bounds = json_object(rq->mem);

	if (!number && strcmp(type, "String") != 0)
		return;
	json_set_text(bounds, number ? "MinValue" : "MinLength", least);
	json_set_text(bounds, number ? "MaxValue" : "MaxLength", most);
	json_set(entry, number ? "NumberAttributeConstraints" : "StringAttributeConstraints",
	    bounds);
}

static struct json *
standard_entry(struct rq *rq, const struct standard *s)
{
	struct json *entry = json_object(rq->mem);

	json_set_text(entry, "Name", s->name);
	json_set_text(entry, "AttributeDataType", s->type);
	json_set_bool(entry, "DeveloperOnlyAttribute", false);
	json_set_bool(entry, "Mutable", !s->fixed);
	json_set_bool(entry, "Required", s->fixed);
	set_bounds(rq, entry, s->type, s->least, s->most);
	return entry;
}

/* A standard attribute as the caller wants it: stricter, not of another type. */
static int
standard_change(struct rq *rq, const struct standard *s, const struct json *wanted,
    struct json *entry)
{
	static const char *const members[] = { "Mutable", "Required", "StringAttributeConstraints",
		"NumberAttributeConstraints" };
	const char *type = json_text(wanted, "AttributeDataType");
	size_t i;

	if (type != NULL && strcmp(type, s->type) != 0)
		return refuse_with(rq, &invalid_parameter, arena_printf(rq->mem,
		    "You can not change AttributeDataType or set developerOnlyAttribute for "
		    "standard schema attribute %s", s->name), "%s is of type %s", s->name, s->type);
	if (s->fixed)
		return 0;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_set(entry, members[i], json_get(wanted, members[i]));
	return 0;
}

static int
custom_entry(struct rq *rq, const struct json *wanted, const struct json **entry_r)
{
	bool developer = json_flag(wanted, "DeveloperOnlyAttribute", false);
	const char *type = json_text(wanted, "AttributeDataType");
	const char *name = json_text(wanted, "Name");
	struct json *entry = json_copy(rq->mem, wanted);

	*entry_r = entry;
	if (name == NULL)
		return refuse_with(rq, &invalid_parameter, "Schema attributes need a Name.",
		    "no name");
	if (json_flag(wanted, "Required", false))
		return refuse_with(rq, &invalid_parameter,
		    "Required custom attributes are not supported currently.", "%s is required",
		    name);
	type = type != NULL ? type : "String";
	json_set_text(entry, "Name", arena_printf(rq->mem, "%scustom:%s", developer ? "dev:" : "",
	    name));
	json_set_text(entry, "AttributeDataType", type);
	json_set_bool(entry, "DeveloperOnlyAttribute", developer);
	json_set_bool(entry, "Mutable", json_flag(wanted, "Mutable", true));
	json_set_bool(entry, "Required", false);
	if (!json_has(wanted, "StringAttributeConstraints") &&
	    !json_has(wanted, "NumberAttributeConstraints"))
		set_bounds(rq, entry, type, NULL, NULL);
	return 0;
}

static int
schema_add(struct rq *rq, struct json *schema, const struct json *wanted)
{
	const struct json *entry;
	const char *name;
	int r;

	if ((r = custom_entry(rq, wanted, &entry)) != 0)
		return r;
	name = json_text(entry, "Name");
	if (json_find(schema, "Name", name) != NULL)
		return refuse_with(rq, &invalid_parameter, arena_printf(rq->mem,
		    "%s: Existing attribute already has name %s.", name, name), "%s exists", name);
	if (json_count(schema) >= NSTANDARD + MOST_CUSTOM)
		return refuse_with(rq, &invalid_parameter,
		    "The number of custom attributes exceeds the limit of 50.", "no room for %s",
		    name);
	json_add(schema, entry);
	return 0;
}

/* The standard attributes as Schema changes them, then the custom ones in its order. */
static int
schema_make(struct rq *rq, const struct json *in, const struct json **schema_r)
{
	const struct json *wanted = json_get(in, "Schema"), *one;
	struct json *schema = json_array(rq->mem), *entries[NSTANDARD];
	const struct standard *s;
	size_t i;
	int r;

	*schema_r = schema;
	for (i = 0; i < NSTANDARD; i++) {
		entries[i] = standard_entry(rq, &standard[i]);
		json_add(schema, entries[i]);
	}
	for (i = 0; i < json_count(wanted); i++) {
		one = json_at(wanted, i);
		s = json_has(one, "Name") ? standard_find(json_text(one, "Name")) : NULL;
		r = s != NULL ? standard_change(rq, s, one, entries[s - standard]) :
		    schema_add(rq, schema, one);
		if (r != 0)
			return r;
	}
	return 0;
}

int
op_add_custom_attributes(struct rq *rq, const struct json *in, struct json *out)
{
	const struct json *wanted = json_get(in, "CustomAttributes");
	const struct pool *pool;
	struct json *doc, *schema;
	size_t i;
	int r;

	(void)out;
	if ((r = need_pool(rq, in, &pool)) != 0)
		return r;
	doc = json_copy(rq->mem, pool->doc);
	schema = json_copy(rq->mem, pool->schema);
	for (i = 0; i < json_count(wanted); i++)
		if ((r = schema_add(rq, schema, json_at(wanted, i))) != 0)
			return r;
	json_set(doc, "SchemaAttributes", schema);
	need_date(rq, doc, "LastModifiedDate");
	return pool_change(rq, pool, doc);
}

/*
 * The settings. UpdateUserPool replaces: what its arguments leave out falls back to the default.
 */

/* The name of a level says in a token which one it is: each is different, the defaults included. */
static int
check_level(struct rq *rq, const struct json *in, int level)
{
	const char *name = acr_name(in, level);
	int other;

	if (text_equal(json_text(in, "UserPoolTier"), "LITE") &&
	    !text_equal(name, acr_name(NULL, level)))
		return refuse_with(rq, &feature_unavailable,
		    "Custom ACR level names need the ESSENTIALS tier or PLUS.", "tier LITE");
	if (!syn_scope(name) || strchr(name, ' ') != NULL)
		return refuse_with(rq, &invalid_parameter,
		    "An AcrValue holds no blanks, quotation marks or backslashes.",
		    "the name of level %d", level);
	for (other = 1; other < level; other++)
		if (text_equal(name, acr_name(in, other)))
			return refuse_with(rq, &invalid_parameter,
			    "Each AcrValue must be unique across all levels.",
			    "levels %d and %d have one name", other, level);
	return 0;
}

static int
check_levels(struct rq *rq, const struct json *in)
{
	const struct json *levels = json_get(in, "AcrConfiguration");
	size_t known = 0;
	int i, r;

	for (i = 1; i <= ACR_LEVELS; i++) {
		known += json_has(levels, acr_member(i));
		if ((r = check_level(rq, in, i)) != 0)
			return r;
	}
	return known == json_count(levels) ? 0 : refuse_with(rq, &invalid_parameter,
	    "AcrConfiguration has the members Level1 to Level4.", "another member");
}

/* What would be a promise that nothing keeps: refused rather than stored. */
static int
check_served(struct rq *rq, const struct json *in)
{
	const char *watch = json_text(json_get(in, "UserPoolAddOns"), "AdvancedSecurityMode");

	if (json_count(json_get(in, "LambdaConfig")) > 0)
		return refuse_with(rq, &invalid_parameter,
		    "Triggers are not available on this server.", "LambdaConfig");
	if (watch != NULL && strcmp(watch, "OFF") != 0)
		return refuse_with(rq, &invalid_parameter,
		    "Threat protection is not available on this server.", "AdvancedSecurityMode");
	return check_levels(rq, in);
}

static int
check_names(struct rq *rq, const struct json *in, const struct json *schema)
{
	struct words aliases = json_words(rq->mem, in, "AliasAttributes");
	size_t i;

	if (aliases.n > 0 && json_count(json_get(in, "UsernameAttributes")) > 0)
		return refuse_with(rq, &invalid_parameter, "Only one of the aliasAttributes or "
		    "usernameAttributes can be set in a user pool.", "both are set");
	for (i = 0; i < json_count(schema); i++)
		if (words_have(aliases, "preferred_username") &&
		    text_equal(json_text(json_at(schema, i), "Name"), "preferred_username") &&
		    json_flag(json_at(schema, i), "Required", false))
			return refuse_with(rq, &invalid_parameter, "preferred_username can not be "
			    "both an alias and a required attribute.", "preferred_username");
	return 0;
}

/* An object member, copied so that defaults can be put in; empty where there is none. */
static struct json *
inner(struct rq *rq, const struct json *doc, const char *name)
{
	return json_has(doc, name) ? json_copy(rq->mem, json_get(doc, name)) : json_object(rq->mem);
}

static void
default_int(struct json *doc, const char *name, int64_t n)
{
	if (json_int(doc, name, 0) == 0)
		json_set_int(doc, name, n);
}

static void
default_bool(struct json *doc, const char *name, bool b)
{
	if (!json_has(doc, name))
		json_set_bool(doc, name, b);
}

static void
default_text(struct json *doc, const char *name, const char *s)
{
	if (!json_has(doc, name))
		json_set_text(doc, name, s);
}

/* Without a policy all four kinds of characters are asked for; in one that is given, those it
 * names. */
static void
default_policies(struct rq *rq, struct json *doc)
{
	static const char *const kinds[] = { "RequireUppercase", "RequireLowercase",
		"RequireNumbers", "RequireSymbols" };
	struct json *policies = inner(rq, doc, "Policies"), *factors;
	bool given = json_has(policies, "PasswordPolicy");
	struct json *passwords = inner(rq, policies, "PasswordPolicy");
	struct json *sign_in = inner(rq, policies, "SignInPolicy");
	size_t i;

	default_int(passwords, "MinimumLength", 8);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		default_bool(passwords, kinds[i], !given);
	default_int(passwords, "TemporaryPasswordValidityDays", 7);
	json_set(policies, "PasswordPolicy", passwords);
	if (!json_has(sign_in, "AllowedFirstAuthFactors")) {
		factors = json_array(rq->mem);
		json_add_text(factors, "PASSWORD");
		json_set(sign_in, "AllowedFirstAuthFactors", factors);
	}
	json_set(policies, "SignInPolicy", sign_in);
	json_set(doc, "Policies", policies);
}

/* The older members for messages and the template are two names for one thing. */
static void
default_messages(struct rq *rq, struct json *doc)
{
	static const struct {
		const char *older, *newer;
	} same[] = {
		{ "EmailVerificationMessage", "EmailMessage" },
		{ "EmailVerificationSubject", "EmailSubject" },
		{ "SmsVerificationMessage", "SmsMessage" },
	};
	struct json *template = inner(rq, doc, "VerificationMessageTemplate");
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		default_text(template, same[i].newer, json_text(doc, same[i].older));
		json_set_text(doc, same[i].older, json_text(template, same[i].newer));
	}
	default_text(template, "DefaultEmailOption", "CONFIRM_WITH_CODE");
	json_set(doc, "VerificationMessageTemplate", template);
}

static void
default_recovery(struct rq *rq, struct json *doc)
{
	static const char *const names[] = { "verified_email", "verified_phone_number" };
	struct json *setting = json_object(rq->mem), *list = json_array(rq->mem), *option;
	int i;

	if (json_has(doc, "AccountRecoverySetting"))
		return;
	for (i = 0; i < 2; i++) {
		option = json_object(rq->mem);
		json_set_int(option, "Priority", i + 1);
		json_set_text(option, "Name", names[i]);
		json_add(list, option);
	}
	json_set(setting, "RecoveryMechanisms", list);
	json_set(doc, "AccountRecoverySetting", setting);
}

static void
default_levels(struct rq *rq, struct json *doc)
{
	struct json *levels = json_object(rq->mem);
	int i;

	for (i = 1; i <= ACR_LEVELS; i++) {
		struct json *level = json_object(rq->mem);

		json_set_text(level, "AcrValue", acr_name(doc, i));
		json_set(levels, acr_member(i), level);
	}
	json_set(doc, "AcrConfiguration", levels);
}

/* idp-api.md 15 */
static void
set_defaults(struct rq *rq, struct json *doc)
{
	struct json *email = inner(rq, doc, "EmailConfiguration");
	struct json *creation = inner(rq, doc, "AdminCreateUserConfig");
	struct json *updates = inner(rq, doc, "UserAttributeUpdateSettings");

	default_policies(rq, doc);
	default_messages(rq, doc);
	default_recovery(rq, doc);
	default_levels(rq, doc);
	default_text(doc, "DeletionProtection", "INACTIVE");
	default_text(doc, "MfaConfiguration", "OFF");
	default_text(doc, "UserPoolTier", "ESSENTIALS");
	default_text(doc, "SigningAlgorithm", "RS256");
	json_set(doc, "LambdaConfig", inner(rq, doc, "LambdaConfig"));
	json_set(doc, "UserPoolTags", inner(rq, doc, "UserPoolTags"));
	default_text(email, "EmailSendingAccount", "COGNITO_DEFAULT");
	json_set(doc, "EmailConfiguration", email);
	default_bool(creation, "AllowAdminCreateUserOnly", false);
	default_int(creation, "UnusedAccountValidityDays", 7);
	json_set(doc, "AdminCreateUserConfig", creation);
	if (!json_has(updates, "AttributesRequireVerificationBeforeUpdate"))
		json_set(updates, "AttributesRequireVerificationBeforeUpdate", json_array(rq->mem));
	json_set(doc, "UserAttributeUpdateSettings", updates);
}

/*
 * Answers.
 */

static int
count_users(struct rq *rq, const struct pool *pool, int64_t *n_r)
{
	const struct kv_key *all = kv_key(rq->mem, KV_USER, pool->id, NULL), *after = NULL;
	const struct kv_row *rows;
	size_t n;
	int r;

	*n_r = 0;
	do {
		if ((r = kv_scan(rq, all, after, 1000, &rows, &n)) != 0)
			return r;
		*n_r += (int64_t)n;
		if (n > 0)
			after = rows[n - 1].key;
	} while (n == 1000 && *n_r < COUNT_UP_TO);
	return 0;
}

static void
answer_pool(struct rq *rq, const char *id, const struct json *doc, int64_t users, struct json *out)
{
	struct json *answer = json_copy(rq->mem, doc);

	json_set_text(answer, "Arn", arena_printf(rq->mem,
	    "arn:aws:cognito-idp:%s:000000000000:userpool/%s", conf->region, id));
	json_set_int(answer, "EstimatedNumberOfUsers", users);
	json_set(out, "UserPool", answer);
}

/* A pool that is born with second factors has the one that its arguments can configure. */
static void
factor_of_new(struct rq *rq, struct json *doc)
{
	struct json *sms;

	if (!json_has(doc, "SmsConfiguration") ||
	    text_equal(json_text(doc, "MfaConfiguration") ?: "OFF", "OFF"))
		return;
	sms = json_object(rq->mem);
	json_set_text(sms, "SmsAuthenticationMessage", json_text(doc, "SmsAuthenticationMessage"));
	json_set(sms, "SmsConfiguration", json_get(doc, "SmsConfiguration"));
	json_set(doc, "SmsMfaConfiguration", sms);
}

int
op_create_user_pool(struct rq *rq, const struct json *in, struct json *out)
{
	static const char letters[] =
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct json *doc = shape_project(rq->mem, shape_find("Pool"), in);
	const struct json *schema;
	const char *id;
	int r;

	factor_of_new(rq, doc);
	if ((r = check_served(rq, in)) != 0 || (r = mfa_check_pool(rq, doc)) != 0 ||
	    (r = schema_make(rq, in, &schema)) != 0 ||
	    (r = check_names(rq, in, schema)) != 0)
		return r;
	id = arena_printf(rq->mem, "%s_%s", conf->region, random_text(rq->mem, 9, letters));
	json_set_text(doc, "Id", id);
	json_set_text(doc, "Name", json_text(in, "PoolName"));
	json_set(doc, "SchemaAttributes", schema);
	set_defaults(rq, doc);
	need_date(rq, doc, "LastModifiedDate");
	need_date(rq, doc, "CreationDate");
	if ((r = keyring_create(rq, doc)) != 0 || (r = pool_create(rq, doc)) != 0)
		return r;
	answer_pool(rq, id, doc, 0, out);
	return 0;
}

int
op_describe_user_pool(struct rq *rq, const struct json *in, struct json *out)
{
	const struct domain *const *domains;
	const struct pool *pool;
	struct json *doc;
	int64_t users;
	size_t i, n;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 || (r = count_users(rq, pool, &users)) != 0 ||
	    (r = domain_list(rq, pool->id, &domains, &n)) != 0)
		return r;
	doc = json_copy(rq->mem, pool->doc);
	for (i = 0; i < n; i++)
		json_set_text(doc, json_flag(domains[i]->doc, "Custom", false) ? "CustomDomain" :
		    "Domain", json_text(domains[i]->doc, "Domain"));
	answer_pool(rq, pool->id, doc, users, out);
	return 0;
}

int
op_list_user_pools(struct rq *rq, const struct json *in, struct json *out)
{
	static const struct page page = { "ListUserPools", "NextToken", "MaxResults", 60 };
	struct json *list = json_array(rq->mem);
	const struct pool *const *pools;
	const char *after;
	size_t i, n, most;
	int r;

	if ((r = page_open(rq, &page, in, &after, &most)) != 0 ||
	    (r = pool_list(rq, after, most, &pools, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		json_add(list, pools[i]->doc);
	json_set(out, "UserPools", list);
	return page_more(rq, &page, in, out, n == most ? pools[n - 1]->id : NULL);
}

/* New keys where the algorithm of signatures changes; what the old ones signed stays good. */
static int
change_algorithm(struct rq *rq, const struct pool *pool, struct json *doc)
{
	if (text_equal(pool->algorithm, json_text(doc, "SigningAlgorithm")))
		return 0;
	return keyring_rotate(rq, pool, rq->now, doc);
}

int
op_update_user_pool(struct rq *rq, const struct json *in, struct json *out)
{
	/* What is ours stays too: tools that never heard of it must not change it. */
	static const char *const kept[] = { "Id", "Name", "SchemaAttributes", "AliasAttributes",
		"UsernameAttributes", "UsernameConfiguration", "SigningAlgorithm", "SigningKeys",
		"AlgorithmKeys", "Dialect", "SoftwareTokenMfaConfiguration",
		"EmailMfaConfiguration", "SmsMfaConfiguration", "CreationDate" };
	struct json *doc = shape_project(rq->mem, shape_find("Pool"), in);
	const struct pool *pool;
	size_t i;
	int r;

	(void)out;
	if ((r = need_pool(rq, in, &pool)) != 0 || (r = check_served(rq, in)) != 0)
		return r;
	json_set_text(doc, "Name", json_text(in, "PoolName"));
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!json_has(doc, kept[i]))
			json_set(doc, kept[i], json_get(pool->doc, kept[i]));
	set_defaults(rq, doc);
	need_date(rq, doc, "LastModifiedDate");
	if ((r = mfa_check_pool(rq, doc)) != 0 || (r = change_algorithm(rq, pool, doc)) != 0)
		return r;
	return pool_change(rq, pool, doc);
}

/*
 * Removal. A large pool takes many steps, each applied by itself, so that nobody waits for them.
 * Clients go first: without one no program serves the pool, and nothing new is signed. The pool's
 * own record goes last: whenever this is interrupted the pool is still listed, and deleting it
 * again finishes the work.
 */

/* The client's place in the index of all clients goes with it. */
static void
drop_row(struct rq *rq, const struct kv_key *key)
{
	if (key->kind == KV_CLIENT)
		kv_drop(rq, kv_key(rq->mem, KV_CLIENT_POOL, kv_part(rq->mem, key, 1), NULL));
	kv_drop(rq, key);
}

static int
drop_kind(struct rq *rq, enum kv_kind kind, const char *pool)
{
	const struct kv_row *rows;
	size_t i, n;
	int r;

	do {
		r = kv_scan(rq, kv_key(rq->mem, kind, pool, NULL), NULL, STEP, &rows, &n);
		if (r != 0)
			return r;
		for (i = 0; i < n; i++)
			drop_row(rq, rows[i].key);
		if ((r = kv_apply(rq)) != 0)
			return r;
	} while (n == STEP);
	return 0;
}

static int
drop_contents(struct rq *rq, const char *pool)
{
	static const enum kv_kind kinds[] = { KV_CLIENT, KV_SESSION, KV_CODE, KV_DEVICE_CODE,
		KV_USER_CODE, KV_PUSHED, KV_REFRESH, KV_FAMILY, KV_TICKET, KV_THROTTLE,
		KV_GROUP_MEMBER, KV_MEMBER, KV_GROUP, KV_CREDENTIAL, KV_FACTOR, KV_ALIAS, KV_USER,
		KV_RESOURCE, KV_REGISTRATION, KV_INITIAL_TOKEN };
	size_t i;
	int r = 0;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && r == 0; i++)
		r = drop_kind(rq, kinds[i], pool);
	return r;
}

int
op_delete_user_pool(struct rq *rq, const struct json *in, struct json *out)
{
	const struct domain *const *domains;
	const struct pool *pool;
	size_t n;
	int r;

	(void)out;
	if ((r = need_pool(rq, in, &pool)) != 0 ||
	    (r = domain_list(rq, pool->id, &domains, &n)) != 0)
		return r;
	if (text_equal(json_text(pool->doc, "DeletionProtection"), "ACTIVE"))
		return refuse_with(rq, &invalid_parameter, "The user pool cannot be deleted "
		    "because deletion protection is activated. Deletion protection must be "
		    "inactivated first.", "pool %s is protected", pool->id);
	if (n > 0)
		return refuse_with(rq, &invalid_parameter, "User pool cannot be deleted. It has a "
		    "domain configured that should be deleted first.", "pool %s has a domain",
		    pool->id);
	if ((r = drop_contents(rq, pool->id)) != 0 || (r = drop_kind(rq, KV_KEY, pool->id)) != 0)
		return r;
	pool_drop(rq, pool);
	return 0;
}

/*
 * Once it is written.
 */

int
op_publish_pool(struct rq *rq, const struct json *in, struct json *out)
{
	const char *id = json_text(json_get(out, "UserPool"), "Id");
	const struct pool *pool;
	int r;

	r = pool_get(rq, id != NULL ? id : json_text(in, "UserPoolId"), &pool);
	if (r != 0 || pool == NULL)
		return r;
	return discovery_publish(rq, pool);
}

/* A sign-up that began before the pool was gone may have ended after its users were. */
int
op_withdraw_pool(struct rq *rq, const struct json *in, struct json *out)
{
	const char *pool = json_text(in, "UserPoolId");

	(void)out;
	discovery_withdraw(rq, pool, NULL);
	return drop_contents(rq, pool);
}
