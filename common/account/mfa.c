/* mfa - second factors: whether one is due, and its proof */
#include <string.h>

#include "account/attribute.h"
#include "account/lock.h"
#include "account/mfa.h"
#include "account/notice.h"
#include "account/recover.h"
#include "account/refusals.h"
#include "account/totp.h"
#include "crypto/aead.h"
#include "oidc/acr.h"
#include "store/factor.h"
#include "web/limit.h"

static const char totp[] = "totp", purpose[] = "authenticator";

static const struct kind {
	const char *name, *config;	/* in the API, and the member of the Pool that has it on */
	const char *method;		/* word of amr */
	const char *attribute;		/* where its codes go; NULL: the user has them himself */
} kinds[] = {
	{ "SOFTWARE_TOKEN_MFA", "SoftwareTokenMfaConfiguration", "otp",       NULL },
	{ "SMS_MFA",            "SmsMfaConfiguration",           "sms",       "phone_number" },
	{ "EMAIL_OTP",          "EmailMfaConfiguration",         "email_otp", "email" },
};
enum { NKINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const struct kind *
kind_find(const char *factor)
{
	size_t i;

	for (i = 0; i < NKINDS && !text_equal(kinds[i].name, factor); i++)
		continue;
	return i < NKINDS ? &kinds[i] : NULL;
}

static bool
kind_enabled(const struct json *pool, const struct kind *kind)
{
	const struct json *config = json_get(pool, kind->config);

	return config != NULL && json_flag(config, "Enabled", true) &&
	    (kind->attribute == NULL || notice_reaches(kind->attribute));
}

bool
mfa_enabled(const struct pool *pool, const char *factor)
{
	const struct kind *kind = kind_find(factor);

	return kind != NULL && kind_enabled(pool->doc, kind);
}

const char *
mfa_method(const char *factor)
{
	const struct kind *kind = kind_find(factor);

	return kind != NULL ? kind->method : "";
}

/*
 * What is due.
 */

/* The user has it on, and can prove it. */
static bool
kind_active(const struct pool *pool, const struct user *user, const struct kind *kind)
{
	return kind_enabled(pool->doc, kind) && words_have(user->factors, kind->name) &&
	    (kind->attribute == NULL || user_attribute(user, kind->attribute) != NULL);
}

/* Where the pool demands a second factor, an address serves that the user never chose as one. */
static bool
kind_eligible(const struct pool *pool, const struct user *user, const struct kind *kind)
{
	if (kind->attribute == NULL)
		return kind_active(pool, user, kind);
	return kind_enabled(pool->doc, kind) && user_attribute(user, kind->attribute) != NULL &&
	    !text_equal(recover_channel(pool, user), kind->attribute);
}

static bool
demands(const struct pool *pool)
{
	return text_equal(json_text(pool->doc, "MfaConfiguration"), "ON");
}

static bool
is_off(const struct json *pool)
{
	const char *set = json_text(pool, "MfaConfiguration");

	return set == NULL || strcmp(set, "OFF") == 0;
}

/* Would it, after a password, reach the level? */
static bool
kind_reaches(struct rq *rq, const struct kind *kind, int level)
{
	const char *methods = arena_join(rq->mem, "pwd", " ", kind->method);

	return acr_level(words_split(rq->mem, methods, ' ')) >= level;
}

/* Those that would do: what the user prefers, or else all that are left to choose from. */
static struct words
candidates(struct rq *rq, const struct user *user, int level)
{
	struct words list = { 0, arena_array(rq->mem, NKINDS, sizeof(*list.at)) };
	size_t i;

	for (i = 0; i < NKINDS; i++) {
		const struct kind *kind = &kinds[i];
		bool active = kind_active(rq->pool, user, kind);

		if ((!active && !(demands(rq->pool) && kind_eligible(rq->pool, user, kind))) ||
		    !kind_reaches(rq, kind, level))
			continue;
		if (active && text_equal(user->preferred_factor, kind->name)) {
			list.at[0] = kind->name;
			list.n = 1;
			return list;
		}
		list.at[list.n++] = kind->name;
	}
	return list;
}

int
mfa_due(struct rq *rq, const struct user *user, int level, enum mfa_step *step_r,
    struct words *factors_r)
{
	*step_r = MFA_NONE;
	*factors_r = (struct words){ 0, NULL };
	if (is_off(rq->pool->doc))
		return 0;
	*factors_r = candidates(rq, user, level);
	if (factors_r->n == 0)
		*factors_r = candidates(rq, user, 0);
	if (factors_r->n > 0)
		*step_r = factors_r->n == 1 ? MFA_VERIFY : MFA_CHOOSE;
	else if (demands(rq->pool) && mfa_enabled(rq->pool, "SOFTWARE_TOKEN_MFA"))
		*step_r = MFA_SETUP;
	else if (demands(rq->pool))
		return refuse(rq, &no_second_factor, "MFA is required, and this user has none");
	return 0;
}

const char *
mfa_methods(struct rq *rq, const struct pool *pool, const struct user *user)
{
	const char *all = "";
	size_t i;

	for (i = 0; i < NKINDS && !is_off(pool->doc); i++)
		if (kind_active(pool, user, &kinds[i]))
			all = arena_join(rq->mem, all, " ", kinds[i].method);
	return all;
}

bool
mfa_goes_to(struct rq *rq, const struct user *user, const char *attribute)
{
	struct words factors = candidates(rq, user, 0);
	size_t i;

	for (i = 0; i < factors.n && !is_off(rq->pool->doc); i++)
		if (text_equal(kind_find(factors.at[i])->attribute, attribute))
			return true;
	return false;
}

int
mfa_check_pool(struct rq *rq, const struct json *pool)
{
	size_t i;

	for (i = 0; i < NKINDS; i++)
		if (kind_enabled(pool, &kinds[i]))
			return 0;
	return is_off(pool) ? 0 : refuse_with(rq, &invalid_parameter, "SMS configuration and Auto "
	    "verification for phone_number are required when MFA is required/optional",
	    "MfaConfiguration without a second factor; see set-user-pool-mfa-config");
}

/*
 * Proofs.
 */

int
mfa_begin(struct rq *rq, const struct client *client, const struct user *user,
    const char *factor, const struct delivery **delivery_r, const char **device_r)
{
	const struct kind *kind = kind_find(factor);
	const struct factor *app;
	int r;

	*delivery_r = NULL;
	*device_r = NULL;
	if (kind == NULL)
		return fault(rq, "no factor %s", factor);
	if (kind->attribute != NULL) {
		if ((r = otp_allow(rq, OTP_MFA, user, kind->attribute)) != 0)
			return r;
		return otp_send(rq, OTP_MFA, client, user, kind->attribute, delivery_r);
	}
	if ((r = factor_get(rq, rq->pool->id, user->sub, totp, &app)) != 0)
		return r;
	*device_r = app != NULL ? app->device : NULL;
	return 0;
}

/* RFC 6238 5.2: a code is accepted once. */
static int
prove_totp(struct rq *rq, const struct user *user, const char *code)
{
	const struct factor *app;
	unsigned char *seed;
	int64_t step;
	size_t n;
	int r;

	if ((r = factor_get(rq, rq->pool->id, user->sub, totp, &app)) != 0)
		return r;
	if (app == NULL)
		return refuse(rq, &no_authenticator, "the user has no authenticator app");
	if (aead_open(rq, purpose, app->sealed, &seed, &n) != 0)
		return fault(rq, "cannot open the seed of an authenticator app");
	if ((step = totp_step(rq, (const char *)seed, code)) == -1)
		return refuse(rq, &mfa_mismatch, "wrong code");
	if (step <= app->last)
		return refuse(rq, &code_expired, "the code was used before");
	return factor_used(rq, app, step);
}

/* A code that arrived proves the address, too. */
static int
prove_message(struct rq *rq, const struct user *user, const struct kind *kind, const char *code,
    const struct user **user_r)
{
	const char *verified = arena_printf(rq->mem, "%s_verified", kind->attribute);
	const struct ticket *ticket;
	struct json *doc;
	int r;

	if ((r = otp_check(rq, OTP_MFA, user, code, &ticket)) != 0)
		return r;
	ticket_take(rq, ticket);
	if (text_equal(user_attribute(user, verified), "true"))
		return 0;
	doc = user_doc_copy(rq, user);
	user_doc_set(rq, doc, verified, "true");
	if ((r = attribute_claim(rq, rq->pool, user, doc, false)) == REFUSED) {
		rq->refusal = NULL;	/* somebody else signs in with it: it stays unproven */
		return 0;
	}
	if (r != 0)
		return r;
	*user_r = user_view(rq, rq->pool, doc);
	return user_change(rq, rq->pool, user, doc);
}

int
mfa_prove(struct rq *rq, const struct user *user, const char *factor, const char *code,
    const struct user **user_r)
{
	const struct kind *kind = kind_find(factor);
	struct lock lock;
	int r;

	*user_r = user;
	if (kind == NULL)
		return fault(rq, "no factor %s", factor);
	if ((r = limit_take(rq, LIMIT_SIGN_IN, NULL, false)) != 0 ||
	    (r = lock_open(rq, "second-factor", user->username, false, &lock)) != 0)
		return r;
	r = kind->attribute == NULL ? prove_totp(rq, user, code) :
	    prove_message(rq, user, kind, code, user_r);
	if (r == REFUSED && lock_count(rq, &lock) != 0)
		return FAULT;
	if (r == 0)
		lock_lift(rq, &lock);
	return r;
}

/*
 * Enrolment.
 */

static struct json *
with_factor(struct rq *rq, const struct user *user, const char *name)
{
	struct json *doc = user_doc_copy(rq, user), *list = json_array(rq->mem);
	size_t i;

	for (i = 0; i < user->factors.n; i++)
		if (strcmp(user->factors.at[i], name) != 0)
			json_add_text(list, user->factors.at[i]);
	json_add_text(list, name);
	json_set(doc, "UserMFASettingList", list);
	return doc;
}

int
mfa_enrol(struct rq *rq, const struct user *user, const char *seed, const char *code,
    const char *device, const struct user **user_r)
{
	struct factor app = { .device = device, .last = totp_step(rq, seed, code) };
	struct json *doc = with_factor(rq, user, "SOFTWARE_TOKEN_MFA");
	int r;

	*user_r = user_view(rq, rq->pool, doc);
	if (app.last == -1)
		return refuse(rq, &totp_mismatch, "wrong code for a new authenticator app");
	if ((r = aead_seal(rq, purpose, seed, strlen(seed), &app.sealed)) != 0 ||
	    (r = factor_put(rq, rq->pool->id, user->sub, totp, &app)) != 0)
		return r;
	return user_change(rq, rq->pool, user, doc);
}
