/* page - long lists in pieces
 *
 * A token names where to go on. It is sealed with the operation, its arguments and an hour of life:
 * opaque to the caller, of no use elsewhere, and nothing is kept for it. */
#ifndef TARN_API_PAGE_H
#define TARN_API_PAGE_H

#include "base/json.h"
#include "base/rq.h"

struct page {
	const char *operation;	/* "ListUsers" */
	const char *token;	/* its member: "NextToken" or "PaginationToken" */
	const char *limit;	/* the member that bounds a piece: "Limit" or "MaxResults" */
	int64_t most;		/* without a bound, or with 0 */
};

/* *after_r is what page_more was given, NULL for a first piece; *most_r how many are asked for.
 * 0, REFUSED (InvalidParameterException) or FAULT. */
int page_open(struct rq *rq, const struct page *page, const struct json *in, const char **after_r,
    size_t *most_r);

/* Sets the token for what comes after; NULL: there is no more. 0 or FAULT. */
int page_more(struct rq *rq, const struct page *page, const struct json *in, struct json *out,
    const char *after);

#endif
