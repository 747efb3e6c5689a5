/* second - between a proven password and the end of a sign-in */
#include "account/mfa.h"
#include "account/signin.h"
#include "account/totp.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/finish.h"
#include "endpoint/page_state.h"
#include "endpoint/second.h"

enum { SECONDS = 3 * 60 };	/* pages.md 6 */

static int
second_go(struct rq *rq, const struct ask *ask, const struct json *state, enum local where)
{
	int r = page_state_set(rq, "mfa", state, SECONDS);

	return r != 0 ? r : answer_local(rq, where, ask->query);
}

int
second_chosen(struct rq *rq, const struct ask *ask, const struct user *user,
    const struct json *state, const char *factor)
{
	struct json *next = json_copy(rq->mem, state);
	const struct delivery *delivery;
	const char *device;
	int r;

	if ((r = mfa_begin(rq, ask->client, user, factor, &delivery, &device)) != 0)
		return r;
	json_set_text(next, "factor", factor);
	json_set_text(next, "destination", delivery != NULL ? delivery->destination : NULL);
	json_set_text(next, "device", device);
	return second_go(rq, ask, next, LOCAL_MFA);
}

int
second_next(struct rq *rq, const struct ask *ask, const struct user *user)
{
	struct json *state = json_object(rq->mem);
	struct words factors;
	enum mfa_step step;
	int r;

	if ((r = mfa_due(rq, user, ask_level(rq, ask, signin_methods(rq, user)), &step,
	    &factors)) != 0)
		return r;
	json_set_text(state, "username", user->username);
	json_set_text(state, "sub", user->sub);
	json_set_int(state, "proved", rq->now);
	json_set(state, "factors", json_new_words(rq->mem, factors));
	switch (step) {
	case MFA_NONE:
		return finish_signed_in(rq, ask, user, "pwd");
	case MFA_VERIFY:
		return second_chosen(rq, ask, user, state, factors.at[0]);
	case MFA_CHOOSE:
		return second_go(rq, ask, state, LOCAL_MFA);
	case MFA_SETUP:
		json_set_text(state, "seed", totp_seed(rq));
		return second_go(rq, ask, state, LOCAL_MFA_SETUP);
	}
	return fault(rq, "no step %d", (int)step);
}

/* Whoever set another password since shuts out whoever came in with the one before. */
static int
second_stands(struct rq *rq, const struct user *user, const struct json *state, bool *stands_r)
{
	const struct credential *credential;
	int r;

	*stands_r = false;
	if (user == NULL || !user->enabled || !text_equal(user->status, "CONFIRMED") ||
	    !text_equal(user->sub, json_text(state, "sub")))
		return 0;
	if ((r = credential_get(rq, rq->pool->id, user->sub, &credential)) != 0)
		return r;
	*stands_r = credential != NULL && credential->set <= json_int(state, "proved", 0);
	return 0;
}

int
second_state(struct rq *rq, const struct json **state_r, const struct user **user_r)
{
	const struct user *user;
	bool stands;
	int r;

	*user_r = NULL;
	if ((r = page_state_get(rq, "mfa", state_r)) != 0 || *state_r == NULL)
		return r;
	if ((r = user_get(rq, rq->pool, json_text(*state_r, "username"), &user)) != 0 ||
	    (r = second_stands(rq, user, *state_r, &stands)) != 0)
		return r;
	if (stands)
		*user_r = user;
	else
		*state_r = NULL;
	return 0;
}
