/* limit - how many requests a second: of a source, of a client, of a domain … (oauth.md 13)
 *
 * Token buckets in {run}/limits, which all programs map: no lock, no write to the store, and memory
 * that does not grow. A bucket holds what its setting allows in a second, so a pause is followed by
 * a burst of one second's worth at most; a setting of 0 is no limit. Names are hashed with a key of
 * the file: nobody can choose one that meets another's bucket. Where more names come within a
 * second than the table has room for, the emptiest buckets are forgotten: that lets through, and
 * locks nobody out.
 *
 * What many share, nobody is to use up alone: unless the caller has proved that it is the one to
 * count against, a source may take limit_share percent of it. */
#ifndef TARN_WEB_LIMIT_H
#define TARN_WEB_LIMIT_H

#include <stdbool.h>

#include "base/rq.h"

enum limit {
	LIMIT_SOURCE,		/* requests of an address to one domain */
	LIMIT_DOMAIN,		/* requests to a domain */
	LIMIT_CLIENT,		/* requests of an app client in one domain */
	LIMIT_MACHINE,		/* client_credentials, all pools together */
	LIMIT_SIGN_IN,		/* passwords and other proofs, all pools together */
	LIMIT_CODE,		/* redemptions of codes: as many again */
	LIMIT_NLIMITS
};

/* Counts the request, once for each limit however often a handler runs. subject: whose bucket it
 * is, within rq->host where the limit is one of a domain; NULL: everybody's. proved: it is certain
 * whom to count against. Requests without a source (commands) are not counted. 0, or REFUSED with
 * status 429. */
int limit_take(struct rq *rq, enum limit limit, const char *subject, bool proved);

/* The headers RateLimit-Policy and RateLimit of the limit that leaves least (draft-ietf-httpapi-
 * ratelimit-headers-10), and after a refusal Retry-After (RFC 9110 10.2.3). Nothing if none was
 * taken. */
struct buf;
void limit_head(const struct rq *rq, struct buf *head);

#endif
