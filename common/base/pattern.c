/* pattern - regular expressions, the wall around PCRE2 */
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/log.h"
#include "base/pattern.h"

enum {
	BUCKETS = 64,
	STEPS = 2000000,	/* of the matcher: far more than a decent text needs */
	HEAP_KIBIBYTES = 20 * 1024
};

struct compiled {
	struct compiled *next;
	char *pattern;
	pcre2_code *code;
	pcre2_match_data *match;
};

static struct compiled *cache[BUCKETS];
static pcre2_match_context *limits;

static size_t
bucket_of(const char *pattern)
{
	size_t h = 5381;

	for (; *pattern != '\0'; pattern++)
		h = h * 33 + (unsigned char)*pattern;
	return h % BUCKETS;
}

/* Java's defaults: \w, \s and \d are ASCII, \p{..} is Unicode, a dot stops at any line break. */
static pcre2_code *
compile(const char *pattern)
{
	pcre2_compile_context *dialect = pcre2_compile_context_create(NULL);
	PCRE2_SIZE at;
	pcre2_code *code;
	int error;

	if (dialect == NULL || pcre2_set_newline(dialect, PCRE2_NEWLINE_ANY) != 0)
		log_die("out of memory for a pattern");
	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
	    PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE, &error, &at, dialect);
	pcre2_compile_context_free(dialect);
	if (code == NULL)
		log_die("the pattern %s does not compile: error %d at %zu", pattern, error, at);
	return code;
}

static const struct compiled *
compiled_find(const char *pattern)
{
	struct compiled **head = &cache[bucket_of(pattern)], *c;

	for (c = *head; c != NULL; c = c->next)
		if (strcmp(c->pattern, pattern) == 0)
			return c;
	if ((c = calloc(1, sizeof(*c))) == NULL || (c->pattern = strdup(pattern)) == NULL)
		log_die("out of memory for a pattern");
	c->code = compile(pattern);
	c->match = pcre2_match_data_create(1, NULL);
	if (limits == NULL && (limits = pcre2_match_context_create(NULL)) != NULL) {
		(void)pcre2_set_match_limit(limits, STEPS);
		(void)pcre2_set_heap_limit(limits, HEAP_KIBIBYTES);
	}
	if (c->match == NULL || limits == NULL)
		log_die("out of memory for a pattern");
	c->next = *head;
	*head = c;
	return c;
}

bool
pattern_matches(const char *pattern, const char *s)
{
	const struct compiled *c = compiled_find(pattern);

	return pcre2_match(c->code, (PCRE2_SPTR)s, strlen(s), 0, 0, c->match, limits) >= 0;
}
