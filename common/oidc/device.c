/* device - signing in on a device that has no browser, by a code typed elsewhere */
#include <string.h>

#include "base/address.h"
#include "base/codec.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "oidc/acr.h"
#include "oidc/device.h"
#include "oidc/refusals.h"
#include "store/pool.h"
#include "store/throttle.h"
#include "web/uri.h"

enum {
	LIFE = 600,		/* seconds */
	INTERVAL = 5,		/* seconds between polls; as much more for each that is early */
	LETTERS = 8,
	WRONG_ONES = 10,	/* in how long: */
	FORGET = 600		/* seconds without another wrong one */
};

/* RFC 8628 6.1: no vowels, so that no word comes of it. 20^8 codes, and few tries (5.1). */
static const char alphabet[] = "BCDFGHJKLMNPQRSTVWXZ";

static const struct refusal wrong_code = { "invalid_grant", 400,
	"The code is wrong, or its time is over.", "device_wrong_code" };
static const struct refusal too_many = { "invalid_grant", 429,
	"There were too many wrong codes. Please wait ten minutes.", "device_too_many" };

int
device_offer(struct rq *rq, const struct client *client, const char *scope,
    const struct device_offer **offer_r)
{
	const char *text = random_text(rq->mem, LETTERS, alphabet);
	struct device_offer *offer = arena_alloc(rq->mem, sizeof(*offer));
	struct device_code code = {
		.grant = {
			.client = client->id, .scope = scope,
			.created = rq->now, .expires = rq->now + LIFE * 1000,
		},
		.user_code = digest_text(rq->mem, text), .interval = INTERVAL,
	};

	offer->device_code = random_token(rq->mem);
	offer->user_code = device_spell(rq, text);
	offer->expires_in = LIFE;
	offer->interval = INTERVAL;
	*offer_r = offer;
	return device_code_put(rq, client->pool, digest_text(rq->mem, offer->device_code), &code);
}

/* The letters alone; NULL: it is no code. */
static const char *
device_letters(struct arena *mem, const char *typed)
{
	char *letters = arena_array(mem, LETTERS + 1, 1);
	size_t n = 0;

	for (; *typed != '\0'; typed++) {
		char c = *typed >= 'a' && *typed <= 'z' ? (char)(*typed - 'a' + 'A') : *typed;

		if (c == '-' || c == ' ')
			continue;
		if (n == LETTERS || strchr(alphabet, c) == NULL)
			return NULL;
		letters[n++] = c;
	}
	return n == LETTERS ? letters : NULL;
}

const char *
device_spell(struct rq *rq, const char *typed)
{
	const char *letters = device_letters(rq->mem, typed);

	return letters == NULL ? typed :
	    arena_printf(rq->mem, "%.4s-%s", letters, letters + LETTERS / 2);
}

const char *
device_query(struct rq *rq, const struct device_code *code, const char *typed)
{
	struct buf *query = buf_new(rq->mem, 1024);

	uri_add(query, "client_id", code->grant.client);
	uri_add(query, "user_code", device_spell(rq, typed));
	return query->s;
}

/* Under whom wrong codes are counted: who is signed in, or else where they come from. */
static const char *
device_guesser(struct rq *rq, const struct user *user)
{
	if (user != NULL)
		return arena_printf(rq->mem, "user-code:%s", user->sub);
	return arena_printf(rq->mem, "user-code:%s", rq->source == NULL ? "" :
	    base64url(rq->mem, rq->source->at, sizeof(rq->source->at)));
}

/* Who guesses codes could lend a stranger's device his own account. */
static int
device_missed(struct rq *rq, const char *subject, int64_t failures)
{
	int r;

	if ((r = throttle_put(rq, rq->pool->id, subject, failures + 1,
	    rq->now + FORGET * 1000)) != 0)
		return r;
	return refuse(rq, &wrong_code, "no such user code");
}

int
device_find(struct rq *rq, const char *typed, const struct user *user,
    const struct device_code **code_r)
{
	const char *letters = device_letters(rq->mem, typed);
	const char *subject = device_guesser(rq, user);
	struct throttle throttle;
	int r;

	*code_r = NULL;
	if (letters == NULL)
		return refuse(rq, &wrong_code, "not the form of a user code");
	if ((r = throttle_get(rq, rq->pool->id, subject, &throttle)) != 0)
		return r;
	if (throttle.failures >= WRONG_ONES)
		return refuse(rq, &too_many, "%lld wrong user codes", (long long)throttle.failures);
	r = device_code_find(rq, rq->pool->id, digest_text(rq->mem, letters), code_r);
	return r != 0 || *code_r != NULL ? r : device_missed(rq, subject, throttle.failures);
}

int
device_approve(struct rq *rq, const struct device_code *code, const struct user *user,
    const struct session *session)
{
	struct device_code answered = *code;

	answered.grant.username = user->username;
	answered.grant.sub = user->sub;
	acr_note(rq, session, &answered.grant);
	answered.grant.created = rq->now;	/* a sign-out everywhere from now on undoes it */
	user_code_drop(rq, rq->pool->id, code);
	return device_code_change(rq, &answered);
}

int
device_deny(struct rq *rq, const struct device_code *code)
{
	struct device_code answered = *code;

	answered.denied = true;
	user_code_drop(rq, rq->pool->id, code);
	return device_code_change(rq, &answered);
}

/* Nobody has answered yet. */
static int
device_wait(struct rq *rq, const struct device_code *code)
{
	struct device_code polled = *code;
	bool early = rq->now < code->polled + code->interval * 1000;
	int r;

	polled.polled = rq->now;
	if (early)
		polled.interval += INTERVAL;
	if ((r = device_code_change(rq, &polled)) != 0)
		return r;
	return early ? refuse(rq, &slow_down, "polled before its %lld seconds were over",
	    (long long)code->interval) :
	    refuse(rq, &authorization_pending, "nobody has answered yet");
}

int
device_redeem(struct rq *rq, const struct client *client, const char *device_code,
    const struct grant **grant_r)
{
	const struct device_code *code;
	int r;

	*grant_r = NULL;
	r = device_code_get(rq, client->pool, digest_text(rq->mem, device_code), &code);
	if (r != 0)
		return r;
	if (code == NULL || strcmp(code->grant.client, client->id) != 0)
		return refuse(rq, &invalid_grant, "no such device code of this client");
	if (code->denied)
		return refuse(rq, &access_denied, "the person said no");
	if (code->grant.expires <= rq->now)
		return refuse(rq, &expired_token, "the device code is too old");
	if (code->grant.sub == NULL)
		return device_wait(rq, code);
	device_code_take(rq, code);
	*grant_r = &code->grant;
	return 0;
}
