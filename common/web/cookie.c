/* cookie - the cookies of the contract, in one table (pages.md 3) */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "web/cookie.h"

enum { LONGEST = 4096 };	/* what browsers keep of one cookie (RFC 6265 6.1) */

const struct cookie_row cookie_rows[COOKIE_NCOOKIES] = {
	[COOKIE_FORM] = { "XSRF-TOKEN", "Lax", true, false, false },
	[COOKIE_SESSION] = { "cognito", "Lax", true, true, true },
	[COOKIE_STATE] = { "csrf-state", "None", true, false, false },
	[COOKIE_STATE_LEGACY] = { "csrf-state-legacy", NULL, true, false, false },
	[COOKIE_LANG] = { "lang", "Lax", true, false, false },
	[COOKIE_PAGE] = { "page-data", "Lax", true, false, false },
};

/* RFC 6265 4.1.1 cookie-octet: anything else would end the value, or the header. */
static bool
is_value(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s == 0x7f || strchr("\",;\\", *s) != NULL)
			return false;
	return true;
}

/* The older spelling with hyphens, as the contract's service writes it. */
static const char *
cookie_date(struct arena *mem, long long ms)
{
	char *date = arena_dup(mem, clock_http(mem, ms));

	date[7] = date[11] = '-';	/* "Fri, 20 Nov 2026 …" */
	return date;
}

static void
put_value(struct buf *b, const struct cookie_row *row, const char *value, const char *host)
{
	const char *quote = row->quoted ? "\"" : "";

	buf_printf(b, "%s=%s%s%s", row->name, quote, value, quote);
	if (row->domain)
		buf_printf(b, "; Version=1; Domain=%s", host);
}

/* Clearing names the same domain and path: a cookie elsewhere is another cookie (RFC 6265 5.3). */
static void
put_cleared(struct buf *b, const struct cookie_row *row, const char *host)
{
	buf_printf(b, "%s=\"\"; Expires=Thu, 01-Jan-1970 00:00:10 GMT", row->name);
	if (row->domain)
		buf_printf(b, "; Domain=%s", host);
}

const char *
cookie_set(struct arena *mem, enum cookie which, const char *value, int seconds, const char *host,
    bool secure, long long now)
{
	const struct cookie_row *row = &cookie_rows[which];
	struct buf *b = buf_new(mem, LONGEST);
	/* Browsers refuse SameSite=None without Secure; left out it is Lax, the best of http. */
	bool same_site = row->same_site != NULL && (secure || !text_equal(row->same_site, "None"));

	if (seconds < 0)
		put_cleared(b, row, host);
	else
		put_value(b, row, value, host);
	if (seconds > 0)
		buf_printf(b, "; Max-Age=%d; Expires=%s", seconds,
		    cookie_date(mem, now + 1000LL * seconds));
	buf_text(b, "; Path=/");
	buf_text(b, secure ? "; Secure" : "");
	buf_text(b, row->http_only ? "; HttpOnly" : "");
	if (same_site)
		buf_printf(b, "; SameSite=%s", row->same_site);
	if ((seconds >= 0 && !is_value(value)) || buf_over(b))
		log_die("cookie %s: not a cookie value", row->name);
	return b->s;
}

/* One pair of the header from p to end: its value without quotes if it is of that name. */
static const char *
pair_value(struct arena *mem, const char *p, const char *end, const char *name)
{
	size_t n = strlen(name);

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if ((size_t)(end - p) <= n || strncmp(p, name, n) != 0 || p[n] != '=')
		return NULL;
	p += n + 1;
	if (end - p >= 2 && *p == '"' && end[-1] == '"') {
		p++;
		end--;
	}
	return arena_dupn(mem, p, (size_t)(end - p));
}

const char *
cookie_named(struct arena *mem, const char *name, const char *header)
{
	const char *p = header, *end, *value;

	while (p != NULL && *p != '\0') {
		end = strchrnul(p, ';');
		if ((value = pair_value(mem, p, end, name)) != NULL)
			return value;
		p = *end == '\0' ? end : end + 1;
	}
	return NULL;
}

const char *
cookie_get(struct arena *mem, enum cookie which, const char *header)
{
	return cookie_named(mem, cookie_rows[which].name, header);
}
