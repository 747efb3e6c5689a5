/* NAME         register - clients register themselves
 * ANSWERS TO   POST /oauth2/register (RFC 7591), GET, PUT and DELETE /oauth2/register/{client_id}
 *              (RFC 7592)
 * READS        domain pool client resource registration initial_token throttle
 * WRITES       client client_pool registration initial_token throttle
 * HANDS OVER   nothing: the caller is the client itself
 * SETTINGS     limit_client limit_domain limit_share limit_source master_key registered_clients
 *              registered_unused_days registrations_per_hour scheme trusted_proxies
 *              worker_requests workers
 *
 * A new app client comes of what it says of itself, by the rules that an administrator's are made
 * by. Whether that is possible at all is the user pool's DcrConfiguration: by default it is not.
 * With the registration access token that it got the client sees, changes and removes itself. One
 * that was never granted anything goes after registered_unused_days. */
#include <strings.h>

#include "api/registrations.h"
#include "base/conf.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/body.h"
#include "endpoint/endpoint.h"
#include "oidc/refusals.h"

enum { LONGEST = 16 * 1024 };	/* of what a client says */

enum { AUTHORIZATION, NPARAMS };

static const struct param params[NPARAMS] = {
	[AUTHORIZATION] = { "Authorization", syn_visible, 256, HEADER | SECRET },
};

/* RFC 6750 2.1; NULL: there is none. */
static const char *
bearer(const struct rq *rq)
{
	const char *header = arg(rq, AUTHORIZATION);

	return header != NULL && strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

static int
answer_registration(struct rq *rq, int status, struct json *body)
{
	json_set_text(body, "registration_client_uri", arena_printf(rq->mem,
	    "%s://%s/oauth2/register/%s", conf->scheme, rq->host, json_text(body, "client_id")));
	return answer_json(rq, status, body);
}

static int
add(struct rq *rq)
{
	const struct json *metadata;
	struct json *body;
	int r;

	if ((r = body_object(rq, LONGEST, &invalid_client_metadata, &metadata)) != 0 ||
	    (r = registrations_add(rq, bearer(rq), metadata, &body)) != 0)
		return r;
	return answer_registration(rq, 201, body);
}

static int
change(struct rq *rq)
{
	const struct json *metadata;
	struct json *body;
	int r;

	if ((r = body_object(rq, LONGEST, &invalid_client_metadata, &metadata)) != 0 ||
	    (r = registrations_change(rq, rq->tail, bearer(rq), metadata, &body)) != 0)
		return r;
	return answer_registration(rq, 200, body);
}

static int
manage(struct rq *rq)
{
	struct json *body;
	int r;

	if (!syn_client_id(rq->tail))
		return refuse(rq, &invalid_token, "not the form of a client_id");
	if (text_equal(rq->method, "PUT"))
		return change(rq);
	if (!text_equal(rq->method, "DELETE")) {
		r = registrations_show(rq, rq->tail, bearer(rq), &body);
		return r != 0 ? r : answer_registration(rq, 200, body);
	}
	r = registrations_remove(rq, rq->tail, bearer(rq));
	return r != 0 ? r : answer_gone(rq);
}

static const struct page pages[] = {
	{ "/oauth2/register", POST, params, NPARAMS, add, STYLE_JSON, CORS },
	{ "/oauth2/register/{client_id}", GET | PUT | DELETE, params, NPARAMS, manage, STYLE_JSON,
	    0 },
	{ .path = NULL },
};

static const struct program program = {
	.name = "register", .what = "clients register themselves", .pages = pages,
	.reads = "domain pool client resource registration initial_token throttle",
	.writes = "client client_pool registration initial_token throttle", .sets = "",
	.hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
