/* page_state - what one page leaves for the next: the page-data cookie, sealed (pages.md 3)
 *
 * Only our own pages can make one, for this pool and purpose, for a few minutes. */
#ifndef TARN_ENDPOINT_PAGE_STATE_H
#define TARN_ENDPOINT_PAGE_STATE_H

#include "base/json.h"
#include "base/rq.h"

/* purpose: "confirm", "new-password". 0 or FAULT. */
int page_state_set(struct rq *rq, const char *purpose, const struct json *state, int seconds);

/* NULL where there is none, it is too old or was made for something else. 0 or FAULT. */
int page_state_get(struct rq *rq, const char *purpose, const struct json **state_r);

/* Ends it, in this browser. */
void page_state_clear(struct rq *rq);

#endif
