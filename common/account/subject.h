/* subject - under which name attempts of somebody, or of nobody, are counted (store/throttle.h) */
#ifndef TARN_ACCOUNT_SUBJECT_H
#define TARN_ACCOUNT_SUBJECT_H

#include <stdbool.h>

#include "base/rq.h"

/* what: "password", "sign-up" … name: the username of somebody, or what somebody typed and nobody
 * has. That is counted like any other, or the limit would tell who exists; but names can be made up
 * by the million, so nobody's share a fixed number of places, and which of them share one cannot be
 * foreseen without the master key. 0 or FAULT. */
int subject_of(struct rq *rq, const char *what, const char *name, bool nobody,
    const char **subject_r);

#endif
