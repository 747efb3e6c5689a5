/* pattern - regular expressions with Unicode classes, the wall around PCRE2 */
#ifndef TARN_BASE_PATTERN_H
#define TARN_BASE_PATTERN_H

#include <stdbool.h>

/* Does the whole of s match? pattern is a text of the shape table: Java's dialect, compiled at its
 * first use and kept. Work is bounded; a text that exceeds the bound does not match. */
bool pattern_matches(const char *pattern, const char *s);

#endif
