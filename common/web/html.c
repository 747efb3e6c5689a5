/* html - one encoder per context: the name of the function is the proof */
#include <string.h>

#include "base/text.h"
#include "web/html.h"

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void
html_escape(struct buf *out, const char *s, const char *special)
{
	size_t n;

	for (;;) {
		n = strcspn(s, special);
		buf_add(out, s, n);
		s += n;
		if (*s == '\0')
			return;
		buf_text(out, entity(*s++));
	}
}

void
html_text(struct buf *out, const char *s)
{
	html_escape(out, s, "&<>");
}

void
html_attr(struct buf *out, const char *s)
{
	html_escape(out, s, "&<>\"'");
}

/* A browser drops tabs and line ends inside a URL and reads a backslash as a slash, so a path that
 * holds any of them may name another host. */
static bool
url_is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '\\')
			return false;
	return true;
}

void
html_url(struct buf *out, const char *s)
{
	bool path = s[0] == '/' && s[1] != '/';
	bool web = strncasecmp(s, "https://", 8) == 0 || strncasecmp(s, "http://", 7) == 0;

	html_attr(out, url_is_plain(s) && (path || web) ? s : "#");
}
