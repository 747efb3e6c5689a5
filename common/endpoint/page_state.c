/* page_state - what one page leaves for the next: the page-data cookie, sealed */
#include <string.h>

#include "crypto/aead.h"
#include "endpoint/answer.h"
#include "endpoint/call.h"
#include "endpoint/page_state.h"
#include "store/pool.h"

static const char *
page_purpose(struct rq *rq, const char *purpose)
{
	return arena_printf(rq->mem, "page %s %s", rq->pool->id, purpose);
}

int
page_state_set(struct rq *rq, const char *purpose, const struct json *state, int seconds)
{
	struct json *sealed = json_object(rq->mem);
	const char *text, *value;
	int r;

	json_set_int(sealed, "until", rq->now + seconds * 1000LL);
	json_set(sealed, "state", state);
	text = json_print(rq->mem, sealed);
	if ((r = aead_seal(rq, page_purpose(rq, purpose), text, strlen(text), &value)) != 0)
		return r;
	answer_cookie(rq, COOKIE_PAGE, value, seconds);
	return 0;
}

int
page_state_get(struct rq *rq, const char *purpose, const struct json **state_r)
{
	const char *value = cookie_get(rq->mem, COOKIE_PAGE, rq->call->source.cookies), *error;
	unsigned char *text;
	struct json *sealed;
	size_t n;
	int r;

	*state_r = NULL;
	if (value == NULL)
		return 0;
	if ((r = aead_open(rq, page_purpose(rq, purpose), value, &text, &n)) != 0)
		return r == REFUSED ? 0 : r;
	if (!json_parse(rq->mem, (const char *)text, n, &sealed, &error))
		return fault(rq, "page state that we sealed is not JSON: %s", error);
	if (json_int(sealed, "until", 0) > rq->now)
		*state_r = json_get(sealed, "state");
	return 0;
}

void
page_state_clear(struct rq *rq)
{
	answer_cookie(rq, COOKIE_PAGE, "", -1);
}
