/* http - calls out to relying parties and gateways (RFC 9110), by libcurl
 *
 * Certificates are verified, redirects not followed, proxies of the environment not used. The
 * addresses of a name are looked at when the connection is made, so that no answer of a name server
 * leads into our own network: only those of the public internet are called, unless the setting
 * http_private says yes. */
#ifndef TARN_NET_HTTP_H
#define TARN_NET_HTTP_H

#include "base/rq.h"

/* POSTs a form (application/x-www-form-urlencoded). 0 and the status of the answer, whose body is
 * read up to 64 kB and thrown away; REFUSED without an answer set: there was none, *why_r says
 * why. */
int http_post(struct rq *rq, const char *url, const char *form, long *status_r,
    const char **why_r);

/* The same with a JSON document, to an address that the administrator chose: a private one is as
 * good as any. token: a bearer token (RFC 6750 2.1), or NULL. */
int http_post_json(struct rq *rq, const char *url, const char *json, const char *token,
    long *status_r, const char **why_r);

#endif
