/* ticket - one-time codes: one per user and purpose, a new one replaces the old */
#ifndef TARN_STORE_TICKET_H
#define TARN_STORE_TICKET_H

#include "store/record.h"

struct ticket {
	const char *purpose;		/* "sign-up" … */
	const char *sealed;		/* the code, sealed by the rule that made it */
	const char *attribute, *destination;	/* which it proves, and its value when sent */
	int64_t tries;			/* wrong ones so far */
	int64_t expires;		/* ms */
	const struct record *record;
};

/* *ticket_r is NULL where there is none, or it expired. 0 or FAULT. */
int ticket_get(struct rq *rq, const char *pool, const char *sub, const char *purpose,
    const struct ticket **ticket_r);

/* Collect: the ticket as it is, whatever was there; one more wrong try; its use. 0 or FAULT. */
int ticket_put(struct rq *rq, const char *pool, const char *sub, const struct ticket *ticket);
int ticket_missed(struct rq *rq, const struct ticket *ticket);
void ticket_take(struct rq *rq, const struct ticket *ticket);

#endif
