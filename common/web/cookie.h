/* cookie - the cookies of the contract, in one table (pages.md 3) */
#ifndef TARN_WEB_COOKIE_H
#define TARN_WEB_COOKIE_H

#include <stdbool.h>

#include "base/arena.h"

enum cookie { COOKIE_FORM, COOKIE_SESSION, COOKIE_STATE, COOKIE_STATE_LEGACY, COOKIE_LANG,
	COOKIE_PAGE, COOKIE_NCOOKIES };

struct cookie_row {
	const char *name;
	const char *same_site;	/* NULL: attribute left out */
	bool http_only;
	bool domain;		/* Domain={host} */
	bool quoted;		/* value in quotes */
};

extern const struct cookie_row cookie_rows[COOKIE_NCOOKIES];

/* The value of a Set-Cookie header. seconds: life, 0 for the browser's session, -1 to clear. host
 * is the domain without port; secure is left out only where the scheme is http. */
const char *cookie_set(struct arena *mem, enum cookie which, const char *value, int seconds,
    const char *host, bool secure, long long now);

/* The value in a Cookie header, quotes taken off; NULL if absent. The first of two counts. */
const char *cookie_get(struct arena *mem, enum cookie which, const char *header);

/* The same for a cookie by its name. */
const char *cookie_named(struct arena *mem, const char *name, const char *header);

#endif
