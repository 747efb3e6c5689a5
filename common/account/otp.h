/* otp - one-time codes, sent to an address that only its owner reads (pages.md 6; triggers.md 11)
 *
 * A code is kept sealed as a ticket of the user it is for. A name that nobody has gets the same
 * treatment as any other: whoever asks cannot tell from answer, time or limits that it is nobody's
 * (pages.md 5). */
#ifndef TARN_ACCOUNT_OTP_H
#define TARN_ACCOUNT_OTP_H

#include "store/client.h"
#include "store/ticket.h"
#include "store/user.h"

enum otp { OTP_SIGN_UP, OTP_RECOVERY, OTP_MFA };

/* Where a code went, masked: j***@e***, +*******9934. */
struct delivery {
	const char *attribute, *medium, *destination;	/* "email", "EMAIL" or "SMS", "j***@e***" */
};

/* Stands for a name that nobody has: codes for him are made and kept, and sent nowhere. Always the
 * same for the same name. 0 or FAULT. */
int otp_nobody(struct rq *rq, const char *name, const struct user **user_r);

/* Counts a message against the hourly limits: of the user and of the address it would go to, or of
 * the address alone. Refuses too_often. Before anything is collected that a refusal must not leave
 * behind. */
int otp_allow(struct rq *rq, enum otp what, const struct user *user, const char *attribute);
int otp_allow_address(struct rq *rq, const char *address);

/* A new code to this attribute of the user, in place of any old one. 0 or FAULT. */
int otp_send(struct rq *rq, enum otp what, const struct client *client, const struct user *user,
    const char *attribute, const struct delivery **delivery_r);

/* Is it the code? Refuses code_mismatch, code_expired (also where it went to an address that the
 * user no longer has) and too_often. The code stays good until ticket_take. */
int otp_check(struct rq *rq, enum otp what, const struct user *user, const char *code,
    const struct ticket **ticket_r);

#endif
