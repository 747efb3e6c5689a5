/* client - app clients of a pool */
#include <stddef.h>
#include <string.h>

#include "base/shape.h"
#include "store/client.h"
#include "store/registration.h"

static const struct bind table[] = {
	{ "UserPoolId", BIND_TEXT, offsetof(struct client, pool) },
	{ "ClientId", BIND_TEXT, offsetof(struct client, id) },
	{ "ClientName", BIND_TEXT, offsetof(struct client, name) },
	{ "AllowedOAuthFlowsUserPoolClient", BIND_BOOL, offsetof(struct client, oauth) },
	{ "AllowedOAuthFlows", BIND_WORDS, offsetof(struct client, flows) },
	{ "AllowedOAuthScopes", BIND_WORDS, offsetof(struct client, scopes) },
	{ "SupportedIdentityProviders", BIND_WORDS, offsetof(struct client, providers) },
	{ "CallbackURLs", BIND_WORDS, offsetof(struct client, callbacks) },
	{ "LogoutURLs", BIND_WORDS, offsetof(struct client, sign_outs) },
	{ "DefaultRedirectURI", BIND_TEXT, offsetof(struct client, default_callback) },
	{ "ClientSecrets", BIND_JSON, offsetof(struct client, secrets) },
	{ "ReadAttributes", BIND_WORDS, offsetof(struct client, readable) },
	{ "WriteAttributes", BIND_WORDS, offsetof(struct client, writable) },
	{ "EnableTokenRevocation", BIND_TRUE, offsetof(struct client, revocable) },
	{ "RefreshTokenRotation.RetryGracePeriodSeconds", BIND_INT,
	    offsetof(struct client, grace_seconds) },
	{ "PkceRequired", BIND_BOOL, offsetof(struct client, pkce_required) },
	{ "PushedRequestsRequired", BIND_BOOL, offsetof(struct client, pushed_required) },
	{ "DpopRequired", BIND_BOOL, offsetof(struct client, dpop_required) },
	{ "TokenEndpointAuthMethod", BIND_TEXT, offsetof(struct client, auth_method) },
	{ "Jwks", BIND_JSON, offsetof(struct client, jwks) },
	{ "SigningAlgorithm", BIND_TEXT, offsetof(struct client, algorithm) },
	{ "BackchannelLogoutURI", BIND_TEXT, offsetof(struct client, backchannel_logout) },
	{ NULL, BIND_TEXT, 0 },
};

static const struct {
	const char *name;
	int64_t seconds;
} units[] = { { "seconds", 1 }, { "minutes", 60 }, { "hours", 3600 }, { "days", 86400 } };

/* How long a token lives: the number in its unit; 0 and absent mean the default (oauth.md 11). */
static int64_t
validity(const struct json *doc, const char *member, const char *token, const char *unit,
    int64_t otherwise)
{
	const char *set = json_text(json_get(doc, "TokenValidityUnits"), token);
	int64_t n = json_int(doc, member, 0);
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, set != NULL ? set : unit) == 0)
			return n > 0 ? n * units[i].seconds : otherwise;
	return otherwise;
}

struct lives
client_lives(const struct json *doc)
{
	return (struct lives){
		.access = validity(doc, "AccessTokenValidity", "AccessToken", "hours", 3600),
		.id = validity(doc, "IdTokenValidity", "IdToken", "hours", 3600),
		.refresh = validity(doc, "RefreshTokenValidity", "RefreshToken", "days",
		    30 * 86400),
	};
}

enum dialect
client_dialect(const struct json *doc)
{
	static const char *const names[] = { "cognito", "both", "standard" };
	enum dialect dialect = DIALECT_STANDARD;

	while (dialect > DIALECT_COGNITO && !text_equal(names[dialect], json_text(doc, "Dialect")))
		dialect--;
	return dialect;
}

static void
fill(struct arena *mem, const struct json *doc, void *out)
{
	struct client *client = out;

	shape_bind(mem, table, doc, client);
	client->readable_set = json_has(doc, "ReadAttributes");
	client->writable_set = json_has(doc, "WriteAttributes");
	client->lives = client_lives(doc);
	client->rotates = text_equal(json_text(json_get(doc, "RefreshTokenRotation"), "Feature"),
	    "ENABLED");
	client->hides_users = text_equal(json_text(doc, "PreventUserExistenceErrors"), "ENABLED");
	client->registered = text_equal(json_text(doc, "ClientType"), "DCR");
	client->dialect = client_dialect(doc);
	client->reuse_ends_family = json_flag(doc, "ReuseEndsFamily",
	    client->dialect == DIALECT_STANDARD);
	client->doc = doc;
}

static const struct client *
decode(struct arena *mem, const struct record *record)
{
	struct client *client = parsed_struct(mem, record->parsed, sizeof(*client), fill);

	client->record = record;
	return client;
}

static const struct kv_key *
pool_key(struct rq *rq, const char *id)
{
	return kv_key(rq->mem, KV_CLIENT_POOL, id, NULL);
}

int
client_get(struct rq *rq, const char *pool, const char *id, const struct client **client_r)
{
	const struct record *record;
	int r;

	*client_r = NULL;
	if ((r = record_get(rq, kv_key(rq->mem, KV_CLIENT, pool, id, NULL), &record)) != 0)
		return r;
	if (record != NULL)
		*client_r = decode(rq->mem, record);
	return 0;
}

/* Ids are unique over all pools: the SDK API finds the pool by the client alone. */
static struct json *
owner_doc(struct rq *rq, const char *pool)
{
	struct json *owner = json_object(rq->mem);

	json_set_text(owner, "UserPoolId", pool);
	return owner;
}

int
client_create(struct rq *rq, const char *pool, const struct json *doc, int64_t expires)
{
	const char *id = json_text(doc, "ClientId");
	int r;

	if ((r = record_create(rq, pool_key(rq, id), owner_doc(rq, pool), expires)) != 0)
		return r;
	return record_create(rq, kv_key(rq->mem, KV_CLIENT, pool, id, NULL), doc, expires);
}

int
client_change(struct rq *rq, const struct client *client, const struct json *doc)
{
	return record_change(rq, client->record, doc, client->record->seen->expires);
}

int
client_keep(struct rq *rq, const struct client *client)
{
	int r;

	if (client->record->seen->expires == 0)
		return 0;
	if ((r = registration_keep(rq, client->pool, client->id)) != 0 ||
	    (r = record_change(rq, client->record, client->doc, 0)) != 0)
		return r;
	return record_put(rq, pool_key(rq, client->id), owner_doc(rq, client->pool), 0);
}

void
client_drop(struct rq *rq, const struct client *client)
{
	record_take(rq, client->record);
	kv_drop(rq, pool_key(rq, client->id));
	registration_drop(rq, client->pool, client->id);
}

int
client_list(struct rq *rq, const char *pool, const char *after, size_t most,
    const struct client *const **clients_r, size_t *n_r)
{
	const struct kv_key *from =
	    after == NULL ? NULL : kv_key(rq->mem, KV_CLIENT, pool, after, NULL);
	const struct record *records;
	const struct client **list;
	size_t i;
	int r;

	*clients_r = NULL;
	r = record_scan(rq, kv_key(rq->mem, KV_CLIENT, pool, NULL), from, most, &records, n_r);
	if (r != 0)
		return r;
	list = arena_array(rq->mem, *n_r, sizeof(*list));
	for (i = 0; i < *n_r; i++)
		list[i] = decode(rq->mem, &records[i]);
	*clients_r = list;
	return 0;
}

bool
client_is_public(const struct client *client)
{
	return json_count(client->secrets) == 0 && client->jwks == NULL;
}

bool
client_flow(const struct client *client, const char *flow)
{
	return client->oauth && words_have(client->flows, flow);
}

/* Only custom attributes ("custom:team", "dev:custom:team") have a colon in their names. */
static bool
is_standard(const char *attribute)
{
	return strchr(attribute, ':') == NULL;
}

bool
client_reads(const struct client *client, const char *attribute)
{
	if (strcmp(attribute, "sub") == 0)
		return true;
	if (text_starts(attribute, "dev:"))
		return false;	/* for administrators alone (idp-api.md 14.2) */
	if (client->readable_set)
		return words_have(client->readable, attribute);
	return is_standard(attribute);
}

static const char *const never_theirs[] = {
	"sub", "email_verified", "phone_number_verified", "identities"
};

bool
client_writes(const struct client *client, const struct json *schema, const char *attribute)
{
	size_t i;

	for (i = 0; i < sizeof(never_theirs) / sizeof(never_theirs[0]); i++)
		if (strcmp(attribute, never_theirs[i]) == 0)
			return false;
	if (text_starts(attribute, "dev:"))
		return false;
	if (client->writable_set)
		return words_have(client->writable, attribute) ||
		    json_flag(json_find(schema, "Name", attribute), "Required", false);
	return is_standard(attribute);
}
