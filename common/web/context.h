/* context - where in a page a tag of a template stands, and which tags may stand there
 *
 * A small scanner of HTML as templates write it. It runs over the text of a template once, when the
 * template is read, so that a value with the encoder of another context never renders. */
#ifndef TARN_WEB_CONTEXT_H
#define TARN_WEB_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

enum context_place {
	IN_TEXT,
	IN_TAG,			/* between the attributes */
	IN_VALUE,		/* in a quoted value */
	IN_RAW			/* in a comment, a script or a style sheet */
};

struct context {
	enum context_place place;
	char quote;		/* of the value */
	char name[24];		/* of the element or attribute being read, in lower case, cut */
	size_t nname;
	bool gap;		/* a blank came: the next letter begins another name */
	const char *end;	/* what ends IN_RAW */
	size_t nvalue;		/* bytes of the value so far */
	bool raw;		/* the element's content is raw */
};

/* The encoders of template.h. */
enum context_use { USE_TEXT, USE_ATTR, USE_URL, USE_PART };

/* Moves on over literal text. */
void context_text(struct context *c, const char *s, size_t n);

/* May a tag of this kind stand here? Counts as part of the value it stands in. NULL, or why not. */
const char *context_tag(struct context *c, enum context_use use);

bool context_same(const struct context *a, const struct context *b);

#endif
