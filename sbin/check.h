/* check - every record of the store, and every reference between records: tarn check */
#ifndef TARN_SBIN_CHECK_H
#define TARN_SBIN_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rq.h"

/* Prints what is wrong and how to mend it; with mend does so. *wrong_r: how many things were found.
 * 0 or FAULT (the store cannot be read). */
int check_store(struct rq *rq, bool mend, size_t *wrong_r);

/* Is the master key the one that sealed this store's secrets? One key of each pool tells. */
bool check_master_key(struct rq *rq);

#endif
