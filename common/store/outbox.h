/* outbox - messages waiting to be sent: written with whatever caused them, delivered by tarnd
 *
 * Calls to relying parties wait in a line of their own, so that none of them holds up mail. */
#ifndef TARN_STORE_OUTBOX_H
#define TARN_STORE_OUTBOX_H

#include "store/record.h"

struct letter {
	const char *id;
	const char *sealed;		/* for a letter: To, Subject, Text, Html as a JSON object,
					 * purpose "outbox"; for a call: of oidc/farewell.h */
	int64_t due, created;		/* ms */
	int64_t tries;
	bool call;
	const struct record *record;
};

/* Collect a new one, due now. 0 or FAULT. */
int outbox_put(struct rq *rq, const char *id, const char *sealed);
int outbox_put_call(struct rq *rq, const char *id, const char *sealed);

/* Those that are due, longest due first, at most so many. 0 or FAULT. */
int outbox_due(struct rq *rq, size_t most, const struct letter *const **letters_r, size_t *n_r);
int outbox_due_calls(struct rq *rq, size_t most, const struct letter *const **letters_r,
    size_t *n_r);

/* Collect one more try, then; or the end of it. */
int outbox_later(struct rq *rq, const struct letter *letter, int64_t due);
void outbox_drop(struct rq *rq, const struct letter *letter);

#endif
