/* uri - reading, building and comparing URLs (RFC 3986) */
#ifndef TARN_WEB_URI_H
#define TARN_WEB_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/* application/x-www-form-urlencoded: unreserved as is, blank as "+", the rest as %XX. */
void uri_form(struct buf *out, const char *s);

/* Percent-encoding (RFC 3986 2.1): the same with the blank as "%20". */
void uri_escape(struct buf *out, const char *s);

/* Appends name=value to a query that may be empty; a NULL value appends nothing. */
void uri_add(struct buf *query, const char *name, const char *value);

/* url with the parameters behind its query ("?" or "&") or as its fragment ("#"). */
const char *uri_with(struct arena *mem, const char *url, char mark, const char *parameters);

/* May url be registered as a callback or sign-out address (oauth.md 2): absolute, no fragment, no
 * user part, no control character, blank or backslash; https anywhere, http only to localhost,
 * 127.0.0.1 and [::1], or a custom scheme that no browser runs itself (javascript, data, …). */
bool uri_may_register(const char *url);

/* Are both the same http URL at 127.0.0.1 or [::1], spelled alike but for the port, which either
 * may lack (RFC 8252 7.3)? Never of localhost: what that name leads to is up to the machine. */
bool uri_same_loopback(const char *registered, const char *url);

/* Is url, whatever its query and fragment, this place: scheme, host as uri_host spells it, path? */
bool uri_is_place(struct arena *mem, const char *url, const char *scheme, const char *host,
    const char *path);

/* A Host header as the store spells hosts: lower case, without the port if it is the scheme's own;
 * NULL if it is no host. */
const char *uri_host(struct arena *mem, const char *scheme, const char *host);

#endif
