/* claims - what tokens and userInfo say about a person */
#include <string.h>

#include "base/text.h"
#include "oidc/claims.h"
#include "oidc/refusals.h"
#include "oidc/scope.h"

/* oauth.md 10: which scope opens which attribute. Custom attributes come with profile. */
static const struct opening { const char *attribute, *scope; } openings[] = {
	{ "name", "profile" },
	{ "family_name", "profile" },
	{ "given_name", "profile" },
	{ "middle_name", "profile" },
	{ "nickname", "profile" },
	{ "preferred_username", "profile" },
	{ "profile", "profile" },
	{ "picture", "profile" },
	{ "website", "profile" },
	{ "gender", "profile" },
	{ "birthdate", "profile" },
	{ "zoneinfo", "profile" },
	{ "locale", "profile" },
	{ "updated_at", "profile" },
	{ "email", "email" },
	{ "email_verified", "email" },
	{ "phone_number", "phone" },
	{ "phone_number_verified", "phone" },
	{ "address", NULL },		/* with openid alone */
};

enum { NOPENINGS = sizeof(openings) / sizeof(openings[0]) };

/* openid alone opens every readable attribute; with others only what they open. */
static bool
opened(const char *scope, const char *attribute)
{
	size_t i;

	if (!scope_has(scope, "profile") && !scope_has(scope, "email") &&
	    !scope_has(scope, "phone"))
		return scope_has(scope, "openid");
	for (i = 0; i < NOPENINGS; i++)
		if (strcmp(attribute, openings[i].attribute) == 0)
			return openings[i].scope != NULL && scope_has(scope, openings[i].scope);
	return text_starts(attribute, "custom:") && scope_has(scope, "profile");
}

static struct json *
claim_value(struct arena *mem, const char *name, const char *value, enum claims_for where)
{
	struct json *address;
	int64_t n;

	if (where == CLAIMS_USERINFO)
		return json_new_text(mem, value);
	if (strcmp(name, "email_verified") == 0 || strcmp(name, "phone_number_verified") == 0)
		return json_new_bool(mem, strcmp(value, "true") == 0);
	if (strcmp(name, "updated_at") == 0 && text_number(value, &n))
		return json_new_int(mem, n);
	if (strcmp(name, "address") != 0)
		return json_new_text(mem, value);
	address = json_object(mem);
	json_set_text(address, "formatted", value);
	return address;
}

void
claims_attributes(struct rq *rq, const struct client *client, const struct user *user,
    const char *scope, enum claims_for where, struct json *out)
{
	size_t i;

	for (i = 0; i < json_count(user->attributes); i++) {
		const struct json *row = json_at(user->attributes, i);
		const char *name = json_text(row, "Name"), *value = json_text(row, "Value");

		if (name != NULL && value != NULL && opened(scope, name) &&
		    client_reads(client, name))
			json_set(out, name, claim_value(rq->mem, name, value, where));
	}
}

int
claims_readable(struct rq *rq, const struct client *client, const char *scope)
{
	size_t i;

	for (i = 0; i < NOPENINGS; i++) {
		const struct opening *o = &openings[i];

		if (o->scope != NULL && scope_has(scope, o->scope) &&
		    !client_reads(client, o->attribute))
			return refuse(rq, &invalid_grant,
			    "client %s has scope %s but may not read %s", client->id, o->scope,
			    o->attribute);
	}
	return 0;
}
