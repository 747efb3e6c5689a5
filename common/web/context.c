/* context - where in a page a tag of a template stands, and which tags may stand there */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "web/context.h"

static void
name_add(struct context *c, char ch)
{
	if (c->gap)
		c->nname = 0;
	c->gap = false;
	if (c->nname + 1 < sizeof(c->name)) {
		c->name[c->nname++] = (char)tolower((unsigned char)ch);
		c->name[c->nname] = '\0';
	}
}

static bool
name_is(const struct context *c, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(c->name, *names) == 0)
			return true;
	return false;
}

static bool
at(const char *s, size_t n, const char *word)
{
	return n >= strlen(word) && strncasecmp(s, word, strlen(word)) == 0;
}

static size_t
text_step(struct context *c, const char *s, size_t n)
{
	if (*s != '<')
		return 1;
	if (at(s, n, "<!--")) {
		c->place = IN_RAW;
		c->end = "-->";
		return 4;
	}
	c->place = IN_TAG;
	c->raw = at(s, n, "<script") || at(s, n, "<style");
	c->end = at(s, n, "<script") ? "</script>" : "</style>";
	c->gap = true;
	return 1;
}

static size_t
tag_step(struct context *c, const char *s)
{
	if (*s == '>') {
		c->place = c->raw ? IN_RAW : IN_TEXT;
	} else if (*s == '"' || *s == '\'') {
		c->place = IN_VALUE;
		c->quote = *s;
		c->nvalue = 0;
	} else if (strchr(" \t\r\n/", *s) != NULL) {
		c->gap = true;
	} else if (*s == '=') {
		c->gap = false;
	} else {
		name_add(c, *s);
	}
	return 1;
}

static size_t
value_step(struct context *c, const char *s)
{
	c->nvalue++;
	if (*s == c->quote) {
		c->place = IN_TAG;
		c->gap = true;
	}
	return 1;
}

static size_t
raw_step(struct context *c, const char *s, size_t n)
{
	if (!at(s, n, c->end))
		return 1;
	c->place = IN_TEXT;
	c->raw = false;
	return strlen(c->end);
}

void
context_text(struct context *c, const char *s, size_t n)
{
	size_t i, step;

	for (i = 0; i < n; i += step) {
		switch (c->place) {
		case IN_TEXT:
			step = text_step(c, s + i, n - i);
			break;
		case IN_TAG:
			step = tag_step(c, s + i);
			break;
		case IN_VALUE:
			step = value_step(c, s + i);
			break;
		default:
			step = raw_step(c, s + i, n - i);
		}
	}
}

static const char *
value_tag(struct context *c, enum context_use use)
{
	static const char *const links[] = { "href", "action", "formaction", "xlink:href", NULL };
	bool first = c->nvalue++ == 0;

	if (use == USE_TEXT || use == USE_PART)
		return "a value in quotes needs {{attr}} or {{url}}";
	if (text_starts(c->name, "on") || strcmp(c->name, "style") == 0 ||
	    strcmp(c->name, "srcdoc") == 0)
		return "no value belongs into a script or a style";
	/* Behind a literal path the value can no longer choose the scheme or the host. */
	if (first && use != USE_URL && name_is(c, links))
		return "a link needs {{url}}";
	return NULL;
}

const char *
context_tag(struct context *c, enum context_use use)
{
	switch (c->place) {
	case IN_TEXT:
		return NULL;
	case IN_TAG:
		return "a value in a tag needs quotes";
	case IN_VALUE:
		return value_tag(c, use);
	default:
		return "no value belongs into a comment, a script or a style";
	}
}

bool
context_same(const struct context *a, const struct context *b)
{
	return a->place == b->place && (a->place != IN_VALUE || a->quote == b->quote) &&
	    (a->place != IN_RAW || a->end == b->end);
}
