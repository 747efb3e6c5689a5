/* arena - memory that lives as long as one request */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

/* Under a sanitizer every allocation gets a block of its own, so that overruns are seen. */
#if defined(__SANITIZE_ADDRESS__)
enum { LEAST = 0, MOST = 1 };
#else
enum { LEAST = 1024, MOST = 64 * 1024 };
#endif

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*release)(void *);
	void *object;
};

struct arena {
	struct block *blocks;		/* the first is being filled */
	size_t next;			/* size of the block to come */
	struct deferred *deferred;
};

/* Each block is twice as large as the one before, so small arenas stay small, and the one that a
 * reset keeps holds what the next request needs. */
static struct block *
block_new(struct arena *mem, size_t need)
{
	size_t size = need > mem->next ? need : mem->next;
	struct block *b;

	if (mem->next < MOST)
		mem->next *= 2;
	if (size > SIZE_MAX - sizeof(*b) || (b = calloc(1, sizeof(*b) + size)) == NULL)
		log_die("out of memory: %zu bytes", size);
	b->size = size;
	return b;
}

struct arena *
arena_new(void)
{
	struct arena *mem = calloc(1, sizeof(*mem));

	if (mem == NULL)
		log_die("out of memory");
	mem->next = LEAST;
	return mem;
}

/* The largest block is kept, unless it was made for one large thing. */
void
arena_reset(struct arena *mem)
{
	struct block *b, *keep = NULL, *next;

	while (mem->deferred != NULL) {
		struct deferred *d = mem->deferred;

		mem->deferred = d->next;
		d->release(d->object);
	}
	for (b = mem->blocks; b != NULL; b = next) {
		next = b->next;
		explicit_bzero(b->data, b->used);
		if (b->size > MOST || (keep != NULL && keep->size >= b->size)) {
			free(b);
		} else {
			free(keep);
			keep = b;
		}
	}
	if (keep != NULL) {
		keep->used = 0;
		keep->next = NULL;
	}
	mem->blocks = keep;
}

void
arena_free(struct arena **mem)
{
	if (*mem == NULL)
		return;
	arena_reset(*mem);
	free((*mem)->blocks);
	free(*mem);
	*mem = NULL;
}

void *
arena_alloc(struct arena *mem, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct block *b = mem->blocks;
	size_t need;
	void *p;

	if (size > SIZE_MAX / 2)
		log_die("out of memory: %zu bytes", size);
	need = size == 0 ? align : (size + align - 1) / align * align;
	if (MOST == 0)
		need = size == 0 ? 1 : size;
	if (b == NULL || b->size - b->used < need) {
		b = block_new(mem, need);
		/* A block made for one large thing goes behind the one still being filled. */
		if (mem->blocks != NULL && need > b->size / 2) {
			b->next = mem->blocks->next;
			mem->blocks->next = b;
		} else {
			b->next = mem->blocks;
			mem->blocks = b;
		}
	}
	p = b->data + b->used;
	b->used += need;
	return p;
}

void *
arena_array(struct arena *mem, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		log_die("out of memory: %zu times %zu bytes", n, size);
	return arena_alloc(mem, total);
}

char *
arena_dupn(struct arena *mem, const void *s, size_t n)
{
	char *copy = arena_array(mem, n + 1, 1);

	if (n > 0)
		memcpy(copy, s, n);
	return copy;
}

char *
arena_dup(struct arena *mem, const char *s)
{
	return arena_dupn(mem, s, strlen(s));
}

char *
arena_join(struct arena *mem, const char *a, const char *b, const char *c)
{
	size_t n = strlen(a), m = strlen(b), k = strlen(c);
	char *s = arena_alloc(mem, n + m + k + 1);

	memcpy(s, a, n);
	memcpy(s + n, b, m);
	memcpy(s + n + m, c, k);
	return s;
}

/* Most texts are short: they are formatted once and copied. */
char *
arena_vprintf(struct arena *mem, const char *fmt, va_list ap)
{
	char first[512], *s;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(first, sizeof(first), fmt, again);
	va_end(again);
	if (n < 0)
		log_die("cannot format \"%s\"", fmt);
	if ((size_t)n < sizeof(first)) {
		s = arena_dupn(mem, first, (size_t)n);
	} else {
		s = arena_alloc(mem, (size_t)n + 1);
		(void)vsnprintf(s, (size_t)n + 1, fmt, ap);
	}
	explicit_bzero(first, (size_t)n < sizeof(first) ? (size_t)n : sizeof(first));
	return s;
}

char *
arena_printf(struct arena *mem, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(mem, fmt, ap);
	va_end(ap);
	return s;
}

void
arena_defer(struct arena *mem, void (*release)(void *), void *object)
{
	struct deferred *d = arena_alloc(mem, sizeof(*d));

	d->release = release;
	d->object = object;
	d->next = mem->deferred;
	mem->deferred = d;
}
