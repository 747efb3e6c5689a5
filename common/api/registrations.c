/* registrations - clients that register themselves, and manage that */
#include <inttypes.h>
#include <string.h>

#include "account/refusals.h"
#include "api/clients.h"
#include "api/client_metadata.h"
#include "api/need.h"
#include "api/op.h"
#include "api/registrations.h"
#include "base/address.h"
#include "base/codec.h"
#include "base/conf.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/shape.h"
#include "crypto/digest.h"
#include "oidc/refusals.h"
#include "store/registration.h"
#include "store/throttle.h"

enum { USES = 1, DAYS = 7, HOUR = 3600 * 1000 };

/*
 * Initial access tokens (RFC 7591 3). The original leaves open who hands them out; here an
 * administrator does.
 */

int
op_create_initial_token(struct rq *rq, const struct json *in, struct json *out)
{
	const char *token = random_token(rq->mem);
	int64_t expires = rq->now + json_int(in, "ValidityDays", DAYS) * 24 * HOUR;
	const struct pool *pool;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0)
		return r;
	need_still(rq, pool->record);
	json_set_text(out, "InitialAccessToken", token);
	json_set_real(out, "ExpirationDate", (double)expires / 1000.0);
	return initial_token_create(rq, pool->id, digest_text(rq->mem, token),
	    json_int(in, "Uses", USES), expires);
}

/* One that nobody knows is gone already. */
int
op_delete_initial_token(struct rq *rq, const struct json *in, struct json *out)
{
	const struct pool *pool;
	int r;

	(void)out;
	if ((r = need_pool(rq, in, &pool)) != 0)
		return r;
	initial_token_drop(rq, pool->id,
	    digest_text(rq->mem, json_text(in, "InitialAccessToken")));
	return 0;
}

/*
 * Whether, and what.
 */

/* *flows_r: what a client that comes like this may ask for. */
static int
registrations_open(struct rq *rq, const char *token, struct words *flows_r)
{
	const struct json *settings = json_get(rq->pool->doc, "DcrConfiguration");
	const char *member = token != NULL ? "AuthenticatedGrantTypes" : "OpenDcrGrantTypes";
	bool good = false;
	int r = 0;

	if (!text_equal(json_text(settings, "EnableStatus"), "Enabled"))
		return refuse(rq, &registration_closed, "the pool's DcrConfiguration is closed");
	if (token != NULL)
		r = initial_token_take(rq, rq->pool->id, digest_text(rq->mem, token), &good);
	else
		good = json_flag(settings, "OpenDcrEnabled", false);
	if (r != 0)
		return r;
	if (!good)
		return refuse(rq, &invalid_token, token != NULL ? "no such initial access token" :
		    "no initial access token");
	*flows_r = json_has(settings, member) ? json_words(rq->mem, settings, member) :
	    words_split(rq->mem, "code", ' ');
	return 0;
}

/* The scopes it asks for, or all it may have, are among those of the pool's settings. */
static int
allow_scopes(struct rq *rq, struct json *members)
{
	const struct json *settings = json_get(rq->pool->doc, "DcrConfiguration");
	struct words asked = json_words(rq->mem, members, "AllowedOAuthScopes");
	struct words allowed = json_has(settings, "AllowedScopes") ?
	    json_words(rq->mem, settings, "AllowedScopes") :
	    words_split(rq->mem, "openid email phone profile", ' ');
	size_t i;

	if (!json_has(members, "AllowedOAuthScopes"))
		json_set(members, "AllowedOAuthScopes", json_new_words(rq->mem, allowed));
	for (i = 0; i < asked.n; i++)
		if (!words_have(allowed, asked.at[i]))
			return refuse_with(rq, &invalid_client_metadata, "scope has one that no "
			    "client registers with.", "a scope that is not in AllowedScopes");
	return 0;
}

static int
allow_flows(struct rq *rq, struct words flows, const struct json *members)
{
	struct words asked = json_words(rq->mem, members, "AllowedOAuthFlows");
	size_t i;

	for (i = 0; i < asked.n; i++)
		if (!words_have(flows, asked.at[i]))
			return refuse_with(rq, &invalid_client_metadata, "grant_types has one that "
			    "no client registers with.", "flow %s", asked.at[i]);
	return 0;
}

/* The rules for app clients speak of their members, by the names of the API. */
static int
in_terms_of_metadata(struct rq *rq, int r)
{
	if (r != REFUSED || rq->refusal == &invalid_client_metadata)
		return r;
	return refuse_with(rq, &invalid_client_metadata, refusal_text(rq), "%s",
	    rq->refusal->code);
}

static int
read_members(struct rq *rq, const struct json *metadata, struct json **members_r,
    const struct json **said_r)
{
	const struct json *read;
	struct json *whole;
	int r;

	if ((r = client_metadata_read(rq, metadata, &read, said_r)) != 0)
		return r;
	*members_r = json_copy(rq->mem, read);
	whole = json_copy(rq->mem, read);
	json_set_text(whole, "UserPoolId", rq->pool->id);
	if ((r = shape_check(rq, shape_find("CreateUserPoolClient.in"), whole)) != 0)
		return in_terms_of_metadata(rq, r);
	return allow_scopes(rq, *members_r);
}

/*
 * How many.
 */

/* Of a source in this hour of the clock. */
static int
count_source(struct rq *rq)
{
	const char *subject;
	struct throttle throttle;
	int r;

	if (rq->source == NULL)
		return 0;
	subject = arena_printf(rq->mem, "register:%s:%" PRId64,
	    base64url(rq->mem, rq->source->at, sizeof(rq->source->at)), rq->now / HOUR);
	if ((r = throttle_get(rq, rq->pool->id, subject, &throttle)) != 0)
		return r;
	if (throttle.failures >= conf->registrations_per_hour)
		return refuse(rq, &registration_busy, "%" PRId64 " registrations in an hour",
		    throttle.failures);
	return throttle_put(rq, rq->pool->id, subject, throttle.failures + 1, rq->now + HOUR);
}

static int
count_pool(struct rq *rq)
{
	int r = need_room(rq, kv_key(rq->mem, KV_REGISTRATION, rq->pool->id, NULL),
	    (size_t)conf->registered_clients, "");

	return r != REFUSED ? r : refuse(rq, &registration_busy,
	    "the pool has as many registered clients as it can have");
}

/*
 * The four requests.
 */

/* RFC 7591 3.2.1 */
static struct json *
answer(struct rq *rq, const struct json *doc, const struct json *said, const char *secret,
    const char *token)
{
	struct json *out = client_metadata_write(rq, doc, said);

	json_set_text(out, "client_id", json_text(doc, "ClientId"));
	json_set_int(out, "client_id_issued_at",
	    (int64_t)json_as_real(json_get(doc, "CreationDate")));
	json_set_text(out, "client_secret", secret);
	if (secret != NULL)
		json_set_int(out, "client_secret_expires_at", 0);
	json_set_text(out, "registration_access_token", token);
	return out;
}

static int
add(struct rq *rq, const char *token, const struct json *metadata, struct json **answer_r)
{
	int64_t expires = rq->now + conf->registered_unused_days * 24 * HOUR;
	const char *secret, *access = random_token(rq->mem);
	struct registration registration = { .token = digest_text(rq->mem, access) };
	const struct json *doc;
	struct json *members;
	struct words flows;
	int r;

	if ((r = registrations_open(rq, token, &flows)) != 0 ||
	    (r = read_members(rq, metadata, &members, &registration.said)) != 0 ||
	    (r = allow_flows(rq, flows, members)) != 0 || (r = count_pool(rq)) != 0 ||
	    (r = count_source(rq)) != 0 ||
	    (r = in_terms_of_metadata(rq, clients_register(rq, rq->pool, members, expires, &doc,
	    &secret))) != 0)
		return r;
	*answer_r = answer(rq, doc, registration.said, secret, access);
	return registration_create(rq, rq->pool->id, json_text(doc, "ClientId"), &registration,
	    expires);
}

int
registrations_add(struct rq *rq, const char *token, const struct json *metadata,
    struct json **answer_r)
{
	int r;

	*answer_r = NULL;
	if ((r = add(rq, token, metadata, answer_r)) != 0)
		kv_forget(rq);	/* who was refused has used nothing up */
	return r;
}

/* RFC 7592 2: a client that is not there answers like a token that is wrong. */
static int
registrations_prove(struct rq *rq, const char *id, const char *token,
    const struct registration **registration_r, const struct client **client_r)
{
	int r;

	*client_r = NULL;
	if ((r = registration_get(rq, rq->pool->id, id, registration_r)) != 0)
		return r;
	if (token == NULL || *registration_r == NULL ||
	    !secret_equal((*registration_r)->token, digest_text(rq->mem, token)))
		return refuse(rq, &invalid_token, "not the registration access token of a client");
	if ((r = client_get(rq, rq->pool->id, id, client_r)) != 0)
		return r;
	return *client_r != NULL ? 0 : refuse(rq, &invalid_token, "no client %s", id);
}

int
registrations_show(struct rq *rq, const char *id, const char *token, struct json **answer_r)
{
	const struct registration *registration;
	const struct client *client;
	const char *secret;
	int r;

	*answer_r = NULL;
	if ((r = registrations_prove(rq, id, token, &registration, &client)) != 0 ||
	    (r = clients_secret(rq, client, &secret)) != 0)
		return r;
	*answer_r = answer(rq, client->doc, registration->said, secret, token);
	return 0;
}

/* RFC 7592 2.2: the client says who it is, and nothing that only the server may say. */
static int
check_change(struct rq *rq, const struct json *metadata, const struct client *client,
    const char *secret)
{
	static const char *const ours[] = { "registration_access_token", "registration_client_uri",
		"client_secret_expires_at", "client_id_issued_at" };
	const char *said = json_text(metadata, "client_secret");
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (json_has(metadata, ours[i]))
			return refuse_with(rq, &invalid_client_metadata, arena_printf(rq->mem,
			    "%s is not for the client to say.", ours[i]), "%s", ours[i]);
	if (!text_equal(json_text(metadata, "client_id"), client->id))
		return refuse_with(rq, &invalid_client_metadata,
		    "client_id is not that of the address.", "client_id");
	if (json_has(metadata, "client_secret") && !secret_equal(said, secret))
		return refuse_with(rq, &invalid_client_metadata,
		    "client_secret is not that of the client.", "client_secret");
	return 0;
}

/* What it was allowed once it stays allowed: grants beyond are for a new registration. */
int
registrations_change(struct rq *rq, const char *id, const char *token,
    const struct json *metadata, struct json **answer_r)
{
	const struct registration *registration;
	const struct client *client;
	const struct json *doc, *said;
	struct json *members;
	const char *secret;
	int r;

	*answer_r = NULL;
	if ((r = registrations_prove(rq, id, token, &registration, &client)) != 0 ||
	    (r = clients_secret(rq, client, &secret)) != 0 ||
	    (r = check_change(rq, metadata, client, secret)) != 0 ||
	    (r = read_members(rq, metadata, &members, &said)) != 0 ||
	    (r = allow_flows(rq, client->flows, members)) != 0 ||
	    (r = in_terms_of_metadata(rq, clients_register_again(rq, rq->pool, client, members,
	    &doc, &secret))) != 0)
		return r;
	*answer_r = answer(rq, doc, said, secret, token);
	return registration_change(rq, registration, said);
}

int
registrations_remove(struct rq *rq, const char *id, const char *token)
{
	const struct registration *registration;
	const struct client *client;
	int r;

	if ((r = registrations_prove(rq, id, token, &registration, &client)) != 0)
		return r;
	client_drop(rq, client);
	return 0;
}
