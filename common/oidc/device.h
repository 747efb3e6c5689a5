/* device - signing in on a device that has no browser, by a code typed elsewhere (RFC 8628) */
#ifndef TARN_OIDC_DEVICE_H
#define TARN_OIDC_DEVICE_H

#include "store/client.h"
#include "store/device_code.h"
#include "store/user.h"

/* The answer of RFC 8628 3.2, without its addresses. */
struct device_offer {
	const char *device_code;
	const char *user_code;		/* "WDJB-MJHT" */
	int64_t expires_in, interval;	/* seconds */
};

/* Both codes, among the writes. 0 or FAULT. */
int device_offer(struct rq *rq, const struct client *client, const char *scope,
    const struct device_offer **offer_r);

/* What somebody typed leads to: case, blanks and dashes do not count. user: who is signed in, or
 * NULL. Wrong codes are counted: of who is signed in, or else of where they come from. Refuses with
 * a sentence for the page. */
int device_find(struct rq *rq, const char *typed, const struct user *user,
    const struct device_code **code_r);

/* "WDJB-MJHT" of what somebody typed that led to a code. */
const char *device_spell(struct rq *rq, const char *typed);

/* The authorization request that leads to the login page and from there to the device page
 * (ask.h). */
const char *device_query(struct rq *rq, const struct device_code *code, const char *typed);

/* The person's answer: it is final, and the user code is used up. 0 or FAULT. */
int device_approve(struct rq *rq, const struct device_code *code, const struct user *user,
    const struct session *session);
int device_deny(struct rq *rq, const struct device_code *code);

/* A poll of the device (RFC 8628 3.4, 3.5). 0 and what was granted, which is taken, among the
 * writes: of many polls one gets it. Refuses authorization_pending, slow_down, access_denied,
 * expired_token or invalid_grant. */
int device_redeem(struct rq *rq, const struct client *client, const char *device_code,
    const struct grant **grant_r);

#endif
