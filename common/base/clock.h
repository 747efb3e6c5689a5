/* clock - the time of day; a module of its own so that tests replace it at link time */
#ifndef TARN_BASE_CLOCK_H
#define TARN_BASE_CLOCK_H

#include <stdint.h>

#include "base/arena.h"

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_now(void);

/* Milliseconds that only move forward; for measuring and waiting. */
int64_t clock_steady(void);

/* "Fri, 20 Nov 2026 12:00:00 GMT" (RFC 9110 5.6.7). */
const char *clock_http(struct arena *mem, int64_t ms);

/* "2026-11-20T12:00:00.123000+00:00" (RFC 3339, microseconds). */
const char *clock_iso(struct arena *mem, int64_t ms);

#endif
