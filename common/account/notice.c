/* notice - messages to people (triggers.md 11, pages.md 6)
 *
 * A letter is sealed into the outbox in the same step as what caused it: it is sent exactly if that
 * happened. Sealed, because it holds a one-time code or a temporary password. */
#include <string.h>

#include "account/notice.h"
#include "account/refusals.h"
#include "base/conf.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "oidc/discovery.h"
#include "store/outbox.h"
#include "web/html.h"
#include "web/lang.h"
#include "web/template.h"
#include "web/uri.h"

enum {
	LONGEST = 128 * 1024,	/* of a composed message, bytes; its text has 20,000 characters */
	LONGEST_SMS = 140	/* characters, the code included */
};

/* Where a pool keeps its own words, and ours where it has none. The older members of a pool mirror
 * the template (triggers.md 11.1). */
struct wording {
	const char *holder, *message, *subject;		/* members of the Pool document */
	const char *old_message, *old_subject;
	const char *template, *title;			/* ours: a file, a sentence */
	/* The same as a text message, which has no subject; ours are two sentences at most. */
	const char *sms_holder, *sms_message, *sms_old, *sms[2];
};

static const struct wording by_code = {
	"VerificationMessageTemplate", "EmailMessage", "EmailSubject",
	"EmailVerificationMessage", "EmailVerificationSubject",
	"mail-code.txt", "mail_code_subject",
	"VerificationMessageTemplate", "SmsMessage", "SmsVerificationMessage", { "mail_code" },
};
static const struct wording reset = {
	"VerificationMessageTemplate", "EmailMessage", "EmailSubject",
	"EmailVerificationMessage", "EmailVerificationSubject",
	"mail-reset.txt", "mail_reset_subject",
	"VerificationMessageTemplate", "SmsMessage", "SmsVerificationMessage", { "mail_reset" },
};
static const struct wording second_factor = {
	"EmailMfaConfiguration", "Message", "Subject",
	NULL, NULL,
	"mail-mfa.txt", "mail_mfa_subject",
	"SmsMfaConfiguration", "SmsAuthenticationMessage", "SmsAuthenticationMessage",
	{ "mail_mfa" },
};
static const struct wording by_link = {
	"VerificationMessageTemplate", "EmailMessageByLink", "EmailSubjectByLink",
	NULL, NULL,
	"mail-link.txt", "mail_link_subject",
	NULL, NULL, NULL, { NULL },
};
static const struct wording invitation = {
	"InviteMessageTemplate", "EmailMessage", "EmailSubject",
	NULL, NULL,
	"mail-invitation.txt", "mail_invitation_subject",
	"InviteMessageTemplate", "SMSMessage", NULL,
	{ "mail_invitation_username", "mail_invitation_password" },
};

static const struct wording *const wordings[] = {
	[NOTICE_CODE] = &by_code, [NOTICE_RESET] = &reset, [NOTICE_MFA] = &second_factor,
	[NOTICE_INVITATION] = &invitation,
};

/* What is filled in. */
struct filling {
	const char *pool, *username, *code;
	const char *name;		/* that the user signs in with */
	const char *link, *anchor;	/* the address, and the HTML that opens it; NULL: none */
};

struct message { const char *subject, *text, *html; };

static bool
is_phone(const char *attribute)
{
	return strcmp(attribute, "phone_number") == 0;
}

bool
notice_reaches(const char *attribute)
{
	return !is_phone(attribute) || *conf->sms != '\0';
}

const char *
notice_medium(const char *attribute)
{
	return is_phone(attribute) ? "SMS" : "EMAIL";
}

const char *
notice_mask(struct arena *mem, const char *attribute, const char *value)
{
	const char *at = strrchr(value, '@');
	size_t n = strlen(value), first, domain;

	if (is_phone(attribute))
		return arena_printf(mem, "+*******%s", n > 4 ? value + n - 4 : "");
	if (at == NULL)
		return "***";
	/* Whole characters: the bytes that continue one are 10xxxxxx (RFC 3629 3). */
	for (first = 1; ((unsigned char)value[first] & 0xc0) == 0x80; first++)
		continue;
	domain = at[1] != '\0';
	return arena_printf(mem, "%.*s***@%.*s***", at == value ? 0 : (int)first, value,
	    (int)domain, at + 1);
}

/*
 * A pool's own words: HTML, with {####}, {username} and {##text of the link##}.
 */

/* Puts one placeholder at s; how long it is there, 0 if there is none. Values are data: escaped
 * (triggers.md 11.1). */
static size_t
fill_one(struct buf *out, const char *s, const struct filling *with)
{
	const char *end;

	if (text_starts(s, "{####}")) {
		html_text(out, with->code);
		return strlen("{####}");
	}
	if (text_starts(s, "{username}")) {
		html_text(out, with->name);
		return strlen("{username}");
	}
	if (with->link == NULL || !text_starts(s, "{##") || (end = strstr(s + 3, "##}")) == NULL)
		return 0;
	buf_text(out, with->anchor);
	buf_add(out, s + 3, (size_t)(end - s) - 3);
	buf_text(out, "</a>");
	return (size_t)(end - s) + strlen("##}");
}

static int
fill_html(struct rq *rq, const char *message, const struct filling *with, const char **html_r)
{
	struct buf *out = buf_new(rq->mem, LONGEST);
	size_t n;

	while (*message != '\0') {
		if ((n = *message == '{' ? fill_one(out, message, with) : 0) == 0)
			buf_add(out, message, n = 1);
		message += n;
	}
	*html_r = out->s;
	return buf_over(out) ? fault(rq, "a message is too long") : 0;
}

/* The address of a link is what a reader of plain text needs: it takes the place of its words. */
static size_t
plain_tag(struct buf *out, const char *tag, const struct filling *with)
{
	static const char *const breaks[] = { "<br", "<p>", "<p ", "</p", "<div", "</div", "<tr",
		"<li", "<h", "</h" };
	size_t n = strcspn(tag, ">"), i;
	const char *end;

	if (tag[n] == '\0')
		return 0;
	if (with->link != NULL && text_starts(tag, with->anchor) &&
	    (end = strstr(tag, "</a>")) != NULL) {
		buf_text(out, with->link);
		return (size_t)(end - tag) + strlen("</a>");
	}
	for (i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		if (strncasecmp(tag, breaks[i], strlen(breaks[i])) == 0) {
			buf_char(out, '\n');
			break;
		}
	}
	return n + 1;
}

static size_t
plain_entity(struct buf *out, const char *s)
{
	static const struct { const char *name, *text; } entities[] = {
		{ "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" },
		{ "&nbsp;", " " }, { "&amp;", "&" },
	};
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (text_starts(s, entities[i].name)) {
			buf_text(out, entities[i].text);
			return strlen(entities[i].name);
		}
	}
	return 0;
}

/* The same for a reader without HTML. */
static const char *
fill_plain(struct arena *mem, const char *html, const struct filling *with)
{
	struct buf *out = buf_new(mem, LONGEST);	/* never longer than its HTML */
	size_t n;

	while (*html != '\0') {
		n = *html == '<' ? plain_tag(out, html, with) :
		    *html == '&' ? plain_entity(out, html) : 0;
		if (n == 0)
			buf_add(out, html, n = 1);
		html += n;
	}
	return out->s;
}

/*
 * Composing.
 */

static const char *
own_words(const struct pool *pool, const struct wording *wording, const char *holder,
    const char *member, const char *old_member)
{
	const struct json *doc = wording == &invitation ?
	    json_get(pool->doc, "AdminCreateUserConfig") : pool->doc;
	const char *words = json_text(json_get(doc, holder), member);

	return words != NULL || old_member == NULL ? words : json_text(pool->doc, old_member);
}

/* The language: of the page the person was on, else of his own locale. */
static const struct lang *
notice_lang(struct rq *rq, const struct user *user)
{
	return rq->lang != NULL ? rq->lang :
	    lang_choose(rq, user_attribute(user, "locale"), NULL, NULL);
}

static int
our_words(struct rq *rq, const struct lang *lang, const struct wording *wording,
    const struct filling *with, const char **text_r)
{
	struct buf *out = buf_new(rq->mem, LONGEST);
	struct json *model = json_object(rq->mem);
	int r;

	json_set_text(model, "pool", with->pool);
	json_set_text(model, "username", with->name);
	json_set_text(model, "code", with->code);
	json_set_text(model, "link", with->link);
	r = template_render(rq, wording->template, model, lang->sentences, out);
	*text_r = out->s;
	return r;
}

static int
compose(struct rq *rq, const struct pool *pool, const struct lang *lang,
    const struct wording *wording, const struct filling *with, struct message *message)
{
	const char *own = own_words(pool, wording, wording->holder, wording->message,
	    wording->old_message);
	const char *subject = own_words(pool, wording, wording->holder, wording->subject,
	    wording->old_subject);
	int r;

	message->subject = subject != NULL ? subject : lang_sentence(lang, wording->title);
	if (own == NULL)
		return our_words(rq, lang, wording, with, &message->text);
	if ((r = fill_html(rq, own, with, &message->html)) != 0)
		return r;
	message->text = fill_plain(rq->mem, message->html, with);
	return 0;
}

/*
 * Text messages: plain, so values stay as they are.
 */

static const char *
fill_sms(struct arena *mem, const char *message, const struct filling *with)
{
	struct buf *out = buf_new(mem, LONGEST);

	while (*message != '\0') {
		if (text_starts(message, "{####}")) {
			buf_text(out, with->code);
			message += strlen("{####}");
		} else if (text_starts(message, "{username}")) {
			buf_text(out, with->name);
			message += strlen("{username}");
		} else {
			buf_add(out, message++, 1);
		}
	}
	return out->s;
}

/* A sentence of ours with one value. */
static const char *
sms_sentence(struct rq *rq, const struct lang *lang, const char *name, const char *value)
{
	const char *sentence = lang_sentence(lang, name), *gap = strstr(sentence, "%s");

	return gap == NULL ? sentence : arena_printf(rq->mem, "%.*s%s%s", (int)(gap - sentence),
	    sentence, value, gap + strlen("%s"));
}

static int
compose_sms(struct rq *rq, const struct pool *pool, const struct lang *lang,
    const struct wording *wording, const struct filling *with, struct message *message)
{
	const char *own = own_words(pool, wording, wording->sms_holder, wording->sms_message,
	    wording->sms_old);

	if (own != NULL)
		message->text = fill_sms(rq->mem, own, with);
	else if (wording->sms[1] == NULL)
		message->text = sms_sentence(rq, lang, wording->sms[0], with->code);
	else
		message->text = arena_join(rq->mem,
		    sms_sentence(rq, lang, wording->sms[0], with->name), " ",
		    sms_sentence(rq, lang, wording->sms[1], with->code));
	return text_length(message->text) <= LONGEST_SMS ? 0 : refuse_with(rq, &invalid_parameter,
	    "A text message has at most 140 characters.", "the text message is too long");
}

static int
post(struct rq *rq, const char *to, const struct message *message, bool sends)
{
	struct json *letter = json_object(rq->mem);
	const char *text, *sealed;
	int r;

	json_set_text(letter, "To", to);
	json_set_text(letter, "Subject", message->subject);
	json_set_text(letter, "Text", message->text);
	json_set_text(letter, "Html", message->html);
	text = json_print(rq->mem, letter);
	if ((r = aead_seal(rq, "outbox", text, strlen(text), &sealed)) != 0)
		return r;
	return !sends ? 0 : outbox_put(rq, random_uuid(rq->mem), sealed);
}

/* pages.md 2; a pool without a domain has nowhere to lead to. */
static int
confirm_link(struct rq *rq, const struct client *client, struct filling *with)
{
	struct buf *query = buf_new(rq->mem, 4096), *anchor = buf_new(rq->mem, 16 * 1024);
	const char *base;
	int r;

	if ((r = discovery_base(rq, rq->pool, &base)) != 0 || base == NULL)
		return r;
	uri_add(query, "client_id", client->id);
	uri_add(query, "user_name", with->username);
	uri_add(query, "confirmation_code", with->code);
	with->link = arena_printf(rq->mem, "%s/confirmUser?%s", base, query->s);
	buf_text(anchor, "<a href=\"");
	html_url(anchor, with->link);
	buf_text(anchor, "\">");
	with->anchor = anchor->s;
	return 0;
}

/* Who is known by a UUID signs in with his address, and never sees the UUID. */
static const char *
sign_in_name(const struct pool *pool, const struct user *user)
{
	const char *value;
	size_t i;

	for (i = 0; i < pool->username_attributes.n; i++)
		if ((value = user_attribute(user, pool->username_attributes.at[i])) != NULL)
			return value;
	return user->username;
}

int
notice_send(struct rq *rq, enum notice what, const struct client *client,
    const struct user *user, const char *attribute, bool sends, const char *code)
{
	const struct wording *wording = wordings[what];
	struct filling with = { .pool = rq->pool->name, .username = user->username, .code = code,
		.name = sign_in_name(rq->pool, user) };
	struct message message = { NULL, NULL, NULL };
	int r;

	if (what == NOTICE_CODE && rq->pool->by_link && !is_phone(attribute)) {
		if ((r = confirm_link(rq, client, &with)) != 0)
			return r;
		if (with.link != NULL)
			wording = &by_link;
	}
	r = (is_phone(attribute) ? compose_sms : compose)(rq, rq->pool, notice_lang(rq, user),
	    wording, &with, &message);
	return r != 0 ? r : post(rq, user_attribute(user, attribute), &message, sends);
}
