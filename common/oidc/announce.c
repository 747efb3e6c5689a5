/* announce - what a pool says of itself to relying parties */
#include <string.h>

#include "crypto/key.h"
#include "oidc/acr.h"
#include "oidc/announce.h"
#include "oidc/dialect.h"
#include "oidc/discovery.h"
#include "oidc/keyring.h"

/* Which documents have a member. ORIGINAL: every one. FULL: every full one. PROMISE: a full one of
 * a pool whose new clients get what it promises. */
enum said { ORIGINAL, FULL, PROMISE };

/* Members that are addresses: below the pool's domain, or, of a pool without one, below its
 * issuer. */
static const struct {
	const char *member, *below_domain, *below_issuer;
	enum said said;
} places[] = {
	{ "authorization_endpoint", "/oauth2/authorize", "/authorize", ORIGINAL },
	{ "device_authorization_endpoint", "/oauth2/device_authorization",
	    "/device_authorization", FULL },
	{ "end_session_endpoint", "/logout", "/logout", ORIGINAL },
	{ "introspection_endpoint", "/oauth2/introspect", "/introspect", FULL },
	{ "pushed_authorization_request_endpoint", "/oauth2/par", "/par", FULL },
	{ "revocation_endpoint", "/oauth2/revoke", "/revoke", ORIGINAL },
	{ "token_endpoint", "/oauth2/token", "/token", ORIGINAL },
	{ "userinfo_endpoint", "/oauth2/userInfo", "/userInfo", ORIGINAL },
};

#define SECRETS "client_secret_basic client_secret_post"
#define METHODS SECRETS " private_key_jwt none"
#define ALGORITHMS "RS256 PS256 ES256 EdDSA"

/* Those that are lists. A full document says a list again with more in it. */
static const struct {
	const char *member, *words;
	enum said said;
} lists[] = {
	{ "claim_types_supported", "normal", FULL },
	{ "claims_supported", "acr address amr at_hash aud auth_time birthdate email "
	    "email_verified exp family_name gender given_name iat iss jti locale middle_name name "
	    "nickname nonce phone_number phone_number_verified picture preferred_username profile "
	    "sub updated_at website zoneinfo", FULL },
	{ "code_challenge_methods_supported", "S256", FULL },
	{ "grant_types_supported", "authorization_code implicit refresh_token client_credentials "
	    "urn:ietf:params:oauth:grant-type:device_code "
	    "urn:ietf:params:oauth:grant-type:token-exchange", FULL },
	{ "introspection_endpoint_auth_methods_supported", SECRETS " private_key_jwt", FULL },
	{ "introspection_endpoint_auth_signing_alg_values_supported", ALGORITHMS, FULL },
	{ "prompt_values_supported", "none login select_account consent", FULL },
	{ "response_modes_supported", "query fragment", FULL },
	{ "response_modes_supported", "query fragment form_post", PROMISE },
	{ "response_types_supported", "code token", ORIGINAL },
	{ "revocation_endpoint_auth_methods_supported", METHODS, FULL },
	{ "revocation_endpoint_auth_signing_alg_values_supported", ALGORITHMS, FULL },
	{ "scopes_supported", "openid email phone profile", ORIGINAL },
	{ "subject_types_supported", "public", ORIGINAL },
	{ "token_endpoint_auth_methods_supported", SECRETS, ORIGINAL },
	{ "token_endpoint_auth_methods_supported", METHODS, FULL },
	{ "token_endpoint_auth_signing_alg_values_supported", ALGORITHMS, FULL },
};

/* And those that are yes or no. */
static const struct {
	const char *member;
	bool value;
	enum said said;
} flags[] = {
	{ "authorization_response_iss_parameter_supported", true, PROMISE },
	{ "backchannel_logout_session_supported", true, FULL },
	{ "backchannel_logout_supported", true, FULL },
	{ "claims_parameter_supported", false, FULL },
	{ "request_parameter_supported", false, FULL },
	{ "request_uri_parameter_supported", false, FULL },	/* it is by default */
	{ "require_pushed_authorization_requests", false, FULL },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* As on real pools. */
static struct json *
in_alphabetical_order(struct arena *mem, const struct json *object)
{
	struct json *sorted = json_object(mem);
	const char *last = "";
	size_t left;

	for (left = json_count(object); left > 0; left--) {
		struct json_member m, least = { 0 };

		for (m = json_first(object); m.name != NULL; m = json_next(m))
			if (strcmp(m.name, last) > 0 &&
			    (least.name == NULL || strcmp(m.name, least.name) < 0))
				least = m;
		json_set(sorted, least.name, least.value);
		last = least.name;
	}
	return sorted;
}

static void
set_words(struct rq *rq, struct json *document, const char *member, const char *words)
{
	json_set(document, member, json_new_words(rq->mem, words_split(rq->mem, words, ' ')));
}

/* The names of the levels of authentication. */
static void
set_levels(struct rq *rq, const struct pool *pool, struct json *document)
{
	struct json *levels = json_array(rq->mem);
	int i;

	for (i = 1; i <= ACR_LEVELS; i++)
		json_add_text(levels, acr_name(pool->doc, i));
	json_set(document, "acr_values_supported", levels);
}

/* RFC 8414 2: where a client that nobody knows may ask. */
static void
set_registration(struct rq *rq, const struct pool *pool, const char *base, struct json *document)
{
	const struct json *settings = json_get(pool->doc, "DcrConfiguration");

	if (base != NULL && text_equal(json_text(settings, "EnableStatus"), "Enabled"))
		json_set_text(document, "registration_endpoint",
		    arena_join(rq->mem, base, "/oauth2/register", ""));
}

static void
set_tables(struct rq *rq, enum said most, const char *base, const char *issuer,
    struct json *document)
{
	size_t i;

	for (i = 0; i < COUNT(places); i++)
		if (places[i].said <= most)
			json_set_text(document, places[i].member, base != NULL ?
			    arena_join(rq->mem, base, places[i].below_domain, "") :
			    arena_join(rq->mem, issuer, places[i].below_issuer, ""));
	for (i = 0; i < COUNT(lists); i++)
		if (lists[i].said <= most)
			set_words(rq, document, lists[i].member, lists[i].words);
	for (i = 0; i < COUNT(flags); i++)
		if (flags[i].said <= most)
			json_set_bool(document, flags[i].member, flags[i].value);
}

static enum said
promised(const struct pool *pool)
{
	return dialect_speaks(pool->dialect, RESPONSE_ISSUER) ? PROMISE : FULL;
}

static int
announce_make(struct rq *rq, const struct pool *pool, enum said most,
    const struct json **document_r)
{
	struct json *document = json_object(rq->mem);
	const char *base, *issuer = discovery_issuer(rq, pool);
	int r;

	if ((r = discovery_base(rq, pool, &base)) != 0)
		return r;
	set_tables(rq, most, base, issuer, document);
	json_set(document, "id_token_signing_alg_values_supported",
	    json_new_words(rq->mem, keyring_algorithms(rq, pool)));
	json_set_text(document, "issuer", issuer);
	json_set_text(document, "jwks_uri",
	    arena_printf(rq->mem, "%s/.well-known/jwks.json", issuer));
	if (most >= FULL) {
		set_levels(rq, pool, document);
		set_registration(rq, pool, base, document);
		set_words(rq, document, "dpop_signing_alg_values_supported",
		    key_algorithms(rq->mem));
	}
	*document_r = in_alphabetical_order(rq->mem, document);
	return 0;
}

int
announce_openid(struct rq *rq, const struct pool *pool, const struct json **document_r)
{
	return announce_make(rq, pool, dialect_speaks(pool->dialect, FULL_METADATA) ?
	    promised(pool) : ORIGINAL, document_r);
}

int
announce_oauth(struct rq *rq, const struct pool *pool, const struct json **document_r)
{
	return announce_make(rq, pool, promised(pool), document_r);
}
