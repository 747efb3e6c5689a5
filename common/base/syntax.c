/* syntax - what the forms of the protocols look like */
#include <stddef.h>
#include <string.h>

#include "base/syntax.h"
#include "base/text.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALPHA UPPER LOWER
#define DIGIT "0123456789"
#define HEX DIGIT "abcdefABCDEF"
#define BASE64URL ALPHA DIGIT "-_"

/* One or more of the characters, and nothing else. */
static bool
made_of(const char *s, const char *characters)
{
	return *s != '\0' && s[strspn(s, characters)] == '\0';
}

static bool
within(const char *s, unsigned char least, unsigned char most)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; *p != '\0'; p++)
		if (*p < least || *p > most)
			return false;
	return true;
}

/* The control characters of ASCII, and U+0080 to U+009F. */
static bool
is_control(const unsigned char *p)
{
	return *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f);
}

bool
syn_any(const char *s)
{
	(void)s;
	return true;
}

bool
syn_line(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; *p != '\0'; p++)
		if (is_control(p))
			return false;
	return true;
}

bool
syn_visible(const char *s)
{
	return *s != '\0' && within(s, 0x20, 0x7e);
}

bool
syn_token(const char *s)
{
	return made_of(s, ALPHA DIGIT "-._~+/=");
}

bool
syn_word(const char *s)
{
	return made_of(s, ALPHA DIGIT "_-");
}

bool
syn_words(const char *s)
{
	return made_of(s, ALPHA DIGIT "_- ") && *s != ' ' && !text_ends(s, " ") &&
	    strstr(s, "  ") == NULL;
}

bool
syn_number(const char *s)
{
	return made_of(s, DIGIT) && strlen(s) <= 9;
}

bool
syn_uuid(const char *s)
{
	size_t i;

	for (i = 0; i < 36; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (s[i] == '\0' || (hyphen ? s[i] != '-' : strchr(HEX, s[i]) == NULL))
			return false;
	}
	return s[36] == '\0';
}

bool
syn_client_id(const char *s)
{
	return made_of(s, ALPHA DIGIT "_+");
}

/* %x21 / %x23-5B / %x5D-7E, one blank between. */
bool
syn_scope(const char *s)
{
	return syn_visible(s) && strpbrk(s, "\"\\") == NULL && *s != ' ' && !text_ends(s, " ") &&
	    strstr(s, "  ") == NULL;
}

bool
syn_challenge(const char *s)
{
	return made_of(s, ALPHA DIGIT "-._~") && strlen(s) >= 43 && strlen(s) <= 128;
}

bool
syn_code(const char *s)
{
	return *s != '\0' && within(s, 0x21, 0x7e);
}

/* The separators of Unicode (category Z) other than the blank, by their bytes in UTF-8. */
static const char *const separators[] = {
	"\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
	"\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
	"\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
	"\xe2\x81\x9f", "\xe3\x80\x80"
};

static bool
has_separator(const char *s)
{
	size_t i;

	if (strchr(s, ' ') != NULL)
		return true;
	for (i = 0; i < sizeof(separators) / sizeof(separators[0]); i++)
		if (strstr(s, separators[i]) != NULL)
			return true;
	return false;
}

/* What is left when controls and separators are gone; the API's pattern, which knows the rest of
 * Unicode, has its say when a record is written. */
bool
syn_username(const char *s)
{
	return *s != '\0' && syn_line(s) && !has_separator(s);
}

bool
syn_password(const char *s)
{
	return *s != '\0' && syn_line(s) && *s != ' ' && !text_ends(s, " ");
}

/* Labels of letters, digits and hyphens, none of them at an end of a label (RFC 1123 2.1). */
static bool
is_domain(const char *s, size_t n)
{
	const char *end = s + n;
	size_t label;

	if (n == 0 || n > 253)
		return false;
	for (; s < end; s += label + 1) {
		label = strspn(s, ALPHA DIGIT "-");
		if (label == 0 || label > 63 || s[0] == '-' || s[label - 1] == '-')
			return false;
		if (s + label == end)
			return true;
		if (s + label > end || s[label] != '.')
			return false;
	}
	return false;	/* a dot at the end */
}

/* RFC 5321 4.1.2 with a dot-string; 4.5.3.1 gives the lengths. Other scripts may stand before the
 * at sign (RFC 6531); a domain is expected in its ASCII form. */
bool
syn_email(const char *s)
{
	const char *at = strrchr(s, '@');
	size_t local;

	if (at == NULL || !syn_username(s))
		return false;
	local = (size_t)(at - s);
	if (local == 0 || local > 64 || strcspn(s, "\"(),:;<>@[]\\") < local)
		return false;
	if (s[0] == '.' || at[-1] == '.' || strstr(s, "..") != NULL)
		return false;
	return is_domain(at + 1, strlen(at + 1));
}

bool
syn_phone(const char *s)
{
	size_t n;

	if (*s != '+')
		return false;
	n = strspn(s + 1, DIGIT);
	return n >= 5 && n <= 15 && s[1 + n] == '\0';
}

/* RFC 3986 3.2.2 and 3.2.3, without user information and without other scripts. */
bool
syn_host(const char *s)
{
	const char *port;
	size_t n;

	if (*s == '[') {
		n = strspn(s + 1, HEX ":.");
		if (n < 2 || s[1 + n] != ']')
			return false;
		n += 2;
	} else {
		n = strcspn(s, ":");
		if (!is_domain(s, n))
			return false;
	}
	if (s[n] == '\0')
		return true;
	port = s + n + 1;
	n = strspn(port, DIGIT);
	return port[-1] == ':' && n >= 1 && n <= 5 && port[n] == '\0';
}

bool
syn_jwt(const char *s)
{
	int part;
	size_t n;

	for (part = 0; part < 3; part++, s += n + 1) {
		n = strspn(s, BASE64URL);
		if (n == 0 || s[n] != (part < 2 ? '.' : '\0'))
			return false;
	}
	return true;
}
