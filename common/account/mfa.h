/* mfa - second factors: whether one is due, and its proof (pages.md 9; idp-api.md 12)
 *
 * A factor is called as the API calls it: SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP. */
#ifndef TARN_ACCOUNT_MFA_H
#define TARN_ACCOUNT_MFA_H

#include "account/otp.h"

enum mfa_step { MFA_NONE, MFA_VERIFY, MFA_CHOOSE, MFA_SETUP };

/* What a user who proved his password has to do next, if he is to reach a level (oidc/acr.h; 0:
 * any). factors_r: the one to verify, or those to choose from. Refuses no_second_factor where the
 * pool demands one that nothing can prove. */
int mfa_due(struct rq *rq, const struct user *user, int level, enum mfa_step *step_r,
    struct words *factors_r);

/* The words of amr that this user can add to a password, a blank before each; "" : none. */
const char *mfa_methods(struct rq *rq, const struct pool *pool, const struct user *user);

/* The word of amr for a factor. */
const char *mfa_method(const char *factor);

/* Are codes to this attribute a second factor of the user? */
bool mfa_goes_to(struct rq *rq, const struct user *user, const char *attribute);

/* What a factor needs before its code can be typed. *delivery_r: where a code was sent, or NULL.
 * *device_r: what the user calls his app, or NULL. */
int mfa_begin(struct rq *rq, const struct client *client, const struct user *user,
    const char *factor, const struct delivery **delivery_r, const char **device_r);

/* Is it the code? Each is good once; wrong ones lock (pages.md 6). Refuses mfa_mismatch,
 * code_expired, locked_out. *user_r is the user afterwards. */
int mfa_prove(struct rq *rq, const struct user *user, const char *factor, const char *code,
    const struct user **user_r);

/* Registers an app that shows the right code for the seed, as a factor that is on. Refuses
 * totp_mismatch. device: what the user calls it, or NULL. */
int mfa_enrol(struct rq *rq, const struct user *user, const char *seed, const char *code,
    const char *device, const struct user **user_r);

/* Is the factor one that the pool has on? */
bool mfa_enabled(const struct pool *pool, const char *factor);

/* A Pool document that asks for second factors must have one on; refuses invalid_parameter. */
int mfa_check_pool(struct rq *rq, const struct json *pool);

#endif
