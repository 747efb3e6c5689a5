/* text - small work on UTF-8 text */
#ifndef TARN_BASE_TEXT_H
#define TARN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Equality; false when either is NULL. Not for secrets: secret_equal. */
bool text_equal(const char *a, const char *b);

bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);

/* True if the n bytes are well-formed UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *s, size_t n);

/* Number of code points of well-formed UTF-8. */
size_t text_length(const char *s);

/* ASCII letters in lower case; other bytes as they are. */
const char *text_lower(struct arena *mem, const char *s);

/* fmt with its first %s replaced by detail (NULL: nothing). Any other % stays as it is. */
const char *text_fill(struct arena *mem, const char *fmt, const char *detail);

/* A decimal number without sign or blanks that fits. False: it is not one. */
bool text_number(const char *s, int64_t *n_r);

/* A list of texts that ends with NULL. */
struct words {
	size_t n;
	const char **at;	/* n entries and NULL */
};

/* s cut at each run of the separator; empty pieces are left out. NULL gives an empty list. */
struct words words_split(struct arena *mem, const char *s, char separator);
const char *words_join(struct arena *mem, struct words list, const char *between);
bool words_have(struct words list, const char *word);

#endif
