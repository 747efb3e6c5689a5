/* json_parse - JSON text becomes values (RFC 8259)
 *
 * In place, in one copy of the text: what a text says is never longer than how it is written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_value.h"

enum { DEEPEST = 32 };

struct parser {
	struct arena *mem;
	char *p;
	int depth;
	const char *error;
};

static bool parse_value(struct parser *in, struct json **value_r);

static bool
fail(struct parser *in, const char *error)
{
	in->error = error;
	return false;
}

static char
skip_blanks(struct parser *in)
{
	while (*in->p == ' ' || *in->p == '\n' || *in->p == '\t' || *in->p == '\r')
		in->p++;
	return *in->p;
}

/* The four digits after \u. */
static bool
parse_hex(const char *s, uint32_t *c_r)
{
	static const char all[] = "0123456789abcdef";
	const char *digit;
	int i;

	*c_r = 0;
	for (i = 0; i < 4; i++) {
		if (s[i] == '\0' || (digit = strchr(all, s[i] | 0x20)) == NULL)
			return false;
		*c_r = *c_r << 4 | (uint32_t)(digit - all);
	}
	return true;
}

static char *
put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* in->p is at the u. A NUL would end the text early for every reader, and half a surrogate pair is
 * no character in UTF-8: both are refused. */
static bool
parse_code_point(struct parser *in, char **to)
{
	uint32_t c, low;

	if (!parse_hex(in->p + 1, &c))
		return fail(in, "an escape that is none");
	in->p += 5;
	if (c == 0)
		return fail(in, "a NUL in a text");
	if (c >= 0xd800 && c < 0xe000) {
		if (c >= 0xdc00 || in->p[0] != '\\' || in->p[1] != 'u' ||
		    !parse_hex(in->p + 2, &low) || low < 0xdc00 || low >= 0xe000)
			return fail(in, "half a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
		in->p += 6;
	}
	*to = put_utf8(*to, c);
	return true;
}

static bool
parse_escape(struct parser *in, char **to)
{
	static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *known;

	in->p++;
	if (*in->p == 'u')
		return parse_code_point(in, to);
	if (*in->p == '\0' || (known = strchr(written, *in->p)) == NULL)
		return fail(in, "an escape that is none");
	*(*to)++ = meant[known - written];
	in->p++;
	return true;
}

static bool
parse_text(struct parser *in, const char **text_r)
{
	char *to = ++in->p;

	*text_r = to;
	while (*in->p != '"') {
		if ((unsigned char)*in->p < 0x20)
			return fail(in, *in->p == '\0' ? "a text without end" :
			    "a control character in a text");
		if (*in->p != '\\')
			*to++ = *in->p++;
		else if (!parse_escape(in, &to))
			return false;
	}
	in->p++;
	*to = '\0';
	return true;
}

static char *
digits(char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Sets *end_r to what follows the number, and *whole_r if it has no fraction and no exponent. */
static bool
scan_number(struct parser *in, char **end_r, bool *whole_r)
{
	char *p = in->p + (*in->p == '-'), *end = digits(p);
	bool good = end > p && (*p != '0' || end == p + 1);

	*whole_r = *end != '.' && *end != 'e' && *end != 'E';
	if (good && *end == '.') {
		p = end + 1;
		good = (end = digits(p)) > p;
	}
	if (good && (*end == 'e' || *end == 'E')) {
		p = end + 1;
		p += *p == '+' || *p == '-';
		good = (end = digits(p)) > p;
	}
	*end_r = end;
	return good || fail(in, "a number that is none");
}

/* What an int64_t cannot hold prints as it was written, and reads as near as can be. */
static bool
parse_number(struct parser *in, struct json **value_r)
{
	struct json *value;
	bool whole;
	int64_t n;
	char *end;

	if (!scan_number(in, &end, &whole))
		return false;
	errno = 0;
	n = whole ? strtoll(in->p, NULL, 10) : 0;
	if (whole && errno == 0) {
		value = json_new_int(in->mem, n);
	} else {
		value = json_value_new(in->mem, JSON_REAL);
		value->real.digits = arena_dupn(in->mem, in->p, (size_t)(end - in->p));
		value->real.x = strtod(value->real.digits, NULL);
	}
	in->p = end;
	*value_r = value;
	return true;
}

static bool
parse_word(struct parser *in, struct json **value_r)
{
	if (strncmp(in->p, "null", 4) == 0) {
		in->p += 4;
	} else if (strncmp(in->p, "true", 4) == 0) {
		in->p += 4;
		*value_r = json_new_bool(in->mem, true);
	} else if (strncmp(in->p, "false", 5) == 0) {
		in->p += 5;
		*value_r = json_new_bool(in->mem, false);
	} else {
		return fail(in, "not JSON");
	}
	return true;
}

static bool
parse_element(struct parser *in, struct json *array)
{
	struct json *value;

	if (!parse_value(in, &value))
		return false;
	json_hold_element(array, value);
	return true;
}

static bool
parse_member(struct parser *in, struct json *object)
{
	struct json *value;
	const char *name;

	if (skip_blanks(in) != '"')
		return fail(in, "not JSON");
	if (!parse_text(in, &name))
		return false;
	if (skip_blanks(in) != ':')
		return fail(in, "not JSON");
	in->p++;
	if (!parse_value(in, &value))
		return false;
	return json_hold_member(object, name, value) || fail(in, "a member twice");
}

/* What an array or object holds, up to its closing bracket. */
static bool
parse_container(struct parser *in, struct json *container, char close,
    bool (*parse_one)(struct parser *, struct json *))
{
	if (++in->depth > DEEPEST)
		return fail(in, "nested too deeply");
	in->p++;
	if (skip_blanks(in) != close) {
		do
			if (!parse_one(in, container))
				return false;
		while (skip_blanks(in) == ',' && in->p++);
		if (*in->p != close)
			return fail(in, "not JSON");
	}
	in->p++;
	in->depth--;
	return true;
}

static bool
parse_value(struct parser *in, struct json **value_r)
{
	const char *text;

	*value_r = NULL;
	switch (skip_blanks(in)) {
	case '{':
		*value_r = json_object(in->mem);
		return parse_container(in, *value_r, '}', parse_member);
	case '[':
		*value_r = json_array(in->mem);
		return parse_container(in, *value_r, ']', parse_element);
	case '"':
		if (!parse_text(in, &text))
			return false;
		*value_r = json_value_new(in->mem, JSON_TEXT);
		(*value_r)->text = text;
		return true;
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return parse_number(in, value_r);
	default:
		return parse_word(in, value_r);
	}
}

bool
json_parse(struct arena *mem, const char *s, size_t n, struct json **value_r, const char **error_r)
{
	struct parser in = { .mem = mem };
	const char *copy;

	*value_r = NULL;
	*error_r = "not UTF-8";
	if (!text_is_utf8(s, n))
		return false;
	copy = in.p = arena_dupn(mem, s, n);
	if (!parse_value(&in, value_r) || (skip_blanks(&in), in.p != copy + n)) {
		*value_r = NULL;
		*error_r = in.error != NULL ? in.error : "not JSON";
		return false;
	}
	*error_r = NULL;
	return true;
}
