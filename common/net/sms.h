/* sms - sending a text message: to an HTTP gateway, or into a maildir
 *
 * The gateway is the administrator's own choice and may be an adapter of his. It gets a POST with a
 * JSON document, {"id", "to", "text"} and "from" where sms_from says one, and answers 2xx. */
#ifndef TARN_NET_SMS_H
#define TARN_NET_SMS_H

#include "base/rq.h"

struct sms {
	const char *id;		/* one message, tried twice, has one id */
	const char *to, *text;	/* a phone number (E.164); UTF-8 */
};

/* Delivers to conf->sms. 0; REFUSED without an answer set: try again later, *why_r says why;
 * FAULT: the gateway will never take it (400, 422), *why_r says why. Redirects are not followed: a
 * token goes where the setting says and nowhere else. */
int sms_send(struct rq *rq, const struct sms *sms, const char **why_r);

#endif
