/* ticket - one-time codes, failed attempts, and messages waiting to be sent */
#ifndef TARN_STORE_TICKET_H
#define TARN_STORE_TICKET_H

#include "store/record.h"

/* A one-time code: one per user and purpose, a new one replaces the old. */
struct ticket {
	const char *purpose;		/* "sign-up" … */
	const char *sealed;		/* the code, sealed by the rule that made it */
	const char *attribute, *destination;	/* which it proves, and its value when sent */
	int64_t tries;			/* wrong ones so far */
	int64_t expires;		/* ms */
	const struct record *record;
};
int ticket_get(struct rq *rq, const char *pool, const char *sub, const char *purpose,
    const struct ticket **ticket_r);	/* NULL: none or expired */
int ticket_put(struct rq *rq, const char *pool, const char *sub, const struct ticket *ticket);
int ticket_missed(struct rq *rq, const struct ticket *ticket);	/* one more wrong try */
void ticket_take(struct rq *rq, const struct ticket *ticket);

/* Counts under a subject ("password:{mark of the username}", "resend:…"), forgotten at `expires`.
 * "place~name": names of which there is no end share places, and a place counts one of its names,
 * the last that failed. */
struct throttle {
	int64_t failures, last;		/* last: ms */
};
int throttle_get(struct rq *rq, const char *pool, const char *subject, struct throttle *throttle_r);

/* failures: what was read, and one. Where others counted meanwhile, theirs count too. */
int throttle_put(struct rq *rq, const char *pool, const char *subject, int64_t failures,
    int64_t expires);
void throttle_drop(struct rq *rq, const char *pool, const char *subject);

/* The outbox: written with whatever caused the message, delivered by tarnd. */
struct letter {
	const char *id;
	const char *sealed;	/* a JSON object To, Subject, Text, Html; purpose "outbox" */
	int64_t due, created;		/* ms */
	int64_t tries;
	bool call;
	const struct record *record;
};
int outbox_put(struct rq *rq, const char *id, const char *sealed);
int outbox_due(struct rq *rq, size_t most, const struct letter *const **letters_r, size_t *n_r);

/* Calls to relying parties wait in a line of their own, so that none of them holds up mail. Sealed:
 * what oidc/farewell.h makes. */
int outbox_put_call(struct rq *rq, const char *id, const char *sealed);
int outbox_due_calls(struct rq *rq, size_t most, const struct letter *const **letters_r,
    size_t *n_r);
int outbox_later(struct rq *rq, const struct letter *letter, int64_t due);
void outbox_drop(struct rq *rq, const struct letter *letter);

#endif
