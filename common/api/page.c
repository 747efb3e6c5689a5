/* page - long lists in pieces */
#include <inttypes.h>
#include <string.h>

#include "account/refusals.h"
#include "api/page.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "crypto/digest.h"

enum { TOKEN_LIFE = 3600 * 1000 };

/* The other arguments, so that a token does not go on with a different question. They come in the
 * order of the shape; a piece may be larger or smaller than the one before. */
static const char *
purpose(struct rq *rq, const struct page *page, const struct json *in)
{
	struct json *rest = json_copy(rq->mem, in);

	json_drop(rest, page->token);
	json_drop(rest, page->limit);
	return arena_printf(rq->mem, "page %s %s", page->operation,
	    digest_text(rq->mem, json_print(rq->mem, rest)));
}

static int
refuse_token(struct rq *rq, const struct page *page, const char *why)
{
	return refuse_with(rq, &invalid_parameter,
	    arena_printf(rq->mem, "Invalid %s.", page->token), "%s", why);
}

int
page_open(struct rq *rq, const struct page *page, const struct json *in, const char **after_r,
    size_t *most_r)
{
	int64_t limit = json_int(in, page->limit, 0), expires;
	const char *token = json_text(in, page->token);
	unsigned char *data;
	char *blank;
	size_t n;
	int r;

	*after_r = NULL;
	*most_r = (size_t)(limit > 0 ? limit : page->most);
	if (token == NULL)
		return 0;
	if ((r = aead_open(rq, purpose(rq, page, in), token, &data, &n)) == REFUSED)
		return refuse_token(rq, page, "token of another question");
	if (r != 0)
		return r;
	if ((blank = strchr((char *)data, ' ')) == NULL)
		return fault(rq, "a page token without a time");
	*blank = '\0';
	if (!text_number((char *)data, &expires) || expires <= rq->now)
		return refuse_token(rq, page, "token has expired");
	*after_r = blank + 1;
	return 0;
}

int
page_more(struct rq *rq, const struct page *page, const struct json *in, struct json *out,
    const char *after)
{
	const char *data, *token;
	int r;

	if (after == NULL)
		return 0;
	data = arena_printf(rq->mem, "%" PRId64 " %s", rq->now + TOKEN_LIFE, after);
	if ((r = aead_seal(rq, purpose(rq, page, in), data, strlen(data), &token)) != 0)
		return r;
	json_set_text(out, page->token, token);
	return 0;
}
