/* acr - how strongly somebody signed in */
#include "oidc/acr.h"

/* oauth.md 9, the strongest first. "Alone" needs no word: who did more is found further up. */
static const struct { int level; const char *factor, *with; } combinations[] = {
	{ 4, "pwd", "otp" },
	{ 3, "swk", NULL },
	{ 3, "hwk", NULL },
	{ 3, "pwd", "sms" },
	{ 3, "pwd", "email_otp" },
	{ 2, "sms", NULL },
	{ 2, "email_otp", NULL },
	{ 1, "pwd", NULL },
};

static const struct { const char *member, *name; } levels[ACR_LEVELS + 1] = {
	[1] = { "Level1", "urn:cognito:loa:1" },
	[2] = { "Level2", "urn:cognito:loa:2" },
	[3] = { "Level3", "urn:cognito:loa:3" },
	[4] = { "Level4", "urn:cognito:loa:4" },
};

int
acr_level(struct words methods)
{
	size_t i;

	for (i = 0; i < sizeof(combinations) / sizeof(combinations[0]); i++)
		if (words_have(methods, combinations[i].factor) && (combinations[i].with == NULL ||
		    words_have(methods, combinations[i].with)))
			return combinations[i].level;
	return 0;
}

const char *
acr_name(const struct json *pool, int level)
{
	const struct json *names = json_get(pool, "AcrConfiguration");

	return json_text(json_get(names, levels[level].member), "AcrValue") ?: levels[level].name;
}

const char *
acr_member(int level)
{
	return levels[level].member;
}

int
acr_wanted(const struct pool *pool, struct words asked, struct words methods)
{
	int reach = acr_level(methods), level;
	size_t i;

	if (text_equal(json_text(pool->doc, "UserPoolTier"), "LITE"))
		return 0;
	for (i = 0; i < asked.n; i++)
		for (level = 1; level <= reach; level++)
			if (text_equal(asked.at[i], acr_name(pool->doc, level)))
				return level;
	return 0;
}

void
acr_note(struct rq *rq, const struct session *session, struct grant *grant)
{
	struct words methods = words_split(rq->mem, session->methods, ' ');
	int level = acr_level(methods);

	grant->auth_time = session->auth_time;
	grant->acr = level > 0 ? acr_name(rq->pool->doc, level) : NULL;
	grant->amr = methods.n > 0 ? session->methods : NULL;
	if (methods.n > 1)
		grant->amr = arena_join(rq->mem, session->methods, " ", "mfa");
}
