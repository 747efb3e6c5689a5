/* arena - memory that lives as long as one request
 *
 * Everything a request allocates comes from its arena and goes with it; programs and rules never
 * call free. Allocation succeeds or ends the process (the supervisor starts another). All memory is
 * zeroed when handed out and wiped when taken back, so any of it may hold a secret. */
#ifndef TARN_BASE_ARENA_H
#define TARN_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);

/* Wipes and releases everything, runs the deferred calls (last first), leaves the arena usable. */
void arena_reset(struct arena *mem);

/* The same, and the arena itself; sets the pointer to NULL. NULL is accepted. */
void arena_free(struct arena **mem);

/* Zeroed memory for any type; never NULL. */
void *arena_alloc(struct arena *mem, size_t size) __attribute__((malloc, returns_nonnull));

/* Zeroed array; a product that overflows ends the process. */
void *arena_array(struct arena *mem, size_t n, size_t size) __attribute__((returns_nonnull));

char *arena_dup(struct arena *mem, const char *s) __attribute__((returns_nonnull));
char *arena_dupn(struct arena *mem, const void *s, size_t n) __attribute__((returns_nonnull));

/* Three texts as one: what arena_printf does with "%s%s%s", for the long ones. */
char *arena_join(struct arena *mem, const char *a, const char *b, const char *c)
    __attribute__((returns_nonnull));

char *arena_printf(struct arena *mem, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *mem, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0), returns_nonnull));

/* Calls release(object) when the arena is reset: how a foreign object gets an arena's lifetime. */
void arena_defer(struct arena *mem, void (*release)(void *), void *object);

#endif
