/* notice - messages to people: composed here, put into the outbox with the cause (triggers.md
 * 11) */
#ifndef TARN_ACCOUNT_NOTICE_H
#define TARN_ACCOUNT_NOTICE_H

#include "store/client.h"
#include "store/user.h"

enum notice { NOTICE_CODE, NOTICE_RESET, NOTICE_MFA, NOTICE_INVITATION };

/* Do messages go to this attribute? To "email" always, to "phone_number" where there is a setting
 * sms. */
bool notice_reaches(const char *attribute);

/* "EMAIL" or "SMS". */
const char *notice_medium(const char *attribute);

/* To an attribute of the user, with the pool's own text and subject where it has them. code: the
 * one-time code or the temporary password. For a pool that confirms by link, the link to
 * /confirmUser is made from client and the pool's domain, and goes by e-mail alone. Composed
 * always, sent where sends says so. 0, FAULT, or refuses invalid_parameter where a text message
 * became longer than 140 characters. */
int notice_send(struct rq *rq, enum notice what, const struct client *client,
    const struct user *user, const char *attribute, bool sends, const char *code);

/* "j***@e***" or "+*******9934". */
const char *notice_mask(struct arena *mem, const char *attribute, const char *value);

#endif
