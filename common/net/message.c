/* message - a mail as it travels (RFC 5322, RFC 2045 to 2047)
 *
 * Written here rather than by libcurl: a maildir gets the same bytes as a mail server. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/random.h"
#include "base/syntax.h"
#include "base/text.h"
#include "net/message.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

enum {
	LONGEST_ADDRESS = 254,	/* RFC 5321 4.5.3.1.3, without its brackets */
	LONGEST_HEADER = 900,	/* of the 998 that RFC 5322 2.1.1 allows a line */
	LONGEST_LINE = 900,
	LONGEST = 4 << 20,
	LONGEST_ID = 100,
	WORD = 45,		/* bytes whose base64 fits an encoded word of 75 characters */
	QP_LINE = 75,		/* RFC 2045 6.7 (5): 76 with the "=" of a soft break */
};

/* One address and nothing besides: a comma, bracket or blank would address others too. */
static bool
is_address(const char *s)
{
	const char *at = strrchr(s, '@');

	return at != NULL && at > s && at[1] != '\0' && strlen(s) <= LONGEST_ADDRESS &&
	    s[strcspn(s, " \t\"(),:;<>[\\]")] == '\0' && syn_line(s);
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

/* RFC 2047: as encoded words of base64, each of whole characters, on lines of their own. */
static void
add_words(struct buf *b, const char *s)
{
	bool first = true;

	while (*s != '\0') {
		size_t n = strlen(s) < WORD ? strlen(s) : WORD;

		while (n > 1 && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
		buf_printf(b, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", base64(b->mem, s, n));
		s += n;
		first = false;
	}
}

static void
add_subject(struct buf *b, const char *s)
{
	buf_text(b, "Subject: ");
	if (is_ascii(s) && strstr(s, "=?") == NULL)
		buf_text(b, s);
	else
		add_words(b, s);
	buf_text(b, "\r\n");
}

/* The name of a sender: plain where it needs no quoting, else in encoded words. */
static void
add_name(struct buf *b, const char *s)
{
	if (s[strspn(s, LETTERS "0123456789 -_'")] == '\0')
		buf_text(b, s);
	else
		add_words(b, s);
}

/* "address" or "name <address>" taken apart; name is "" without one. */
static bool
split_sender(struct arena *mem, const char *s, const char **name_r, const char **address_r)
{
	const char *open = strrchr(s, '<');
	size_t n = open == NULL ? 0 : (size_t)(open - s);

	*name_r = "";
	*address_r = s;
	if (open == NULL)
		return is_address(s);
	if (!text_ends(open, ">") || !syn_line(s) || strlen(s) > LONGEST_HEADER)
		return false;
	while (n > 0 && s[n - 1] == ' ')
		n--;
	*name_r = arena_dupn(mem, s, n);
	*address_r = arena_dupn(mem, open + 1, strlen(open) - 2);
	return is_address(*address_r);
}

/* A name that a file and a Message-ID may both have. */
static bool
is_id(const char *s)
{
	return *s != '\0' && *s != '.' && strlen(s) <= LONGEST_ID &&
	    s[strspn(s, LETTERS "0123456789-_.")] == '\0';
}

/* True if the text can travel as it is: ASCII in lines of moderate length. */
static bool
is_7bit(const char *s)
{
	size_t column = 0;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			column = 0;
		else if (++column > LONGEST_LINE || c >= 0x7f || (c < 0x20 && c != '\t' &&
		    !(c == '\r' && s[1] == '\n')))
			return false;
	}
	return true;
}

static void
add_lines(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			buf_text(b, "\r\n");
		else if (*s != '\r')
			buf_char(b, *s);
	}
}

/* True if the byte must be written as =XX: what is not printable, and a blank that ends a line
 * (RFC 2045 6.7). */
static bool
needs_code(const char *s)
{
	unsigned char c = (unsigned char)*s;

	if (c == ' ' || c == '\t')
		return s[1] == '\0' || s[1] == '\n' || (s[1] == '\r' && s[2] == '\n');
	return c < 0x21 || c > 0x7e || c == '=';
}

static void
add_quoted_printable(struct buf *b, const char *s)
{
	size_t column = 0;

	for (; *s != '\0'; s++) {
		bool code = needs_code(s);

		if (*s == '\r' && s[1] == '\n')
			s++;
		if (*s == '\n') {
			buf_text(b, "\r\n");
			column = 0;
			continue;
		}
		if (column + (code ? 3 : 1) > QP_LINE) {
			buf_text(b, "=\r\n");
			column = 0;
		}
		buf_printf(b, code ? "=%02X" : "%c", (unsigned char)*s);
		column += code ? 3 : 1;
	}
}

static void
add_part(struct buf *b, const char *type, const char *text)
{
	bool plain = is_7bit(text);

	buf_printf(b, "Content-Type: %s; charset=UTF-8\r\nContent-Transfer-Encoding: %s\r\n\r\n",
	    type, plain ? "7bit" : "quoted-printable");
	if (plain)
		add_lines(b, text);
	else
		add_quoted_printable(b, text);
	buf_text(b, "\r\n");
}

static void
add_headers(struct buf *b, const struct rq *rq, const struct mail *mail, const char *name,
    const struct message *m)
{
	const char *date = clock_http(rq->mem, rq->now);

	/* clock_http ends in "GMT", which RFC 5322 4.3 keeps for readers of old mail. */
	buf_printf(b, "Date: %.*s+0000\r\nFrom: ", (int)strlen(date) - 3, date);
	add_name(b, name);
	buf_printf(b, *name == '\0' ? "%s\r\nTo: %s\r\n" : " <%s>\r\nTo: %s\r\n", m->from, m->to);
	add_subject(b, mail->subject);
	buf_printf(b, "Message-ID: <%s%s>\r\n", mail->id, strrchr(m->from, '@'));
	/* RFC 3834 5: no holiday answers, please. */
	buf_text(b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
}

static void
add_body(struct buf *b, const struct mail *mail)
{
	const char *boundary;

	if (mail->html == NULL) {
		add_part(b, "text/plain", mail->text);
		return;
	}
	boundary = random_token(b->mem);
	buf_printf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n",
	    boundary, boundary);
	add_part(b, "text/plain", mail->text);
	buf_printf(b, "--%s\r\n", boundary);
	add_part(b, "text/html", mail->html);
	buf_printf(b, "--%s--\r\n", boundary);
}

bool
message_make(struct rq *rq, const struct mail *mail, const struct message **message_r,
    const char **why_r)
{
	struct message *m = arena_alloc(rq->mem, sizeof(*m));
	struct buf *b = buf_new(rq->mem, LONGEST);
	const char *name;

	*message_r = NULL;
	*why_r = NULL;
	m->to = mail->to;
	if (!is_id(mail->id))
		*why_r = "its id is no name";
	else if (!split_sender(rq->mem, mail->from, &name, &m->from))
		*why_r = "its sender is not an address";
	else if (!is_address(mail->to))
		*why_r = "its recipient is not one address";
	else if (!syn_line(mail->subject) || strlen(mail->subject) > LONGEST_HEADER)
		*why_r = "its subject is not one line";	/* it could add headers */
	if (*why_r != NULL)
		return false;
	add_headers(b, rq, mail, name, m);
	add_body(b, mail);
	if (buf_over(b)) {
		*why_r = "it is too large";
		return false;
	}
	m->text = b->s;
	m->n = b->len;
	*message_r = m;
	return true;
}
