/* buf - text and bytes that grow, up to a ceiling
 *
 * Always NUL-terminated. What does not fit under the ceiling is left out and remembered: ask
 * buf_over once, at the end. Memory is the arena's. */
#ifndef TARN_BASE_BUF_H
#define TARN_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct buf {
	struct arena *mem;
	char *s;		/* valid until the next addition */
	size_t len, cap, max;
	bool over;
};

/* An empty buffer that holds at most max bytes. */
struct buf *buf_new(struct arena *mem, size_t max);

void buf_add(struct buf *b, const void *data, size_t n);
void buf_text(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* True once anything was left out because of the ceiling. */
bool buf_over(const struct buf *b);

#endif
