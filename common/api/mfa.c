/* mfa - second factors of pools and users (idp-api.md 5.3, 5.4, 12) */
#include <string.h>

#include "account/mfa.h"
#include "account/notice.h"
#include "account/refusals.h"
#include "api/need.h"
#include "api/op.h"
#include "base/shape.h"
#include "store/factor.h"

/* The blocks of SetUserPoolMfaConfig that something here keeps. */
static const char *const blocks[] = {
	"SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration",
	"MfaConfiguration",
};
enum { NBLOCKS = sizeof(blocks) / sizeof(blocks[0]) };

static void
show_config(const struct json *doc, struct json *out)
{
	size_t i;

	for (i = 0; i < NBLOCKS; i++)
		json_set(out, blocks[i], json_get(doc, blocks[i]));
}

int
op_get_mfa_config(struct rq *rq, const struct json *in, struct json *out)
{
	const struct pool *pool;
	int r;

	if ((r = need_pool(rq, in, &pool)) == 0)
		show_config(pool->doc, out);
	return r;
}

/* What nothing here keeps is refused rather than stored. */
static int
check_blocks(struct rq *rq, const struct json *in)
{
	if (json_has(in, "SmsMfaConfiguration") && !notice_reaches("phone_number"))
		return refuse_with(rq, &invalid_parameter,
		    "Text messages are not available on this server.", "SmsMfaConfiguration");
	if (json_has(in, "WebAuthnConfiguration"))
		return refuse_with(rq, &invalid_parameter,
		    "Passkeys are not available on this server.", "WebAuthnConfiguration");
	return 0;
}

int
op_set_mfa_config(struct rq *rq, const struct json *in, struct json *out)
{
	const struct pool *pool;
	struct json *doc;
	size_t i;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 || (r = check_blocks(rq, in)) != 0)
		return r;
	doc = json_copy(rq->mem, pool->doc);
	for (i = 0; i < NBLOCKS; i++)
		if (json_has(in, blocks[i]))
			json_set(doc, blocks[i], json_get(in, blocks[i]));
	if ((r = mfa_check_pool(rq, doc)) != 0)
		return r;
	need_date(rq, doc, "LastModifiedDate");
	show_config(doc, out);
	return pool_change(rq, pool, doc);
}

/* The settings of one factor; NULL: it stays as it is. */
static const struct setting {
	const char *factor, *member;
	const char *attribute, *missing;	/* what it goes to; NULL: an app */
} settings[] = {
	{ "SMS_MFA", "SMSMfaSettings", "phone_number", "The user has no phone number." },
	{ "SOFTWARE_TOKEN_MFA", "SoftwareTokenMfaSettings", NULL, NULL },
	{ "EMAIL_OTP", "EmailMfaSettings", "email", "The user has no email address." },
};
enum { NSETTINGS = sizeof(settings) / sizeof(settings[0]) };

static int
wrong(struct rq *rq, const char *sentence)
{
	return refuse_with(rq, &invalid_parameter, sentence, "%s", sentence);
}

static int
may_turn_on(struct rq *rq, const struct pool *pool, const struct user *user,
    const struct setting *setting)
{
	const struct factor *app;
	int r;

	if (!mfa_enabled(pool, setting->factor))
		return wrong(rq, arena_printf(rq->mem, "%s is not enabled for the user pool.",
		    setting->factor));
	if (setting->attribute != NULL)
		return user_attribute(user, setting->attribute) != NULL ? 0 :
		    wrong(rq, setting->missing);
	if ((r = factor_get(rq, pool->id, user->sub, "totp", &app)) != 0)
		return r;
	return app != NULL ? 0 : wrong(rq, "User has not verified software token mfa");
}

/* One factor's settings into doc, a copy of the User document. */
static int
set_factor(struct rq *rq, const struct pool *pool, const struct user *user,
    const struct json *set, const struct setting *setting, struct json *doc)
{
	const char *factor = setting->factor;
	struct words had = json_words(rq->mem, doc, "UserMFASettingList");
	bool on = json_flag(set, "Enabled", words_have(had, factor));
	struct json *list = json_array(rq->mem);
	size_t i;
	int r;

	if (on && (r = may_turn_on(rq, pool, user, setting)) != 0)
		return r;
	for (i = 0; i < had.n; i++)
		if (strcmp(had.at[i], factor) != 0)
			json_add_text(list, had.at[i]);
	if (on)
		json_add_text(list, factor);
	if (json_count(list) > 0)
		json_set(doc, "UserMFASettingList", list);
	else
		json_drop(doc, "UserMFASettingList");
	if (on && json_flag(set, "PreferredMfa", false))
		json_set_text(doc, "PreferredMfaSetting", factor);
	else if (text_equal(json_text(doc, "PreferredMfaSetting"), factor) &&
	    (!on || json_has(set, "PreferredMfa")))
		json_drop(doc, "PreferredMfaSetting");
	return 0;
}

int
op_set_user_mfa(struct rq *rq, const struct json *in, struct json *out)
{
	const struct pool *pool;
	const struct user *user;
	size_t i, preferred = 0;
	struct json *doc;
	int r;

	(void)out;
	if ((r = need_user(rq, in, &pool, &user)) != 0)
		return r;
	if (json_flag(json_get(in, "WebAuthnMfaSettings"), "Enabled", false))
		return wrong(rq, "The method is not enabled for the user pool.");
	doc = user_doc_copy(rq, user);
	for (i = 0; i < NSETTINGS; i++) {
		const struct json *set = json_get(in, settings[i].member);

		preferred += json_flag(set, "PreferredMfa", false);
		if (set != NULL &&
		    (r = set_factor(rq, pool, user, set, &settings[i], doc)) != 0)
			return r;
	}
	if (preferred > 1)
		return wrong(rq, "Only one MFA method can be preferred.");
	return user_change(rq, pool, user, doc);
}
