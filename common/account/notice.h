/* notice - messages to people: composed here, put into the outbox with the cause (triggers.md
 * 11) */
#ifndef TARN_ACCOUNT_NOTICE_H
#define TARN_ACCOUNT_NOTICE_H

#include "store/client.h"
#include "store/user.h"

enum notice { NOTICE_CODE, NOTICE_RESET, NOTICE_MFA, NOTICE_INVITATION };

/* By e-mail, with the pool's own text and subject where it has them. code: the one-time code or the
 * temporary password. For a pool that confirms by link, the link to /confirmUser is made from
 * client and the pool's domain. to NULL: composed, and not sent. 0 or FAULT. */
int notice_send(struct rq *rq, enum notice what, const struct client *client,
    const struct user *user, const char *to, const char *code);

/* "j***@e***" or "+*******9934". */
const char *notice_mask(struct arena *mem, const char *attribute, const char *value);

#endif
