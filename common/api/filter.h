/* filter - the Filter of ListUsers: name op "value" (idp-api.md 14.6) */
#ifndef TARN_API_FILTER_H
#define TARN_API_FILTER_H

#include "store/user.h"

struct filter {
	const char *name;	/* NULL: everybody */
	const char *value;
	bool prefix;		/* ^= */
};

/* 0, or refuses InvalidParameterException. NULL and "" let everybody pass. */
int filter_parse(struct rq *rq, const char *text, struct filter *filter_r);

bool filter_passes(const struct filter *filter, const struct pool *pool, const struct user *user);

#endif
