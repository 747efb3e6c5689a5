/* uri - reading, building and comparing URLs (RFC 3986) */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "web/uri.h"

enum { LONGEST = 1024, HOST_LONGEST = 253, LABEL_LONGEST = 63 };

/* A URL cut at its marks; nothing is decoded. */
struct uri {
	const char *scheme, *host, *port;	/* none of them NUL-terminated; NULL: absent */
	size_t nscheme, nhost, nport;
	bool authority, user;			/* "//" is there; "@" is in it */
	const char *rest;			/* path, query and fragment */
};

static void
uri_encode(struct buf *out, const char *s, const char *blank)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL)) {
			buf_char(out, *s);
		} else if (c == ' ') {
			buf_text(out, blank);
		} else {
			buf_char(out, '%');
			buf_char(out, digits[c >> 4]);
			buf_char(out, digits[c & 15]);
		}
	}
}

void
uri_form(struct buf *out, const char *s)
{
	uri_encode(out, s, "+");
}

void
uri_escape(struct buf *out, const char *s)
{
	uri_encode(out, s, "%20");
}

void
uri_add(struct buf *query, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (query->len > 0)
		buf_char(query, '&');
	uri_form(query, name);
	buf_char(query, '=');
	uri_form(query, value);
}

const char *
uri_with(struct arena *mem, const char *url, char mark, const char *parameters)
{
	size_t n = mark == '#' ? strlen(url) : strcspn(url, "#");
	const char *have = memchr(url, mark, n);
	const char *join = mark == '#' ? "#" : "?";

	if (*parameters == '\0')
		return arena_dup(mem, url);
	if (have != NULL)
		join = url[n - 1] == mark || url[n - 1] == '&' ? "" : "&";
	return arena_printf(mem, "%.*s%s%s%s", (int)n, url, join, parameters, url + n);
}

/* RFC 3986 3.1; the pointer behind the colon, or NULL. */
static const char *
cut_scheme(const char *s, struct uri *u)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	if (n == 0 || s[n] != ':' || !isalpha((unsigned char)s[0]))
		return NULL;
	u->scheme = s;
	u->nscheme = n;
	return s + n + 1;
}

/* RFC 3986 3.2; host and port, the host with its brackets. False: brackets or port out of place. */
static bool
cut_host(const char *s, size_t n, struct uri *u)
{
	const char *end = s + n, *p = s;

	if (n > 0 && *s == '[') {
		if ((p = memchr(s, ']', n)) == NULL)
			return false;
		p++;
	} else if ((p = memchr(s, ':', n)) == NULL) {
		p = end;
	}
	u->host = s;
	u->nhost = (size_t)(p - s);
	if (p == end)
		return true;
	if (*p != ':')
		return false;
	u->port = p + 1;
	u->nport = (size_t)(end - p - 1);
	return true;
}

static bool
uri_cut(const char *s, struct uri *u)
{
	size_t n;

	*u = (struct uri){ 0 };
	if ((s = cut_scheme(s, u)) == NULL)
		return false;
	u->rest = s;
	if (!text_starts(s, "//"))
		return true;
	s += 2;
	n = strcspn(s, "/?#");
	u->authority = true;
	u->user = memchr(s, '@', n) != NULL;
	u->rest = s + n;
	return cut_host(s, n, u);
}

static bool
same(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && strncasecmp(s, word, n) == 0;
}

/* Labels of letters, digits, hyphens and underscores, none empty: what browsers look up. */
static bool
name_is_host(const char *s, size_t n)
{
	size_t i, label = 0;

	if (n == 0 || n > HOST_LONGEST)
		return false;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '.' && label == 0)
			return false;
		if (c != '.' && (c >= 0x80 || (!isalnum(c) && c != '-' && c != '_')))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_LONGEST)
			return false;
	}
	return label > 0;
}

/* Between the brackets only what an IPv6 address is spelled with; no zone, no future forms. */
static bool
is_host(const char *s, size_t n)
{
	size_t i;

	if (n < 4 || s[0] != '[')
		return name_is_host(s, n);
	for (i = 1; i < n - 1; i++)
		if (strchr("0123456789abcdefABCDEF:.", s[i]) == NULL)
			return false;
	return s[n - 1] == ']';
}

static bool
is_port(const char *s, size_t n)
{
	int port = 0;
	size_t i;

	if (n == 0 || n > 5 || s[0] == '0')
		return false;
	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		port = port * 10 + (s[i] - '0');
	}
	return port <= 65535;
}

static bool
has_server(const struct uri *u)
{
	return u->authority && !u->user && is_host(u->host, u->nhost) &&
	    (u->port == NULL || is_port(u->port, u->nport));
}

static bool
is_loopback(const struct uri *u)
{
	return same(u->host, u->nhost, "localhost") || same(u->host, u->nhost, "127.0.0.1") ||
	    same(u->host, u->nhost, "[::1]");
}

/* Schemes that a browser runs, opens or resolves itself: a redirect there would not reach an
 * application, or would run what the query says. */
static bool
is_custom(const struct uri *u)
{
	static const char *const taken[] = { "about", "blob", "chrome", "chrome-extension",
		"cid", "content", "data", "edge", "file", "filesystem", "ftp", "ftps", "intent",
		"jar", "javascript", "livescript", "mailto", "mhtml", "mocha", "moz-extension",
		"opera", "resource", "safari-extension", "safari-web-extension", "sms", "tel",
		"urn", "vbscript", "view-source", "ws", "wss", "wyciwyg" };
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (same(u->scheme, u->nscheme, taken[i]))
			return false;
	/* RFC 8252 7.1 has a single slash. */
	return u->authority ? !u->user : u->rest[0] == '/';
}

/* Only what RFC 3986 2 allows, and every percent sign before two digits. */
static bool
is_spelled(const char *s)
{
	const char *p;

	if (*s == '\0' || strlen(s) > LONGEST)
		return false;
	for (p = s; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= 0x80 || (!isalnum(c) && strchr("-._~:/?[]@!$&'()*+,;=%", c) == NULL))
			return false;
		if (c == '%' && (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2])))
			return false;
	}
	return true;
}

bool
uri_may_register(const char *url)
{
	struct uri u;

	if (!is_spelled(url) || !uri_cut(url, &u) || strpbrk(u.rest, "[]") != NULL)
		return false;
	if (same(u.scheme, u.nscheme, "https"))
		return has_server(&u);
	if (same(u.scheme, u.nscheme, "http"))
		return has_server(&u) && is_loopback(&u);
	if (u.nhost > 0 && !is_host(u.host, u.nhost))
		return false;
	return is_custom(&u) && (u.port == NULL || is_port(u.port, u.nport));
}

bool
uri_same_loopback(const char *registered, const char *url)
{
	struct uri a, b;

	return uri_may_register(registered) && uri_may_register(url) && uri_cut(registered, &a) &&
	    uri_cut(url, &b) && text_starts(registered, "http://") && text_starts(url, "http://") &&
	    !same(a.host, a.nhost, "localhost") && a.nhost == b.nhost &&
	    memcmp(a.host, b.host, a.nhost) == 0 && strcmp(a.rest, b.rest) == 0;
}

static bool
is_own_port(const char *scheme, size_t nscheme, const char *port, size_t nport)
{
	return (same(scheme, nscheme, "https") && same(port, nport, "443")) ||
	    (same(scheme, nscheme, "http") && same(port, nport, "80"));
}

static const char *
server_text(struct arena *mem, const struct uri *u)
{
	bool port = u->port != NULL && !is_own_port(u->scheme, u->nscheme, u->port, u->nport);

	return text_lower(mem, arena_printf(mem, "%.*s%s%.*s", (int)u->nhost, u->host,
	    port ? ":" : "", port ? (int)u->nport : 0, port ? u->port : ""));
}

const char *
uri_host(struct arena *mem, const char *scheme, const char *host)
{
	struct uri u = { .scheme = scheme, .nscheme = strlen(scheme), .authority = true };

	if (!cut_host(host, strlen(host), &u) || !has_server(&u))
		return NULL;
	return server_text(mem, &u);
}

bool
uri_is_place(struct arena *mem, const char *url, const char *scheme, const char *host,
    const char *path)
{
	struct uri u;

	return uri_cut(url, &u) && has_server(&u) && same(u.scheme, u.nscheme, scheme) &&
	    strcmp(server_text(mem, &u), host) == 0 &&
	    strcspn(u.rest, "?#") == strlen(path) && text_starts(u.rest, path);
}
