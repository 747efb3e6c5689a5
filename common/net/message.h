/* message - a mail as it travels (RFC 5322, RFC 2045 to 2047) */
#ifndef TARN_NET_MESSAGE_H
#define TARN_NET_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/mail.h"

struct message {
	const char *from, *to;	/* addresses alone, for the envelope */
	const char *text;	/* headers and body, lines ending in CR LF */
	size_t n;
};

/* False: no such message can be sent, *why_r says why. */
bool message_make(struct rq *rq, const struct mail *mail, const struct message **message_r,
    const char **why_r);

#endif
