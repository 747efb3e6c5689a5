/* head - response headers: one table per kind of answer */
#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "web/head.h"

struct line {
	const char *name, *value;
};

/* oauth.md 1: on every answer, whatever its kind. */
static const struct line always[] = {
	{ "Cache-Control", "no-cache, no-store, max-age=0, must-revalidate" },
	{ "Pragma", "no-cache" },
	{ "Expires", "0" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-XSS-Protection", "1; mode=block" },
	{ "X-Frame-Options", "DENY" },
	{ NULL, NULL },
};

static const struct line of_page[] = {
	{ "Content-Type", "text/html;charset=UTF-8" },
	{ "Referrer-Policy", "no-referrer" },
	{ NULL, NULL },
};

static const struct line of_redirect[] = {
	{ "Referrer-Policy", "no-referrer" },
	{ NULL, NULL },
};

static const struct line of_json[] = {
	{ "Content-Type", "application/json;charset=UTF-8" },
	{ NULL, NULL },
};

static const struct line of_nothing[] = {
	{ NULL, NULL },
};

static const struct line *const kinds[] = {
	[HEAD_PAGE] = of_page,
	[HEAD_REDIRECT] = of_redirect,
	[HEAD_JSON] = of_json,
	[HEAD_EMPTY] = of_nothing,
};

static const struct line reasons[] = {
	{ "200", "OK" },
	{ "201", "Created" },
	{ "204", "No Content" },
	{ "302", "Found" },
	{ "400", "Bad Request" },
	{ "401", "Unauthorized" },
	{ "403", "Forbidden" },
	{ "404", "Not Found" },
	{ "405", "Method Not Allowed" },
	{ "429", "Too Many Requests" },
	{ "500", "Internal Server Error" },
	{ NULL, "Status" },
};

static const char *
reason_of(const char *status)
{
	const struct line *r = reasons;

	while (r->name != NULL && strcmp(r->name, status) != 0)
		r++;
	return r->value;
}

static void
head_lines(struct buf *out, const struct line *line)
{
	for (; line->name != NULL; line++)
		head_add(out, line->name, line->value);
}

/* Content Security Policy 3, 2.3.1: sources cannot name an IPv6 address, so the scheme stands for
 * it; a semicolon or comma would begin another directive or policy. */
static void
add_form_source(struct buf *policy, const char *source)
{
	if (strpbrk(source, ";,'") != NULL)
		log_die("not an origin for a form: %s", source);
	buf_char(policy, ' ');
	if (strchr(source, '[') != NULL)
		buf_add(policy, source, strcspn(source, ":") + 1);
	else
		buf_text(policy, source);
}

/* Browsers hold the redirects that answer a form against form-action too: without the origin of
 * the callback nobody would leave the sign-in page. */
static void
head_policy(struct buf *out, const char *form)
{
	struct buf *policy = buf_new(out->mem, 8192);
	struct words sources = words_split(out->mem, form, ' ');
	size_t i;

	buf_text(policy, "default-src 'none'; style-src 'self'; img-src 'self' data:; "
	    "script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
	    "form-action 'self'");
	for (i = 0; i < sources.n; i++)
		add_form_source(policy, sources.at[i]);
	head_add(out, "Content-Security-Policy", policy->s);
}

void
head_write(struct buf *out, enum head_kind kind, int status, const char *request_id, bool secure,
    const char *form)
{
	const char *number = arena_printf(out->mem, "%03d", status);

	head_add(out, "Status", arena_printf(out->mem, "%s %s", number, reason_of(number)));
	head_add(out, "x-amz-cognito-request-id", request_id);
	head_lines(out, always);
	if (secure)
		head_add(out, "Strict-Transport-Security", "max-age=31536000 ; includeSubDomains");
	head_lines(out, kinds[kind]);
	if (kind == HEAD_PAGE)
		head_policy(out, form);
}

void
head_add(struct buf *out, const char *name, const char *value)
{
	const char *p;

	for (p = value; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p))
			log_die("header %s: a control character in its value", name);
	buf_text(out, name);
	buf_text(out, ": ");
	buf_text(out, value);
	buf_text(out, "\r\n");
}

void
head_end(struct buf *out)
{
	buf_text(out, "\r\n");
}
