/* watch - is the clock to be believed?
 *
 * What has expired is gone for readers at once, and there again should the clock be set back. What
 * was swept does not come back. A clock that leaps forward (a dead battery, a machine restored or
 * resumed, a slip of the hand) would end every session and every refresh token for good. So the
 * sweep follows a clock only as far as it has seen it go: to a day beyond the latest time that was
 * believed. A clock that is further ahead is believed when it has gone on for a day; meanwhile the
 * store only grows. A machine that was off for a month waits that day too, and nobody notices. */
#ifndef TARN_STORE_WATCH_H
#define TARN_STORE_WATCH_H

#include "store/record.h"

/* May what expired by rq->now be swept? Looks at the store once in a process and collects a write
 * about once a minute; for tarnd, of which there is one. 0 or FAULT. */
int watch_clock(struct rq *rq, bool *believed_r);

#endif
