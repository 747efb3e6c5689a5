/* device_code - device codes and the user codes that lead to them (RFC 8628)
 *
 * Both are named by the hash of their text (digest_text). A user code lives while the device's
 * question waits for an answer; the device code outlives it, so that a device that asks late is
 * told that its time is over. */
#ifndef TARN_STORE_DEVICE_CODE_H
#define TARN_STORE_DEVICE_CODE_H

#include "store/grants.h"

struct device_code {
	struct grant grant;		/* username and sub are NULL until somebody approves */
	const char *user_code;		/* its hash */
	bool denied;
	int64_t interval;		/* seconds between two polls */
	int64_t polled;			/* ms; 0: not yet */
	const struct record *record;
};

/* A new one with its user code; hash: of the device code. 0 or FAULT, here and below. */
int device_code_put(struct rq *rq, const char *pool, const char *hash,
    const struct device_code *code);

/* By the hash of either; NULL: there is none. One whose time is over (grant.expires) may still be
 * found by its own. */
int device_code_get(struct rq *rq, const char *pool, const char *hash,
    const struct device_code **code_r);
int device_code_find(struct rq *rq, const char *pool, const char *user_code,
    const struct device_code **code_r);

/* Expects it as it was read. */
int device_code_change(struct rq *rq, const struct device_code *code);
void device_code_take(struct rq *rq, const struct device_code *code);
void user_code_drop(struct rq *rq, const char *pool, const struct device_code *code);

#endif
