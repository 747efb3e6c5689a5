/* current - the browser's session (pages.md 3)
 *
 * The cookie is the secret; the store knows only its hash, so that whoever reads the store cannot
 * take over a browser's session. */
#include "account/current.h"
#include "base/conf.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/digest.h"

int
current_session(struct rq *rq, const char *cookie, const struct session **session_r,
    const struct user **user_r)
{
	const struct session *session;
	const struct user *user;
	int r;

	*session_r = NULL;
	*user_r = NULL;
	if (cookie == NULL)
		return 0;
	r = session_get(rq, rq->pool->id, digest_text(rq->mem, cookie), &session);
	if (r != 0 || session == NULL)
		return r;
	if ((r = user_get(rq, rq->pool, session->username, &user)) != 0)
		return r;
	/* A name that was deleted and given to somebody else has another sub. */
	if (user == NULL || !user->enabled || !text_equal(user->sub, session->sub))
		return 0;
	*session_r = session;
	*user_r = user;
	return 0;
}

int
current_begin(struct rq *rq, const struct user *user, const char *methods,
    const struct session **session_r, const char **cookie_r)
{
	struct session *session = arena_alloc(rq->mem, sizeof(*session));
	const char *cookie = random_token(rq->mem);

	*session_r = session;
	*cookie_r = cookie;
	session->id = random_uuid(rq->mem);
	session->username = user->username;
	session->sub = user->sub;
	session->methods = methods;
	session->auth_time = rq->now / 1000;
	return session_put(rq, user->pool, digest_text(rq->mem, cookie), session,
	    rq->now + conf->session_seconds * 1000);
}

void
current_end(struct rq *rq, const char *cookie)
{
	if (cookie != NULL)
		session_drop(rq, rq->pool->id, digest_text(rq->mem, cookie));
}
