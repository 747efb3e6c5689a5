/* back - a verified way back to the client */
#include <string.h>

#include "base/conf.h"
#include "base/text.h"
#include "oidc/back.h"
#include "oidc/dialect.h"
#include "oidc/discovery.h"
#include "oidc/refusals.h"
#include "web/uri.h"

struct back {
	const char *uri, *state, *issuer;
	enum back_mode granted, refused;	/* how either answer travels */
};

static const char *const modes[] = {
	[BACK_QUERY] = "query", [BACK_FRAGMENT] = "fragment", [BACK_FORM] = "form_post",
};
enum { NMODES = sizeof(modes) / sizeof(modes[0]) };

static struct back *
back_new(struct rq *rq, const char *uri, const char *state)
{
	struct back *back = arena_alloc(rq->mem, sizeof(*back));

	back->uri = uri;
	back->state = state;
	return back;
}

/* What stands for an omitted redirect_uri; NULL: nothing does. */
static const char *
back_default(const struct client *client)
{
	if (client->providers.n != 1)
		return NULL;
	if (client->default_callback != NULL)
		return client->default_callback;
	return client->callbacks.n == 1 ? client->callbacks.at[0] : NULL;
}

/* Exact comparison: anything cleverer has let tokens leave (RFC 9700 4.1). A native app cannot know
 * which port it will get (RFC 8252 7.3); it listens on this machine in any case. */
static bool
back_registered(const struct rq *rq, const struct client *client, const char *uri)
{
	size_t i;

	if (words_have(client->callbacks, uri))
		return true;
	if (!dialect_has(rq, LOOPBACK_PORTS))
		return false;
	for (i = 0; i < client->callbacks.n; i++)
		if (uri_same_loopback(client->callbacks.at[i], uri))
			return true;
	return false;
}

/* As far as the wish makes sense: what is wrong with it is told the client too. The contract has
 * errors in the query also for response_type=token (oauth.md 2). */
static void
back_set_modes(const struct rq *rq, struct back *back, const struct back_wish *wish)
{
	bool implicit = text_equal(wish->response_type, "token"), chosen = false;
	int i;

	back->granted = implicit ? BACK_FRAGMENT : BACK_QUERY;
	for (i = 0; i < NMODES && dialect_has(rq, RESPONSE_MODES) && !chosen; i++) {
		if (!text_equal(wish->response_mode, modes[i]) || (implicit && i == BACK_QUERY) ||
		    (i == BACK_FORM && !text_starts(back->uri, "http")))
			continue;
		back->granted = (enum back_mode)i;
		chosen = true;
	}
	back->refused = chosen || dialect_has(rq, RESPONSE_ERRORS) ? back->granted : BACK_QUERY;
}

int
back_verify(struct rq *rq, const struct client *client, const struct back_wish *wish,
    const struct back **back_r)
{
	const char *uri = wish->uri != NULL ? wish->uri : back_default(client);
	struct back *back;

	*back_r = NULL;
	if (uri == NULL)
		return refuse(rq, &parameters_missing,
		    "no redirect_uri, and client %s has no default", client->id);
	if (!back_registered(rq, client, uri))
		return refuse(rq, &redirect_mismatch,
		    "redirect_uri is not registered as a callback URL of client %s", client->id);
	back = back_new(rq, uri, wish->state);
	if (dialect_has(rq, RESPONSE_ISSUER))
		back->issuer = discovery_issuer(rq, rq->pool);
	back_set_modes(rq, back, wish);
	rq->back = *back_r = back;
	return 0;
}

int
back_verify_farewell(struct rq *rq, const struct client *client, const char *uri,
    const char *state, const struct back **back_r)
{
	*back_r = NULL;
	if (!words_have(client->sign_outs, uri))
		return refuse(rq, &redirect_mismatch, "post_logout_redirect_uri is not registered "
		    "as a sign-out URL of client %s", client->id);
	*back_r = back_new(rq, uri, state);
	return 0;
}

int
back_check_mode(struct rq *rq, const struct back *back, const struct back_wish *wish)
{
	if (wish->response_mode == NULL || !dialect_has(rq, RESPONSE_MODES) ||
	    strcmp(wish->response_mode, modes[back->granted]) == 0)
		return 0;
	return refuse(rq, &invalid_request, "response_mode is not one for this response_type and "
	    "redirect_uri");
}

static bool
back_is_login(struct rq *rq, const struct client *client, const char *uri)
{
	return words_have(client->callbacks, uri) && text_starts(uri,
	    arena_printf(rq->mem, "%s://%s/login?", conf->scheme, rq->host));
}

int
back_verify_sign_out(struct rq *rq, const struct client *client, const char *uri,
    const struct back **back_r)
{
	*back_r = NULL;
	if (!words_have(client->sign_outs, uri) && !back_is_login(rq, client, uri))
		return refuse(rq, &redirect_mismatch,
		    "logout_uri is not registered as a sign-out URL of client %s", client->id);
	*back_r = back_new(rq, uri, NULL);
	return 0;
}

const char *
back_uri(const struct back *back)
{
	return back->uri;
}

const char *
back_state(const struct back *back)
{
	return back->state;
}

const char *
back_issuer(const struct back *back)
{
	return back->issuer;
}

enum back_mode
back_mode(const struct back *back, bool refused)
{
	return refused ? back->refused : back->granted;
}
