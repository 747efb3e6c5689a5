/* resource - resource servers and their scopes */
#ifndef TARN_STORE_RESOURCE_H
#define TARN_STORE_RESOURCE_H

#include "base/text.h"
#include "store/record.h"

struct resource {
	const char *identifier, *name;
	struct words scopes;		/* names, without the identifier */
	const struct json *doc;
	const struct record *record;
};

/* *resource_r is NULL where there is none. 0 or FAULT, here and below; creating and changing may
 * also break at the apply, as record.h says. */
int resource_get(struct rq *rq, const char *pool, const char *identifier,
    const struct resource **resource_r);
int resource_create(struct rq *rq, const char *pool, const struct json *doc);
int resource_change(struct rq *rq, const struct resource *resource, const struct json *doc);
void resource_drop(struct rq *rq, const struct resource *resource);
int resource_list(struct rq *rq, const char *pool, const char *after, size_t most,
    const struct resource *const **resources_r, size_t *n_r);

#endif
