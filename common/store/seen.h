/* seen - what may be shown once: remembered until it would be refused for its age anyway */
#ifndef TARN_STORE_SEEN_H
#define TARN_STORE_SEEN_H

#include <stdbool.h>

#include "base/rq.h"

/* hash: of whatever makes it unique, and of what kind it is. Of many who put the same at once, one
 * does; the others run again and find it. 0 or FAULT, both. */
int seen_get(struct rq *rq, const char *pool, const char *hash, bool *seen_r);
int seen_put(struct rq *rq, const char *pool, const char *hash, int64_t expires);

#endif
