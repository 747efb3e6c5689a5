/* import_users - people from elsewhere, many at a time: tarn import-users */
#ifndef TARN_SBIN_IMPORT_USERS_H
#define TARN_SBIN_IMPORT_USERS_H

#include <stdio.h>

#include "store/pool.h"

struct imported {
	size_t users;		/* that are new */
	size_t there;		/* whose name was taken already, and who are left as they are */
	size_t refused;		/* each said on standard error, with its line */
};

/* Reads lines of JSON, each of the shape ImportUser (base/shapes-tarn.tsv), and creates the users
 * in transactions of many; what is counted is on disk. 0 or FAULT. */
int import_users(struct rq *rq, const char *pool, FILE *in, struct imported *imported_r);

#endif
