/* client_metadata - what a client says of itself, as the members of an app client */
#include <string.h>

#include "api/client_metadata.h"
#include "base/syntax.h"
#include "oidc/refusals.h"
#include "web/uri.h"

enum { MOST = 20, LONGEST_URL = 1024, LONGEST_SCOPE = 8192 };

enum form { LINE, URL, LINES, URLS, FLAG, OBJECT };

/* member: of the app client; NULL: kept as it was said. A backchannel_logout_uri is not taken from
 * strangers: the server would call whatever it names. */
static const struct row {
	const char *name, *member;
	enum form form;
	size_t longest;			/* of a text, or of each */
} rows[] = {
	{ "client_name", "ClientName", LINE, 128 },
	{ "redirect_uris", "CallbackURLs", URLS, LONGEST_URL },
	{ "post_logout_redirect_uris", "LogoutURLs", URLS, LONGEST_URL },
	{ "token_endpoint_auth_method", "TokenEndpointAuthMethod", LINE, 32 },
	{ "jwks", "Jwks", OBJECT, 0 },
	{ "require_pushed_authorization_requests", "PushedRequestsRequired", FLAG, 0 },
	{ "dpop_bound_access_tokens", "DpopRequired", FLAG, 0 },
	{ "client_uri", NULL, URL, LONGEST_URL },
	{ "logo_uri", NULL, URL, LONGEST_URL },
	{ "tos_uri", NULL, URL, LONGEST_URL },
	{ "policy_uri", NULL, URL, LONGEST_URL },
	{ "contacts", NULL, LINES, 254 },
	{ "software_id", NULL, LINE, 128 },
	{ "software_version", NULL, LINE, 64 },
};
enum { NROWS = sizeof(rows) / sizeof(rows[0]) };

const char *const client_metadata_members[] = { "ClientName", "CallbackURLs", "LogoutURLs",
	"TokenEndpointAuthMethod", "Jwks", "PushedRequestsRequired", "DpopRequired",
	"AllowedOAuthFlows", "AllowedOAuthScopes", NULL };

/* RFC 7591 2: the same grant in three spellings. A refresh token needs no permission here. */
static const struct { const char *type, *flow, *response; } grants[] = {
	{ "authorization_code", "code", "code" },
	{ "implicit", "implicit", "token" },
	{ "client_credentials", "client_credentials", NULL },
	{ "urn:ietf:params:oauth:grant-type:device_code", "device_code", NULL },
	{ "refresh_token", NULL, NULL },
};
enum { NGRANTS = sizeof(grants) / sizeof(grants[0]) };

static int
wrong(struct rq *rq, const char *name, const char *what)
{
	return refuse_with(rq, &invalid_client_metadata,
	    arena_printf(rq->mem, "%s %s", name, what), "%s %s", name, what);
}

static int
check_text(struct rq *rq, const struct row *row, const struct json *value)
{
	const char *text = json_as_text(value);

	if (text == NULL || *text == '\0' || !syn_line(text))
		return wrong(rq, row->name, "is no text of one line.");
	if (strlen(text) > row->longest)
		return wrong(rq, row->name, "is too long.");
	if ((row->form != URL && row->form != URLS) || uri_may_register(text))
		return 0;
	if (strcmp(row->name, "redirect_uris") == 0)
		return refuse_with(rq, &invalid_redirect_uri, "A redirect URI is https, http to "
		    "localhost, or an app's own scheme, without a fragment.", "redirect_uris");
	return wrong(rq, row->name, "has an address that cannot be used.");
}

static int
check_texts(struct rq *rq, const struct row *row, const struct json *value)
{
	size_t i;
	int r;

	if (json_type(value) != JSON_ARRAY || json_count(value) > MOST)
		return wrong(rq, row->name, "is no list of at most twenty.");
	for (i = 0; i < json_count(value); i++)
		if ((r = check_text(rq, row, json_at(value, i))) != 0)
			return r;
	return 0;
}

static int
check_row(struct rq *rq, const struct row *row, const struct json *value)
{
	switch (row->form) {
	case LINES:
	case URLS:
		return check_texts(rq, row, value);
	case FLAG:
		return json_type(value) == JSON_BOOL ? 0 :
		    wrong(rq, row->name, "is neither true nor false.");
	case OBJECT:
		return json_type(value) == JSON_OBJECT ? 0 :
		    wrong(rq, row->name, "is no object.");
	case LINE:
	case URL:
		break;
	}
	return check_text(rq, row, value);
}

/* The words of a list of texts, or what stands for it where it is absent. */
static int
read_words(struct rq *rq, const struct json *metadata, const char *name, const char *otherwise,
    struct words *words_r)
{
	const struct row row = { name, NULL, LINES, 128 };
	int r = 0;

	*words_r = words_split(rq->mem, otherwise, ' ');
	if (!json_has(metadata, name))
		return 0;
	if ((r = check_texts(rq, &row, json_get(metadata, name))) == 0)
		*words_r = json_words(rq->mem, metadata, name);
	return r;
}

/* RFC 7591 2.1: response types and grant types go together. */
static int
check_responses(struct rq *rq, const struct json *metadata, struct words types)
{
	struct words responses;
	size_t i, j;
	int r;

	if ((r = read_words(rq, metadata, "response_types", NULL, &responses)) != 0)
		return r;
	for (i = 0; i < responses.n; i++) {
		for (j = 0; j < NGRANTS; j++)
			if (grants[j].response != NULL && words_have(types, grants[j].type) &&
			    strcmp(grants[j].response, responses.at[i]) == 0)
				break;
		if (j == NGRANTS)
			return wrong(rq, "response_types", "has one that is none of ours, or "
			    "whose grant is not in grant_types.");
	}
	return 0;
}

static int
read_grants(struct rq *rq, const struct json *metadata, struct json *members)
{
	struct json *flows = json_array(rq->mem);
	struct words types;
	size_t i, j;
	int r;

	r = read_words(rq, metadata, "grant_types", "authorization_code", &types);
	if (r != 0 || (r = check_responses(rq, metadata, types)) != 0)
		return r;
	for (i = 0; i < types.n; i++) {
		for (j = 0; j < NGRANTS && strcmp(grants[j].type, types.at[i]) != 0; j++)
			continue;
		if (j == NGRANTS)
			return wrong(rq, "grant_types", "has one that cannot be registered.");
	}
	for (j = 0; j < NGRANTS; j++)
		if (grants[j].flow != NULL && words_have(types, grants[j].type))
			json_add_text(flows, grants[j].flow);
	if (json_count(flows) == 0)
		return wrong(rq, "grant_types", "has none that begins anything.");
	json_set(members, "AllowedOAuthFlows", flows);
	if ((words_have(types, "authorization_code") || words_have(types, "implicit")) &&
	    json_count(json_get(metadata, "redirect_uris")) == 0)
		return refuse_with(rq, &invalid_redirect_uri,
		    "There is no redirect URI, and a grant that needs one.", "none");
	return 0;
}

static int
read_scope(struct rq *rq, const struct json *metadata, struct json *members)
{
	const char *scope = json_text(metadata, "scope");

	if (!json_has(metadata, "scope"))
		return 0;
	if (scope == NULL || strlen(scope) > LONGEST_SCOPE || !syn_scope(scope))
		return wrong(rq, "scope", "is no list of scopes.");
	json_set(members, "AllowedOAuthScopes",
	    json_new_words(rq->mem, words_split(rq->mem, scope, ' ')));
	return 0;
}

/* What would be broken by passing it over. */
static int
check_unserved(struct rq *rq, const struct json *metadata)
{
	if (json_has(metadata, "jwks_uri"))
		return wrong(rq, "jwks_uri", "is not fetched: send the keys themselves, as jwks.");
	return 0;
}

int
client_metadata_read(struct rq *rq, const struct json *metadata, const struct json **members_r,
    const struct json **said_r)
{
	struct json *members = json_object(rq->mem), *said = json_object(rq->mem);
	size_t i;
	int r;

	*members_r = members;
	*said_r = said;
	if ((r = check_unserved(rq, metadata)) != 0)
		return r;
	json_set_text(members, "ClientName", "Registered client");
	for (i = 0; i < NROWS; i++) {
		const struct json *value = json_get(metadata, rows[i].name);

		if (!json_has(metadata, rows[i].name))
			continue;
		if ((r = check_row(rq, &rows[i], value)) != 0)
			return r;
		if (rows[i].member != NULL)
			json_set(members, rows[i].member, value);
		else
			json_set(said, rows[i].name, value);
	}
	if ((r = read_grants(rq, metadata, members)) != 0)
		return r;
	return read_scope(rq, metadata, members);
}

static void
write_grants(struct rq *rq, const struct json *client, struct json *metadata)
{
	struct words flows = json_words(rq->mem, client, "AllowedOAuthFlows");
	struct json *types = json_array(rq->mem), *responses = json_array(rq->mem);
	bool person = false;
	size_t i;

	for (i = 0; i < NGRANTS; i++) {
		if (grants[i].flow == NULL || !words_have(flows, grants[i].flow))
			continue;
		json_add_text(types, grants[i].type);
		if (grants[i].response != NULL)
			json_add_text(responses, grants[i].response);
		person |= strcmp(grants[i].flow, "code") == 0 ||
		    strcmp(grants[i].flow, "device_code") == 0;
	}
	if (person)
		json_add_text(types, "refresh_token");
	json_set(metadata, "grant_types", types);
	json_set(metadata, "response_types", responses);
}

struct json *
client_metadata_write(struct rq *rq, const struct json *client, const struct json *said)
{
	struct words scopes = json_words(rq->mem, client, "AllowedOAuthScopes");
	struct json *metadata = json_object(rq->mem);
	size_t i;

	for (i = 0; i < NROWS; i++)
		json_set(metadata, rows[i].name, rows[i].member != NULL ?
		    json_get(client, rows[i].member) : json_get(said, rows[i].name));
	/* RFC 7591 2: that is the default. Who did not choose may send the secret either way. */
	if (!json_has(metadata, "token_endpoint_auth_method"))
		json_set_text(metadata, "token_endpoint_auth_method", "client_secret_basic");
	write_grants(rq, client, metadata);
	json_set_text(metadata, "scope", words_join(rq->mem, scopes, " "));
	return metadata;
}
