/* text - small work on UTF-8 text */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

bool
text_equal(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

/* Length of the well-formed sequence at p (RFC 3629 section 4), 0 if there is none. */
static size_t
sequence(const unsigned char *p, size_t n)
{
	size_t need, i;

	if (p[0] < 0x80)
		return p[0] != 0;
	need = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 :
	    p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
	if (need == 0 || need > n)
		return 0;
	for (i = 1; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return need;
}

/* What nearly all text is. No byte is above 0x7f, and none borrows when 1 is taken from each: none
 * is NUL. */
static bool
eight_of_ascii(const unsigned char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return ((eight | (eight - ones)) & (ones << 7)) == 0;
}

bool
text_is_utf8(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t step;

	for (; n > 0; p += step, n -= step)
		if ((step = n >= 8 && eight_of_ascii(p) ? 8 : sequence(p, n)) == 0)
			return false;
	return true;
}

size_t
text_length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

const char *
text_lower(struct arena *mem, const char *s)
{
	char *copy = arena_dup(mem, s), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + ('a' - 'A'));
	return copy;
}

const char *
text_fill(struct arena *mem, const char *fmt, const char *detail)
{
	const char *hole = strstr(fmt, "%s");

	if (hole == NULL)
		return fmt;
	return arena_printf(mem, "%.*s%s%s", (int)(hole - fmt), fmt, detail != NULL ? detail : "",
	    hole + 2);
}

bool
text_number(const char *s, int64_t *n_r)
{
	int64_t n = 0;

	*n_r = 0;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, *s - '0', &n))
			return false;
	}
	*n_r = n;
	return true;
}

struct words
words_split(struct arena *mem, const char *s, char separator)
{
	struct words list = { 0, NULL };
	size_t most = 1;
	const char *p, *end;

	for (p = s; p != NULL && *p != '\0'; p++)
		most += *p == separator;
	list.at = arena_array(mem, most + 1, sizeof(*list.at));
	for (p = s; p != NULL && *p != '\0'; p = *end == '\0' ? end : end + 1) {
		end = strchrnul(p, separator);
		if (end > p)
			list.at[list.n++] = arena_dupn(mem, p, (size_t)(end - p));
	}
	return list;
}

const char *
words_join(struct arena *mem, struct words list, const char *between)
{
	struct buf *b = buf_new(mem, 1 << 20);
	size_t i;

	for (i = 0; i < list.n; i++) {
		buf_text(b, i > 0 ? between : "");
		buf_text(b, list.at[i]);
	}
	return b->s;
}

bool
words_have(struct words list, const char *word)
{
	size_t i;

	for (i = 0; i < list.n; i++)
		if (strcmp(list.at[i], word) == 0)
			return true;
	return false;
}
