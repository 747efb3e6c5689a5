/* mail - sending a message: SMTP through libcurl, or into a maildir */
#ifndef TARN_NET_MAIL_H
#define TARN_NET_MAIL_H

#include "base/rq.h"

struct mail {
	const char *id;		/* Message-ID and file name: one message, tried twice, has one id */
	const char *from, *to, *subject, *text, *html;	/* UTF-8; html may be NULL */
};

/* Delivers to conf->mail. 0; REFUSED without an answer set: try again later, *why_r says why;
 * FAULT: it can never be delivered (5xx answer), *why_r says why. Header values with control
 * characters are faults. */
int mail_send(struct rq *rq, const struct mail *mail, const char **why_r);

/* Into the maildir of that path, whatever conf->mail says. */
int mail_keep(struct rq *rq, const char *maildir, const struct mail *mail, const char **why_r);

#endif
