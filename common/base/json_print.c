/* json_print - values become JSON text (RFC 8259) */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_value.h"

struct printer {
	struct buf *out;
	bool slashes;			/* written \/ */
	bool pretty;
	int depth;
};

static void
print_escape(struct buf *out, char c)
{
	static const char meant[] = "\"\\/\b\f\n\r\t", written[] = "\"\\/bfnrt";
	static const char hex[] = "0123456789abcdef";
	const char *known = strchr(meant, c);

	buf_char(out, '\\');
	if (known != NULL) {
		buf_char(out, written[known - meant]);
	} else {
		buf_text(out, "u00");
		buf_char(out, hex[c >> 4]);
		buf_char(out, hex[c & 0xf]);
	}
}

static void
print_text(const struct printer *to, const char *s)
{
	const char *from = s;

	buf_char(to->out, '"');
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s >= 0x20 && *s != '"' && *s != '\\' &&
		    (*s != '/' || !to->slashes))
			continue;
		buf_add(to->out, from, (size_t)(s - from));
		print_escape(to->out, *s);
		from = s + 1;
	}
	buf_add(to->out, from, (size_t)(s - from));
	buf_char(to->out, '"');
}

static void
print_int(struct buf *out, int64_t n)
{
	char s[24];

	(void)snprintf(s, sizeof(s), "%lld", (long long)n);
	buf_text(out, s);
}

/* Before an element or member, and, where there was one, before the closing bracket. */
static void
print_break(const struct printer *to)
{
	int i;

	if (!to->pretty)
		return;
	buf_char(to->out, '\n');
	for (i = 0; i < to->depth; i++)
		buf_text(to->out, "    ");
}

static void print_value(struct printer *to, const struct json *value);

static void
print_array(struct printer *to, const struct items *items)
{
	size_t i;

	buf_char(to->out, '[');
	to->depth++;
	for (i = 0; i < items->n; i++) {
		if (i > 0)
			buf_char(to->out, ',');
		print_break(to);
		print_value(to, items->at[i]);
	}
	to->depth--;
	if (items->n > 0)
		print_break(to);
	buf_char(to->out, ']');
}

static void
print_object(struct printer *to, const struct members *members)
{
	const struct member *m;

	buf_char(to->out, '{');
	to->depth++;
	for (m = members->first; m != NULL; m = m->next) {
		if (m != members->first)
			buf_char(to->out, ',');
		print_break(to);
		print_text(to, m->name);
		buf_text(to->out, to->pretty ? ": " : ":");
		print_value(to, m->value);
	}
	to->depth--;
	if (members->n > 0)
		print_break(to);
	buf_char(to->out, '}');
}

static void
print_value(struct printer *to, const struct json *value)
{
	switch (json_type(value)) {
	case JSON_NULL:
		buf_text(to->out, "null");
		break;
	case JSON_BOOL:
		buf_text(to->out, value->flag ? "true" : "false");
		break;
	case JSON_INT:
		print_int(to->out, value->n);
		break;
	case JSON_REAL:
		buf_text(to->out, value->real.digits);
		break;
	case JSON_TEXT:
		print_text(to, value->text);
		break;
	case JSON_ARRAY:
		print_array(to, value->items);
		break;
	case JSON_OBJECT:
		print_object(to, value->members);
		break;
	}
}

static const char *
print(struct arena *mem, const struct json *value, bool slashes, bool pretty)
{
	struct printer to = { .out = buf_new(mem, SIZE_MAX / 4), .slashes = slashes,
		.pretty = pretty };

	print_value(&to, value);
	return to.out->s;
}

const char *
json_print(struct arena *mem, const struct json *value)
{
	return print(mem, value, false, false);
}

const char *
json_print_slashes(struct arena *mem, const struct json *value)
{
	return print(mem, value, true, false);
}

const char *
json_pretty(struct arena *mem, const struct json *value)
{
	return print(mem, value, false, true);
}
