/* clients - app clients and their secrets (idp-api.md 5.7, 6.4; oauth.md 11) */
#include <inttypes.h>
#include <string.h>

#include "account/refusals.h"
#include "api/clients.h"
#include "api/client_metadata.h"
#include "api/need.h"
#include "api/op.h"
#include "api/page.h"
#include "base/random.h"
#include "base/shape.h"
#include "crypto/aead.h"
#include "oidc/assertion.h"
#include "oidc/keyring.h"
#include "oidc/scope.h"
#include "web/uri.h"

enum { MOST_CLIENTS = 10000, MOST_SECRETS = 2 };

static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/*
 * Secrets. Sealed at rest, in clear only in answers.
 */

/* A row for the list of a client's secrets. Its id has the time; two of a millisecond differ. */
static int
secret_seal(struct rq *rq, const char *client, const struct json *others, const char *secret,
    struct json **row_r)
{
	struct json *row = json_object(rq->mem);
	const char *sealed, *id;
	int64_t when = rq->now;
	int r;

	*row_r = row;
	if ((r = aead_seal(rq, "client secret", secret, strlen(secret), &sealed)) != 0)
		return r;
	do
		id = arena_printf(rq->mem, "%s--%" PRId64, client, when++);
	while (json_find(others, "ClientSecretId", id) != NULL);
	json_set_text(row, "ClientSecretId", id);
	json_set_text(row, "Sealed", sealed);
	need_date(rq, row, "ClientSecretCreateDate");
	return 0;
}

/* The oldest secret of a client document; NULL: it has none. */
static int
secret_open(struct rq *rq, const struct json *doc, const char **secret_r)
{
	const char *sealed = json_text(json_at(json_get(doc, "ClientSecrets"), 0), "Sealed");
	unsigned char *data;
	size_t n;

	*secret_r = NULL;
	if (sealed == NULL)
		return 0;
	if (aead_open(rq, "client secret", sealed, &data, &n) != 0)
		return fault(rq, "cannot open the secret of client %s", json_text(doc, "ClientId"));
	*secret_r = (const char *)data;
	return 0;
}

/*
 * Checks, each for one rule of the contract.
 */

struct draft {
	const struct pool *pool;
	const struct json *doc;		/* as it would be stored */
};

typedef int check_fn(struct rq *rq, const struct draft *draft);

static int
wrong(struct rq *rq, const char *sentence)
{
	return refuse_with(rq, &invalid_parameter, sentence, "%s", sentence);
}

/* A machine's own flow goes with none of a person's (oauth.md 11); exchanging tokens goes with all,
 * and like a machine's takes a client that can prove itself. */
static int
check_flows(struct rq *rq, const struct draft *draft)
{
	static const char *const of_persons[] = { "code", "implicit", "device_code" };
	static const char *const proved[] = { "client_credentials", "token_exchange" };
	struct words flows = json_words(rq->mem, draft->doc, "AllowedOAuthFlows");
	bool proves = json_has(draft->doc, "ClientSecrets") || json_has(draft->doc, "Jwks");
	size_t i;

	for (i = 0; i < 3; i++)
		if (words_have(flows, "client_credentials") && words_have(flows, of_persons[i]))
			return refuse_with(rq, &bad_oauth_flow, "client_credentials flow can not "
			    "be selected along with code flow or implicit flow.",
			    "client_credentials and %s", of_persons[i]);
	for (i = 0; i < 2; i++)
		if (!proves && words_have(flows, proved[i]))
			return refuse_with(rq, &bad_oauth_flow, arena_printf(rq->mem, "%s flow can "
			    "not be selected if client does not have a client secret.", proved[i]),
			    "%s of a public client", proved[i]);
	return 0;
}

static int
check_scopes(struct rq *rq, const struct draft *draft)
{
	struct words scopes = json_words(rq->mem, draft->doc, "AllowedOAuthScopes");
	bool exists;
	size_t i;
	int r;

	for (i = 0; i < scopes.n; i++) {
		if ((r = scope_defined(rq, draft->pool->id, scopes.at[i], &exists)) != 0)
			return r;
		if (!exists)
			return refuse_with(rq, &no_such_scope, arena_printf(rq->mem,
			    "Invalid scope requested: %s", scopes.at[i]), "no such scope");
	}
	return 0;
}

static int
check_addresses(struct rq *rq, const struct draft *draft)
{
	static const char *const members[] = { "CallbackURLs", "LogoutURLs" };
	const char *standard = json_text(draft->doc, "DefaultRedirectURI");
	const char *farewell = json_text(draft->doc, "BackchannelLogoutURI");
	struct words list;
	size_t i, j;

	for (i = 0; i < 2; i++) {
		list = json_words(rq->mem, draft->doc, members[i]);
		for (j = 0; j < list.n; j++)
			if (!uri_may_register(list.at[j]))
				return wrong(rq, arena_printf(rq->mem, "%s cannot be used in %s: "
				    "https, http to localhost, or an app's own scheme, without a "
				    "fragment.", list.at[j], members[i]));
	}
	if (farewell != NULL && (!text_starts(farewell, "http") || !uri_may_register(farewell)))
		return wrong(rq, "BackchannelLogoutURI is https, or http to localhost, without a "
		    "fragment.");
	if (standard != NULL &&
	    !words_have(json_words(rq->mem, draft->doc, "CallbackURLs"), standard))
		return wrong(rq, "DefaultRedirectURI is not in the list of CallbackURLs.");
	return 0;
}

static int
check_validity(struct rq *rq, const struct draft *draft)
{
	const int64_t day = 86400;
	struct lives lives = client_lives(draft->doc);
	const struct {
		const char *member;
		int64_t seconds;
	} tokens[] = { { "AccessTokenValidity", lives.access }, { "IdTokenValidity", lives.id } };
	size_t i;

	if (lives.refresh < 3600 || lives.refresh > 3650 * day)
		return wrong(rq, "Invalid range for token validity: RefreshTokenValidity is 60 "
		    "minutes to 3650 days.");
	for (i = 0; i < 2; i++) {
		if (tokens[i].seconds < 300 || tokens[i].seconds > day)
			return wrong(rq, arena_printf(rq->mem, "Invalid range for token validity: "
			    "%s is 5 minutes to 1 day.", tokens[i].member));
		if (tokens[i].seconds > lives.refresh)
			return wrong(rq, arena_printf(rq->mem,
			    "%s cannot exceed RefreshTokenValidity.", tokens[i].member));
	}
	return 0;
}

static int
check_sign_in(struct rq *rq, const struct draft *draft)
{
	struct words flows = json_words(rq->mem, draft->doc, "ExplicitAuthFlows");
	const struct json *rotation = json_get(draft->doc, "RefreshTokenRotation");
	size_t i, modern = 0;

	for (i = 0; i < flows.n; i++)
		modern += text_starts(flows.at[i], "ALLOW_");
	if (modern > 0 && modern < flows.n)
		return wrong(rq, "Auth flow types without ALLOW_ prefix cannot be mixed with those "
		    "that have it.");
	if (text_equal(json_text(rotation, "Feature"), "ENABLED") &&
	    words_have(flows, "ALLOW_REFRESH_TOKEN_AUTH"))
		return wrong(rq, "ALLOW_REFRESH_TOKEN_AUTH cannot be set when refresh token "
		    "rotation is enabled.");
	return 0;
}

/* There are no other providers yet than the pool itself. */
static int
check_providers(struct rq *rq, const struct draft *draft)
{
	struct words names = json_words(rq->mem, draft->doc, "SupportedIdentityProviders");
	size_t i;

	for (i = 0; i < names.n; i++)
		if (strcmp(names.at[i], "COGNITO") != 0)
			return wrong(rq, arena_printf(rq->mem, "The provider %s does not exist "
			    "for User Pool %s", names.at[i], draft->pool->id));
	return 0;
}

static int
check_attributes(struct rq *rq, const struct draft *draft)
{
	static const char *const members[] = { "ReadAttributes", "WriteAttributes" };
	struct words list = { 0, NULL };
	size_t i, j;

	for (i = 0; i < 2; i++) {
		list = json_words(rq->mem, draft->doc, members[i]);
		for (j = 0; j < list.n; j++)
			if (pool_attribute(draft->pool, list.at[j]) == NULL)
				return wrong(rq, arena_printf(rq->mem, "Invalid %s attributes "
				    "specified while creating a client: %s",
				    i == 0 ? "read" : "write", list.at[j]));
	}
	if (!json_has(draft->doc, "WriteAttributes"))
		return 0;
	for (i = 0; i < json_count(draft->pool->schema); i++) {
		const struct json *attribute = json_at(draft->pool->schema, i);
		const char *name = json_text(attribute, "Name");

		if (json_flag(attribute, "Required", false) && strcmp(name, "sub") != 0 &&
		    !words_have(list, name))
			return wrong(rq, arena_printf(rq->mem, "Invalid write attributes specified "
			    "while creating a client: required attribute %s is missing", name));
	}
	return 0;
}

/* RFC 7591 2: each method needs what it proves with. */
static int
check_method(struct rq *rq, const struct draft *draft)
{
	const char *method = json_text(draft->doc, "TokenEndpointAuthMethod"), *why;
	const struct json *jwks = json_get(draft->doc, "Jwks");
	bool secret = json_has(draft->doc, "ClientSecrets");

	if (jwks != NULL && (why = assertion_keys(rq, jwks)) != NULL)
		return wrong(rq, why);
	if (method == NULL)
		return 0;
	if (text_equal(method, "private_key_jwt") && jwks == NULL)
		return wrong(rq, "TokenEndpointAuthMethod private_key_jwt needs Jwks.");
	if (text_starts(method, "client_secret") && !secret)
		return wrong(rq, "TokenEndpointAuthMethod client_secret_basic and "
		    "client_secret_post need a client secret.");
	if (text_equal(method, "none") && (secret || jwks != NULL))
		return wrong(rq, "TokenEndpointAuthMethod none is for clients without a secret "
		    "and without Jwks.");
	return 0;
}

static int
check_draft(struct rq *rq, const struct draft *draft)
{
	static check_fn *const checks[] = { check_flows, check_scopes, check_addresses,
		check_validity, check_sign_in, check_providers, check_attributes,
		check_method };
	size_t i;
	int r = 0;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]) && r == 0; i++)
		r = checks[i](rq, draft);
	return r;
}

static void
set_defaults(struct json *doc)
{
	static const struct {
		const char *name;
		bool value;
	} flags[] = {
		{ "AllowedOAuthFlowsUserPoolClient", false },
		{ "EnableTokenRevocation", true },
		{ "EnablePropagateAdditionalUserContextData", false },
	};
	size_t i;

	if (json_int(doc, "RefreshTokenValidity", 0) == 0)
		json_set_int(doc, "RefreshTokenValidity", 30);
	if (!json_has(doc, "AuthSessionValidity"))
		json_set_int(doc, "AuthSessionValidity", 3);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!json_has(doc, flags[i].name))
			json_set_bool(doc, flags[i].name, flags[i].value);
}

/* The answer's shape has no ClientSecrets: what is sealed stays here. */
static int
answer_client(struct rq *rq, const struct json *doc, struct json *out)
{
	struct json *answer = json_copy(rq->mem, doc);
	const char *secret;
	int r;

	if ((r = secret_open(rq, doc, &secret)) != 0)
		return r;
	json_set_text(answer, "ClientSecret", secret);
	json_set(out, "UserPoolClient", answer);
	return 0;
}

static int
first_secret(struct rq *rq, const struct json *in, struct json *doc)
{
	const char *secret = json_text(in, "ClientSecret");
	struct json *list = json_array(rq->mem), *row;
	int r;

	if (secret == NULL && !json_flag(in, "GenerateSecret", false))
		return 0;
	if (secret == NULL)
		secret = random_text(rq->mem, 52, letters);
	if ((r = secret_seal(rq, json_text(doc, "ClientId"), NULL, secret, &row)) != 0)
		return r;
	json_add(list, row);
	json_set(doc, "ClientSecrets", list);
	return 0;
}

/* What every new client goes through; its writes begin here, and end with client_create. */
static int
make(struct rq *rq, const struct pool *pool, const struct json *in, struct json *doc)
{
	struct draft draft = { pool, doc };
	int r;

	json_set_text(doc, "UserPoolId", pool->id);
	json_set_text(doc, "ClientId", random_text(rq->mem, 26, letters));
	set_defaults(doc);
	need_date(rq, doc, "LastModifiedDate");
	need_date(rq, doc, "CreationDate");
	if ((r = first_secret(rq, in, doc)) != 0 || (r = check_draft(rq, &draft)) != 0 ||
	    (r = need_room(rq, kv_key(rq->mem, KV_CLIENT, pool->id, NULL), MOST_CLIENTS,
	    "The user pool has as many clients as it can have.")) != 0)
		return r;
	need_still(rq, pool->record);
	return 0;
}

int
op_create_client(struct rq *rq, const struct json *in, struct json *out)
{
	struct json *doc = shape_project(rq->mem, shape_find("Client"), in);
	const struct pool *pool;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0)
		return r;
	if (!json_has(doc, "Dialect"))
		json_set(doc, "Dialect", json_get(pool->doc, "Dialect"));
	if ((r = make(rq, pool, in, doc)) != 0 ||
	    (r = keyring_provide(rq, pool, json_text(doc, "SigningAlgorithm"))) != 0 ||
	    (r = client_create(rq, pool->id, doc, 0)) != 0)
		return r;
	return answer_client(rq, doc, out);
}

int
op_describe_client(struct rq *rq, const struct json *in, struct json *out)
{
	const struct client *client;
	const struct pool *pool;
	int r;

	if ((r = need_client(rq, in, &pool, &client)) != 0)
		return r;
	return answer_client(rq, client->doc, out);
}

/* Replaces: members of the original that are left out fall back to their defaults. */
int
op_update_client(struct rq *rq, const struct json *in, struct json *out)
{
	/* Settings of ours stay too: tools that never heard of them must not change them. */
	static const char *const kept[] = { "ClientName", "ClientSecrets", "CreationDate",
		"ClientType", "Dialect", "PkceRequired", "PushedRequestsRequired", "DpopRequired",
		"TokenEndpointAuthMethod", "Jwks", "SigningAlgorithm", "BackchannelLogoutURI",
		"ReuseEndsFamily" };
	struct json *doc = shape_project(rq->mem, shape_find("Client"), in);
	const struct client *client;
	const struct pool *pool;
	struct draft draft;
	size_t i;
	int r;

	if ((r = need_client(rq, in, &pool, &client)) != 0)
		return r;
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!json_has(doc, kept[i]))
			json_set(doc, kept[i], json_get(client->doc, kept[i]));
	set_defaults(doc);
	need_date(rq, doc, "LastModifiedDate");
	draft = (struct draft){ pool, doc };
	if ((r = check_draft(rq, &draft)) != 0 ||
	    (r = keyring_provide(rq, pool, json_text(doc, "SigningAlgorithm"))) != 0 ||
	    (r = client_change(rq, client, doc)) != 0)
		return r;
	return answer_client(rq, doc, out);
}

/* Its tokens die with it: every program that meets one asks for the client. */
int
op_delete_client(struct rq *rq, const struct json *in, struct json *out)
{
	const struct client *client;
	const struct pool *pool;
	int r;

	(void)out;
	if ((r = need_client(rq, in, &pool, &client)) != 0)
		return r;
	client_drop(rq, client);
	return 0;
}

/* The type filters what a piece holds, so pieces may be short (idp-api.md 5.7). */
int
op_list_clients(struct rq *rq, const struct json *in, struct json *out)
{
	static const struct page page = { "ListUserPoolClients", "NextToken", "MaxResults", 60 };
	const char *type = json_text(in, "ClientType");
	const struct client *const *clients;
	struct json *list = json_array(rq->mem);
	const struct pool *pool;
	const char *after;
	size_t i, n, most;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 ||
	    (r = page_open(rq, &page, in, &after, &most)) != 0 ||
	    (r = client_list(rq, pool->id, after, most, &clients, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if (type == NULL || clients[i]->registered == (strcmp(type, "DCR") == 0))
			json_add(list, clients[i]->doc);
	json_set(out, "UserPoolClients", list);
	return page_more(rq, &page, in, out, n == most ? clients[n - 1]->id : NULL);
}

/*
 * Secrets by themselves, so that one can be replaced without a gap.
 */

int
op_add_client_secret(struct rq *rq, const struct json *in, struct json *out)
{
	const char *given = json_text(in, "ClientSecret"), *secret = given;
	struct json *doc, *list, *row, *answer;
	const struct client *client;
	const struct pool *pool;
	int r;

	if ((r = need_client(rq, in, &pool, &client)) != 0)
		return r;
	if (json_count(client->secrets) == 0)
		return wrong(rq, "The client was created without a secret.");
	if (client->registered)
		return wrong(rq, "The client registered itself, and asks for its secret itself.");
	if (json_count(client->secrets) >= MOST_SECRETS)
		return refuse_with(rq, &limit_exceeded, "A client has at most two secrets.",
		    "client %s has two secrets", client->id);
	if (secret == NULL)
		secret = random_text(rq->mem, 52, letters);
	if ((r = secret_seal(rq, client->id, client->secrets, secret, &row)) != 0)
		return r;
	list = json_copy(rq->mem, client->secrets);
	json_add(list, row);
	doc = json_copy(rq->mem, client->doc);
	json_set(doc, "ClientSecrets", list);
	need_date(rq, doc, "LastModifiedDate");
	answer = json_copy(rq->mem, row);
	json_set_text(answer, "ClientSecretValue", given == NULL ? secret : NULL);
	json_set(out, "ClientSecretDescriptor", answer);
	return client_change(rq, client, doc);
}

int
op_list_client_secrets(struct rq *rq, const struct json *in, struct json *out)
{
	const struct client *client;
	const struct pool *pool;
	int r;

	if ((r = need_client(rq, in, &pool, &client)) != 0)
		return r;
	json_set(out, "ClientSecrets",
	    client->secrets != NULL ? client->secrets : json_array(rq->mem));
	return 0;
}

int
op_delete_client_secret(struct rq *rq, const struct json *in, struct json *out)
{
	const char *id = json_text(in, "ClientSecretId");
	struct json *doc, *list = json_array(rq->mem);
	const struct client *client;
	const struct pool *pool;
	size_t i;
	int r;

	(void)out;
	if ((r = need_client(rq, in, &pool, &client)) != 0)
		return r;
	if (json_find(client->secrets, "ClientSecretId", id) == NULL)
		return refuse_with(rq, &no_such_resource, "Client secret does not exist.",
		    "client %s has no such secret", client->id);
	for (i = 0; i < json_count(client->secrets); i++)
		if (!text_equal(json_text(json_at(client->secrets, i), "ClientSecretId"), id))
			json_add(list, json_at(client->secrets, i));
	if (json_count(list) == 0)
		return wrong(rq, "The last secret of a client cannot be deleted.");
	doc = json_copy(rq->mem, client->doc);
	json_set(doc, "ClientSecrets", list);
	need_date(rq, doc, "LastModifiedDate");
	return client_change(rq, client, doc);
}

/*
 * Clients that register themselves.
 */

/* A secret goes with the methods that prove by one (RFC 7591 3.2.1). */
static bool
wants_secret(const struct json *members)
{
	const char *method = json_text(members, "TokenEndpointAuthMethod");

	return method == NULL || text_starts(method, "client_secret");
}

/* What is weaker than it need be is not left to strangers: RFC 9700 2.1.1. */
static void
set_registered(struct rq *rq, struct json *doc)
{
	bool open = text_equal(json_text(doc, "TokenEndpointAuthMethod"), "none");

	json_set(doc, "SupportedIdentityProviders",
	    json_new_words(rq->mem, words_split(rq->mem, "COGNITO", ' ')));
	json_set_text(doc, "ClientType", "DCR");
	json_set_text(doc, "Dialect", "standard");
	json_set_text(doc, "PreventUserExistenceErrors", "ENABLED");
	json_set_bool(doc, "AllowedOAuthFlowsUserPoolClient", true);
	json_set_bool(doc, "PkceRequired", open);
}

int
clients_register(struct rq *rq, const struct pool *pool, const struct json *members,
    int64_t expires, const struct json **doc_r, const char **secret_r)
{
	struct json *doc = json_copy(rq->mem, members), *in = json_object(rq->mem);
	int r;

	*doc_r = doc;
	*secret_r = NULL;
	set_registered(rq, doc);
	json_set_bool(in, "GenerateSecret", wants_secret(members));
	if ((r = make(rq, pool, in, doc)) != 0 || (r = secret_open(rq, doc, secret_r)) != 0)
		return r;
	return client_create(rq, pool->id, doc, expires);
}

int
clients_register_again(struct rq *rq, const struct pool *pool, const struct client *client,
    const struct json *members, const struct json **doc_r, const char **secret_r)
{
	struct json *doc = json_copy(rq->mem, client->doc), *in = json_object(rq->mem);
	struct draft draft = { pool, doc };
	const char *const *member;
	int r;

	*doc_r = doc;
	*secret_r = NULL;
	for (member = client_metadata_members; *member != NULL; member++) {
		json_drop(doc, *member);
		json_set(doc, *member, json_get(members, *member));
	}
	set_registered(rq, doc);
	need_date(rq, doc, "LastModifiedDate");
	if (!wants_secret(members))
		json_drop(doc, "ClientSecrets");
	json_set_bool(in, "GenerateSecret",
	    wants_secret(members) && !json_has(doc, "ClientSecrets"));
	if ((r = first_secret(rq, in, doc)) != 0 || (r = check_draft(rq, &draft)) != 0 ||
	    (r = secret_open(rq, doc, secret_r)) != 0)
		return r;
	return client_change(rq, client, doc);
}

int
clients_secret(struct rq *rq, const struct client *client, const char **secret_r)
{
	return secret_open(rq, client->doc, secret_r);
}
