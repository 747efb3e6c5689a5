/* head - response headers: one table per kind of answer */
#ifndef TARN_WEB_HEAD_H
#define TARN_WEB_HEAD_H

#include <stdbool.h>

#include "base/buf.h"

enum head_kind {
	HEAD_PAGE,	/* HTML: no-store, strict CSP, no frame, no referrer */
	HEAD_REDIRECT,	/* no-store, no referrer */
	HEAD_JSON,	/* no-store; application/json;charset=UTF-8 */
	HEAD_EMPTY
};

/* Writes the status line of CGI and every header of the kind that never changes (oauth.md 1). form
 * is where a page's form may lead besides itself: origins or schemes for CSP form-action, a blank
 * between; NULL: none. Chromium holds every redirect that follows against it: an application whose
 * callback redirects to a third origin is reached only if the scheme ("https:") is given. */
void head_write(struct buf *out, enum head_kind kind, int status, const char *request_id,
    bool secure, const char *form);

/* One more header. The value is checked: a control character ends the process, since a value that
 * reached this point should have been encoded. */
void head_add(struct buf *out, const char *name, const char *value);

void head_end(struct buf *out);

#endif
