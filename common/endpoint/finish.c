/* finish - the end of every sign-in: back to the client with a code, or with tokens */
#include "account/current.h"
#include "base/conf.h"
#include "endpoint/answer.h"
#include "endpoint/finish.h"
#include "endpoint/form.h"
#include "oidc/acr.h"
#include "oidc/dialect.h"
#include "oidc/issue.h"
#include "oidc/refusals.h"
#include "web/uri.h"

/* RFC 6749 4.1.2 */
static int
finish_code(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session)
{
	struct json *answer = json_object(rq->mem);
	const char *code;
	int r;

	if ((r = issue_code(rq, ask, user, session, &code)) != 0)
		return r;
	json_set_text(answer, "code", code);
	return answer_back(rq, ask->back, answer, false);
}

/* RFC 6749 4.2.2, OpenID Connect Core 3.2.2.5 */
static int
finish_implicit(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session)
{
	struct json *answer = json_object(rq->mem);
	struct grant grant = { .scope = ask->scope, .nonce = ask->nonce,
		.resource = ask->resource };
	const struct tokens *tokens;
	int r;

	if (ask->client->backchannel_logout != NULL)
		grant.sid = session->id;
	acr_note(rq, session, &grant);
	if ((r = issue_implicit(rq, ask->client, user, &grant, &tokens)) != 0)
		return r;
	json_set_text(answer, "id_token", tokens->id);
	json_set_text(answer, "access_token", tokens->access);
	json_set_text(answer, "token_type", "Bearer");
	json_set_text(answer, "expires_in",
	    arena_printf(rq->mem, "%lld", (long long)tokens->expires_in));
	if (dialect_has(rq, TOKEN_SCOPE))
		json_set_text(answer, "scope", tokens->scope);
	return answer_back(rq, ask->back, answer, false);
}

/* RFC 8628 3.3.1: the page shows what is asked for, and the person decides there. */
static int
finish_device(struct rq *rq, const struct ask *ask)
{
	struct buf *query = buf_new(rq->mem, 1024);

	uri_add(query, "user_code", ask->user_code);
	return answer_local(rq, LOCAL_DEVICE, query->s);
}

/* OpenID Connect Core 3.1.2.4 */
static int
finish_asking(struct rq *rq, const struct ask *ask)
{
	if (ask->prompt_none)
		return refuse(rq, &consent_required, "client %s registered itself",
		    ask->client->id);
	return answer_local(rq, LOCAL_CONSENT, ask->query);
}

int
finish(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session)
{
	if (ask->user_code != NULL)
		return finish_device(rq, ask);
	return ask->client->registered ? finish_asking(rq, ask) :
	    finish_consented(rq, ask, user, session);
}

int
finish_consented(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct session *session)
{
	int r;

	ask_answered(rq, ask);
	if (ask->client->backchannel_logout != NULL &&
	    (r = session_note(rq, session, ask->client->id)) != 0)
		return r;
	return ask->implicit ? finish_implicit(rq, ask, user, session) :
	    finish_code(rq, ask, user, session);
}

int
finish_signed_in(struct rq *rq, const struct ask *ask, const struct user *user,
    const char *methods)
{
	const struct session *session;
	const char *cookie;
	int r;

	if ((r = current_begin(rq, user, methods, &session, &cookie)) != 0)
		return r;
	form_renew(rq);
	answer_cookie(rq, COOKIE_SESSION, cookie, (int)conf->session_seconds);
	return finish(rq, ask, user, session);
}
