/* otp - one-time codes, sent to an address that only its owner reads */
#include <string.h>

#include "account/notice.h"
#include "account/otp.h"
#include "account/refusals.h"
#include "account/subject.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "store/throttle.h"

enum { HOUR = 3600 * 1000, MAILS = 20 };	/* MAILS: to one address within the hour */

/* pages.md 6. tries: within the hour, and for one code in all its life. */
static const struct {
	const char *purpose;
	enum notice notice;
	int64_t life;			/* ms */
	int64_t sends, tries;		/* per user and hour */
} kinds[] = {
	[OTP_SIGN_UP]  = { "sign-up",  NOTICE_CODE,  24 * HOUR, 5, 15 },
	[OTP_RECOVERY] = { "recovery", NOTICE_RESET, HOUR,      5, 15 },
	[OTP_MFA]      = { "mfa",      NOTICE_MFA,   3 * 60000, 20, 15 },
};

/* Nobodies share this many places, so that names made up by the million leave little behind. */
enum { NOBODY_LETTERS = 3 };		/* of base64: 262,144 */

static const char nobody[] = "nobody-";

static const char *
made_up_number(struct rq *rq, const char *mark)
{
	char *number = arena_dup(rq->mem, "+00000000000");
	size_t i;

	for (i = 1; number[i] != '\0' && mark[i - 1] != '\0'; i++)
		number[i] = (char)('0' + (unsigned char)mark[i - 1] % 10);
	return number;
}

/* Whoever could work out the addresses from the name would know nobody by them. */
int
otp_nobody(struct rq *rq, const char *name, const struct user **user_r)
{
	struct json *doc = user_doc_new(rq, rq->pool, name, "CONFIRMED");
	const char *mark;
	int r;

	*user_r = NULL;
	if ((r = aead_mark(rq, "nobody", arena_printf(rq->mem, "%s %s", rq->pool->id,
	    rq->pool->case_sensitive ? name : text_lower(rq->mem, name)), &mark)) != 0)
		return r;
	user_doc_set(rq, doc, "phone_number", *name == '+' ? name : made_up_number(rq, mark));
	json_set_text(doc, "Sub", arena_printf(rq->mem, "%s%.*s", nobody, NOBODY_LETTERS, mark));
	user_doc_set(rq, doc, "email", strchr(name, '@') != NULL ? name :
	    arena_printf(rq->mem, "%s@%s", text_lower(rq->mem, mark),
	    text_lower(rq->mem, mark + strlen(mark) / 2)));
	*user_r = user_view(rq, rq->pool, doc);
	return 0;
}

static bool
is_nobody(const struct user *user)
{
	return text_starts(user->sub, nobody);
}

/*
 * Limits. A name that nobody has is limited like any other, or the limit would tell.
 */

struct limit { const char *subject; int64_t count; };

static int
limit_read(struct rq *rq, const char *what, const char *name, bool anybody, int64_t most,
    struct limit *limit)
{
	struct throttle throttle;
	int r;

	if ((r = subject_of(rq, what, name, anybody, &limit->subject)) != 0 ||
	    (r = throttle_get(rq, rq->pool->id, limit->subject, &throttle)) != 0)
		return r;
	limit->count = throttle.failures;
	if (throttle.failures >= most)
		return refuse(rq, &too_often, "%s: %lld within the hour", what,
		    (long long)throttle.failures);
	return 0;
}

static int
limit_count(struct rq *rq, const struct limit *limit)
{
	return throttle_put(rq, rq->pool->id, limit->subject, limit->count + 1, rq->now + HOUR);
}

/* Each purpose by itself: strangers, who sign up with somebody's address, could else keep him from
 * signing in, and see by the limit whether somebody has it. */
static int
allow_address(struct rq *rq, enum otp what, const char *address, bool anybody)
{
	const char *name = arena_printf(rq->mem, "%s-mail", kinds[what].purpose);
	struct limit mails;
	int r;

	if ((r = limit_read(rq, name, address, anybody, MAILS, &mails)) != 0)
		return r;
	return limit_count(rq, &mails);
}

int
otp_allow_address(struct rq *rq, const char *address)
{
	return allow_address(rq, OTP_SIGN_UP, address, false);
}

int
otp_allow(struct rq *rq, enum otp what, const struct user *user, const char *attribute)
{
	struct limit sends;
	int r;

	if ((r = limit_read(rq, arena_printf(rq->mem, "%s-send", kinds[what].purpose),
	    user->username, is_nobody(user), kinds[what].sends, &sends)) != 0 ||
	    (r = allow_address(rq, what, user_attribute(user, attribute), is_nobody(user))) != 0)
		return r;
	return limit_count(rq, &sends);
}

/*
 * Codes.
 */

int
otp_send(struct rq *rq, enum otp what, const struct client *client, const struct user *user,
    const char *attribute, const struct delivery **delivery_r)
{
	struct delivery *delivery = arena_alloc(rq->mem, sizeof(*delivery));
	struct ticket ticket = { .purpose = kinds[what].purpose, .attribute = attribute,
		.destination = user_attribute(user, attribute),
		.expires = rq->now + kinds[what].life };
	/* Nobody's code is no number, so that no guess ever meets it. */
	const char *code = is_nobody(user) ? random_token(rq->mem) :
	    arena_printf(rq->mem, "%06u", random_below(1000000));
	int r;

	*delivery_r = NULL;
	if ((r = aead_seal(rq, "ticket", code, strlen(code), &ticket.sealed)) != 0 ||
	    (r = ticket_put(rq, rq->pool->id, user->sub, &ticket)) != 0 ||
	    (r = notice_send(rq, kinds[what].notice, client, user, attribute,
	    !is_nobody(user), code)) != 0)
		return r;
	delivery->attribute = attribute;
	delivery->medium = notice_medium(attribute);
	delivery->destination = notice_mask(rq->mem, attribute, ticket.destination);
	*delivery_r = delivery;
	return 0;
}

/* The outstanding code of this very user, who still has the address it went to: nobodies may share
 * a sub. */
static int
outstanding(struct rq *rq, enum otp what, const struct user *user, const struct ticket **ticket_r)
{
	const struct ticket *ticket;
	int r;

	*ticket_r = NULL;
	if ((r = ticket_get(rq, rq->pool->id, user->sub, kinds[what].purpose, &ticket)) != 0)
		return r;
	if (ticket == NULL)
		return refuse(rq, &code_expired, "no code is outstanding");
	if (!text_equal(user_attribute(user, ticket->attribute), ticket->destination))
		return refuse(rq, &code_expired, "the code went to an address of the past");
	if (ticket->tries >= kinds[what].tries)
		return refuse(rq, &code_expired, "the code was guessed at too often");
	*ticket_r = ticket;
	return 0;
}

int
otp_check(struct rq *rq, enum otp what, const struct user *user, const char *code,
    const struct ticket **ticket_r)
{
	struct limit tries;
	unsigned char *right;
	size_t n;
	int r;

	*ticket_r = NULL;
	if ((r = limit_read(rq, kinds[what].purpose, user->username, is_nobody(user),
	    kinds[what].tries, &tries)) != 0)
		return r;
	if ((r = outstanding(rq, what, user, ticket_r)) == REFUSED && limit_count(rq, &tries) != 0)
		return FAULT;
	if (r != 0)
		return r;
	if ((r = aead_open(rq, "ticket", (*ticket_r)->sealed, &right, &n)) != 0)
		return r == REFUSED ? fault(rq, "a ticket that we did not seal") : r;
	if (secret_equal((const char *)right, code))
		return 0;
	if ((r = ticket_missed(rq, *ticket_r)) != 0 || (r = limit_count(rq, &tries)) != 0)
		return r;
	*ticket_r = NULL;
	return refuse(rq, &code_mismatch, "wrong code");
}
