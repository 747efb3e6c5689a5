/* totp - authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds), with liboath and libqrencode
 *
 * A seed is text of ours; its secret is what people type and apps read. */
#ifndef TARN_ACCOUNT_TOTP_H
#define TARN_ACCOUNT_TOTP_H

#include "base/rq.h"

/* A new seed of 256 bits. */
const char *totp_seed(struct rq *rq);

/* Base32 without padding (RFC 4648 6). */
const char *totp_secret(struct rq *rq, const char *seed);

/* otpauth://totp/{issuer}:{account}?secret=…&issuer=…, which apps read from a QR code. */
const char *totp_uri(struct rq *rq, const char *seed, const char *issuer, const char *account);

/* The QR code of a text as the d attribute of an SVG path, in units of one module with a quiet zone
 * of four; *size_r is its width and height. NULL: the text is too long. */
const char *totp_qr(struct rq *rq, const char *text, int *size_r);

/* The time step that code is of, now or one step off (clocks differ); -1: of none. */
int64_t totp_step(struct rq *rq, const char *seed, const char *code);

#endif
