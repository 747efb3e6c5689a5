/* back - a verified way back to the client */
#include "oidc/back.h"
#include "oidc/refusals.h"

struct back {
	const char *uri, *state;
};

static const struct back *
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

int
back_verify(struct rq *rq, const struct client *client, const char *uri, const char *state,
    const struct back **back_r)
{
	*back_r = NULL;
	if (uri == NULL && (uri = back_default(client)) == NULL)
		return refuse(rq, &parameters_missing,
		    "no redirect_uri, and client %s has no default", client->id);
	/* Exact comparison: anything cleverer has let tokens leave (RFC 9700 4.1). */
	if (!words_have(client->callbacks, uri))
		return refuse(rq, &redirect_mismatch,
		    "redirect_uri is not registered as a callback URL of client %s", client->id);
	rq->back = *back_r = back_new(rq, uri, state);
	return 0;
}

int
back_verify_sign_out(struct rq *rq, const struct client *client, const char *uri,
    const struct back **back_r)
{
	*back_r = NULL;
	if (!words_have(client->sign_outs, uri))
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
