/* buf - text and bytes that grow, up to a ceiling */
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

struct buf *
buf_new(struct arena *mem, size_t max)
{
	struct buf *b = arena_alloc(mem, sizeof(*b));

	b->mem = mem;
	b->max = max;
	b->cap = max < 256 ? max : 256;
	b->s = arena_array(mem, b->cap + 1, 1);
	return b;
}

static bool
buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	char *s;

	if (b->over || n > b->max - b->len) {
		b->over = true;
		return false;
	}
	if (n <= cap - b->len)
		return true;
	while (cap - b->len < n)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	s = arena_array(b->mem, cap + 1, 1);
	memcpy(s, b->s, b->len);
	b->s = s;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *data, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->s + b->len, data, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void
buf_text(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_text(b, arena_vprintf(b->mem, fmt, ap));
	va_end(ap);
}

bool
buf_over(const struct buf *b)
{
	return b->over;
}
