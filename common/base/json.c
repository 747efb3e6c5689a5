/* json - JSON text and values, the wall around json-c
 *
 * A struct json is json-c's value under another name. Each container knows its arena, so that a
 * member that is replaced or dropped stays readable until the arena goes; each text is wiped when
 * the last holder lets go of it. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* json-c has types of the names of two of our functions. */
#define json_type json_c_type
#define json_object json_c_object
#include <json-c/json.h>
#undef json_type
#undef json_object

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"

enum { DEEPEST = 32 };

static struct json_c_object *
inside(const struct json *value)
{
	/* json-c counts references and caches text in its values: it has no const. */
	return (struct json_c_object *)(uintptr_t)value;
}

static struct json *
outside(struct json_c_object *value)
{
	return (struct json *)value;
}

static void
release(void *value)
{
	(void)json_object_put(value);
}

static void
wipe(struct json_c_object *value, void *unused)
{
	(void)unused;
	explicit_bzero((char *)(uintptr_t)json_object_get_string(value),
	    (size_t)json_object_get_string_len(value));
}

/* What every value gets, once: containers their arena, texts their wiping. */
static struct json_c_object *
equip(struct arena *mem, struct json_c_object *value)
{
	if (value == NULL)
		log_die("out of memory for JSON");
	switch (json_object_get_type(value)) {
	case json_type_string:
		json_object_set_userdata(value, NULL, wipe);
		break;
	case json_type_object:
	case json_type_array:
		json_object_set_userdata(value, mem, NULL);
		break;
	default:
		break;
	}
	return value;
}

/* Hands the caller's reference to the arena. */
static struct json *
tie(struct arena *mem, struct json_c_object *value)
{
	arena_defer(mem, release, value);
	return outside(value);
}

/*
 * Parsing: a look at the marks of the text, then json-c. json-c alone takes members twice, control
 * characters in texts, numbers with leading zeros and blanks that are none.
 */

struct scan {
	const char *s;
	size_t depth, members;
	const char *error;
};

static bool
scan_fail(struct scan *scan, const char *error)
{
	scan->error = error;
	return false;
}

/* RFC 8259 section 7. A NUL would end the text early for every reader, so it is refused. */
static bool
scan_text(struct scan *scan)
{
	const char *p = scan->s + 1;

	for (; *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return scan_fail(scan, *p == '\0' ? "a text without end" :
			    "a control character in a text");
		if (*p != '\\')
			continue;
		p++;
		if (*p == '\0' || strchr("\"\\/bfnrtu", *p) == NULL)
			return scan_fail(scan, "an escape that is none");
		if (strncmp(p, "u0000", 5) == 0)
			return scan_fail(scan, "a NUL in a text");
	}
	scan->s = p + 1;
	return true;
}

static const char *
digits(const char *p)
{
	return p + strspn(p, "0123456789");
}

/* RFC 8259 section 6. */
static bool
scan_number(struct scan *scan)
{
	const char *p = scan->s + (*scan->s == '-'), *end = digits(p);

	if (end == p || (*p == '0' && end > p + 1))
		return scan_fail(scan, "a number that is none");
	if (*end == '.') {
		p = end + 1;
		if ((end = digits(p)) == p)
			return scan_fail(scan, "a number that is none");
	}
	if (*end == 'e' || *end == 'E') {
		p = end + 1;
		p += *p == '+' || *p == '-';
		if ((end = digits(p)) == p)
			return scan_fail(scan, "a number that is none");
	}
	scan->s = end;
	return true;
}

static bool
scan_word(struct scan *scan)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (strncmp(scan->s, words[i], strlen(words[i])) == 0) {
			scan->s += strlen(words[i]);
			return true;
		}
	return scan_fail(scan, "not JSON");
}

static bool
scan_step(struct scan *scan)
{
	char c = *scan->s;

	if (c == '"')
		return scan_text(scan);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(scan);
	if (c == '\0' || strchr(" \t\r\n,:[]{}", c) == NULL)
		return scan_word(scan);
	if ((c == '[' || c == '{') && ++scan->depth > DEEPEST)
		return scan_fail(scan, "nested too deeply");
	if ((c == ']' || c == '}') && scan->depth-- == 0)
		return scan_fail(scan, "not JSON");
	scan->members += c == ':';
	scan->s++;
	return true;
}

/* Equips the values inside and counts the members. */
static size_t
settle(struct arena *mem, struct json_c_object *value)
{
	struct json_member m;
	size_t members = 0, i, n;

	if (value == NULL)
		return 0;
	(void)equip(mem, value);
	if (json_object_is_type(value, json_type_array))
		for (i = 0, n = json_object_array_length(value); i < n; i++)
			members += settle(mem, json_object_array_get_idx(value, i));
	for (m = json_first(outside(value)); m.name != NULL; m = json_next(m))
		members += 1 + settle(mem, inside(m.value));
	return members;
}

static bool
parse_by_c(const char *s, size_t n, struct json_c_object **value_r)
{
	struct json_tokener *parser = json_tokener_new_ex(DEEPEST + 2);
	bool good;

	if (parser == NULL)
		log_die("out of memory for JSON");
	json_tokener_set_flags(parser, JSON_TOKENER_STRICT);
	/* The NUL is part of what is parsed: it ends a number. */
	*value_r = json_tokener_parse_ex(parser, s, (int)n + 1);
	good = json_tokener_get_error(parser) == json_tokener_success &&
	    json_tokener_get_parse_end(parser) >= n;
	json_tokener_free(parser);
	if (!good) {
		release(*value_r);
		*value_r = NULL;
	}
	return good;
}

bool
json_parse(struct arena *mem, const char *s, size_t n, struct json **value_r, const char **error_r)
{
	struct scan scan = { .error = NULL };
	struct json_c_object *value;
	const char *copy;

	*value_r = NULL;
	*error_r = "not JSON";
	if (n >= INT_MAX || !text_is_utf8(s, n)) {
		*error_r = "not UTF-8";
		return false;
	}
	copy = arena_dupn(mem, s, n);
	for (scan.s = copy; *scan.s != '\0';)
		if (!scan_step(&scan)) {
			*error_r = scan.error;
			return false;
		}
	if (!parse_by_c(copy, n, &value))
		return false;
	if (value != NULL) {
		size_t members = settle(mem, value);

		*value_r = tie(mem, value);
		/* Each colon outside a text is a member; a member twice is one in json-c. */
		if (members != scan.members) {
			*value_r = NULL;
			*error_r = "a member twice";
			return false;
		}
	}
	*error_r = NULL;
	return true;
}

/*
 * Printing.
 */

static const char *
print(struct arena *mem, const struct json *value, int flags)
{
	const char *s;
	char *copy;
	size_t n;

	if (value == NULL)
		return "null";
	if ((s = json_object_to_json_string_length(inside(value), flags, &n)) == NULL)
		log_die("out of memory for JSON");
	copy = arena_dupn(mem, s, n);
	explicit_bzero((char *)(uintptr_t)s, n);
	return copy;
}

const char *
json_print(struct arena *mem, const struct json *value)
{
	return print(mem, value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

const char *
json_print_slashes(struct arena *mem, const struct json *value)
{
	return print(mem, value, JSON_C_TO_STRING_PLAIN);
}

/* json-c indents by two and breaks the line in empty containers. A line break is never part of a
 * text, and a line never ends in an opening bracket that is. */
const char *
json_pretty(struct arena *mem, const struct json *value)
{
	const char *s = print(mem, value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
	    JSON_C_TO_STRING_NOSLASHESCAPE);
	struct buf *b = buf_new(mem, 2 * strlen(s) + 1);

	for (;;) {
		size_t indent = strspn(s, " "), rest = strcspn(s, "\n");
		bool empty = (s[indent] == ']' || s[indent] == '}') && b->len > 0 &&
		    (b->s[b->len - 1] == '[' || b->s[b->len - 1] == '{');

		if (b->len > 0 && !empty)
			buf_char(b, '\n');
		buf_add(b, s, empty ? 0 : indent);
		buf_add(b, s + (empty ? indent : 0), rest - (empty ? indent : 0));
		if (s[rest] == '\0')
			return b->s;
		s += rest + 1;
	}
}

/*
 * Construction.
 */

struct json *
json_object(struct arena *mem)
{
	return tie(mem, equip(mem, json_object_new_object()));
}

struct json *
json_array(struct arena *mem)
{
	return tie(mem, equip(mem, json_object_new_array()));
}

struct json *
json_new_text(struct arena *mem, const char *s)
{
	return tie(mem, equip(mem, json_object_new_string(s)));
}

struct json *
json_new_int(struct arena *mem, int64_t n)
{
	return tie(mem, equip(mem, json_object_new_int64(n)));
}

/* The fewest digits that read back as the same number: 1715100742.022, not ...0220001. */
static struct json_c_object *
real(double x)
{
	char s[32];
	int digits_shown;

	if (!isfinite(x))
		log_die("a number that JSON cannot hold");
	for (digits_shown = 15; digits_shown <= 17; digits_shown++) {
		(void)snprintf(s, sizeof(s), "%.*g", digits_shown, x);
		if (fabs(strtod(s, NULL) - x) <= 0)
			break;
	}
	return json_object_new_double_s(x, s);
}

struct json *
json_new_real(struct arena *mem, double x)
{
	return tie(mem, equip(mem, real(x)));
}

struct json *
json_new_bool(struct arena *mem, bool b)
{
	return tie(mem, equip(mem, json_object_new_boolean(b)));
}

struct json *
json_new_words(struct arena *mem, struct words list)
{
	struct json *array = json_array(mem);
	size_t i;

	for (i = 0; i < list.n; i++)
		json_add_text(array, list.at[i]);
	return array;
}

bool
json_equal(const struct json *a, const struct json *b)
{
	return json_object_equal(inside(a), inside(b)) != 0;
}

/* Both take over the caller's reference to value, which may be NULL. */
static void
hold_member(struct json_c_object *object, const char *name, struct json_c_object *value)
{
	if (json_object_object_add(object, name, value) != 0)
		log_die("out of memory for JSON");
}

static void
hold_element(struct json_c_object *array, struct json_c_object *value)
{
	if (json_object_array_add(array, value) != 0)
		log_die("out of memory for JSON");
}

static struct json_c_object *
copy_in(struct arena *mem, struct json_c_object *value)
{
	struct json_c_object *copy;
	struct json_member m;
	size_t i, n;

	switch (json_object_get_type(value)) {
	case json_type_null:
		return NULL;
	case json_type_object:
		copy = equip(mem, json_object_new_object());
		for (m = json_first(outside(value)); m.name != NULL; m = json_next(m))
			hold_member(copy, m.name, copy_in(mem, inside(m.value)));
		return copy;
	case json_type_array:
		copy = equip(mem, json_object_new_array());
		for (i = 0, n = json_object_array_length(value); i < n; i++)
			hold_element(copy, copy_in(mem, json_object_array_get_idx(value, i)));
		return copy;
	case json_type_string:
		return equip(mem, json_object_new_string_len(json_object_get_string(value),
		    json_object_get_string_len(value)));
	default:
		/* Numbers and booleans never change: shared. */
		return json_object_get(value);
	}
}

struct json *
json_copy(struct arena *mem, const struct json *value)
{
	return value == NULL ? NULL : tie(mem, copy_in(mem, inside(value)));
}

/* The old value of a member may still be in somebody's hands. */
static void
keep_old(struct json_c_object *object, const char *name)
{
	struct json_c_object *old;

	if (json_object_object_get_ex(object, name, &old) && old != NULL)
		arena_defer(json_object_get_userdata(object), release, json_object_get(old));
}

/* Takes over the caller's reference. */
static void
put(struct json *object, const char *name, struct json_c_object *value)
{
	struct json_c_object *in = inside(object);

	keep_old(in, name);
	hold_member(in, name, equip(json_object_get_userdata(in), value));
}

void
json_set(struct json *object, const char *name, const struct json *value)
{
	struct json_c_object *in = inside(object);

	if (value == NULL)
		return;
	keep_old(in, name);
	hold_member(in, name, json_object_get(inside(value)));
}

void
json_set_text(struct json *object, const char *name, const char *s)
{
	if (s != NULL)
		put(object, name, json_object_new_string(s));
}

void
json_set_int(struct json *object, const char *name, int64_t n)
{
	put(object, name, json_object_new_int64(n));
}

void
json_set_real(struct json *object, const char *name, double x)
{
	put(object, name, real(x));
}

void
json_set_bool(struct json *object, const char *name, bool b)
{
	put(object, name, json_object_new_boolean(b));
}

void
json_drop(struct json *object, const char *name)
{
	keep_old(inside(object), name);
	json_object_object_del(inside(object), name);
}

void
json_add(struct json *array, const struct json *value)
{
	if (value != NULL)
		hold_element(inside(array), json_object_get(inside(value)));
}

void
json_add_text(struct json *array, const char *s)
{
	hold_element(inside(array), equip(NULL, json_object_new_string(s)));
}

/*
 * Reading.
 */

enum json_type
json_type(const struct json *value)
{
	switch (json_object_get_type(inside(value))) {
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_int:
		return JSON_INT;
	case json_type_double:
		return JSON_REAL;
	case json_type_string:
		return JSON_TEXT;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	default:
		return JSON_NULL;
	}
}

const struct json *
json_get(const struct json *object, const char *name)
{
	struct json_c_object *value;

	if (json_type(object) != JSON_OBJECT ||
	    !json_object_object_get_ex(inside(object), name, &value))
		return NULL;
	return outside(value);
}

bool
json_has(const struct json *object, const char *name)
{
	return json_get(object, name) != NULL;
}

static bool
is_number(const struct json *value)
{
	return json_type(value) == JSON_INT || json_type(value) == JSON_REAL;
}

const char *
json_text(const struct json *object, const char *name)
{
	return json_as_text(json_get(object, name));
}

int64_t
json_int(const struct json *object, const char *name, int64_t otherwise)
{
	const struct json *value = json_get(object, name);

	return is_number(value) ? json_as_int(value) : otherwise;
}

bool
json_flag(const struct json *object, const char *name, bool otherwise)
{
	const struct json *value = json_get(object, name);

	return json_type(value) == JSON_BOOL ? json_as_bool(value) : otherwise;
}

struct words
json_words(struct arena *mem, const struct json *object, const char *name)
{
	const struct json *array = json_get(object, name);
	size_t i, n = json_type(array) == JSON_ARRAY ? json_count(array) : 0;
	struct words list = { 0, arena_array(mem, n + 1, sizeof(*list.at)) };

	for (i = 0; i < n; i++)
		if ((list.at[list.n] = json_as_text(json_at(array, i))) != NULL)
			list.n++;
	return list;
}

const char *
json_as_text(const struct json *value)
{
	return json_type(value) == JSON_TEXT ? json_object_get_string(inside(value)) : NULL;
}

int64_t
json_as_int(const struct json *value)
{
	return is_number(value) ? json_object_get_int64(inside(value)) : 0;
}

double
json_as_real(const struct json *value)
{
	return is_number(value) ? json_object_get_double(inside(value)) : 0;
}

bool
json_as_bool(const struct json *value)
{
	return json_type(value) == JSON_BOOL && json_object_get_boolean(inside(value)) != 0;
}

size_t
json_count(const struct json *container)
{
	if (json_type(container) == JSON_ARRAY)
		return json_object_array_length(inside(container));
	if (json_type(container) == JSON_OBJECT)
		return (size_t)json_object_object_length(inside(container));
	return 0;
}

const struct json *
json_at(const struct json *array, size_t i)
{
	return json_type(array) == JSON_ARRAY ?
	    outside(json_object_array_get_idx(inside(array), i)) : NULL;
}

const struct json *
json_find(const struct json *array, const char *name, const char *text)
{
	size_t i;

	for (i = 0; i < json_count(array); i++)
		if (text_equal(json_text(json_at(array, i), name), text))
			return json_at(array, i);
	return NULL;
}

static struct json_member
member_at(struct lh_entry *entry)
{
	struct json_member m = { NULL, NULL, NULL };

	if (entry == NULL)
		return m;
	m.name = lh_entry_k(entry);
	m.value = outside(lh_entry_v(entry));
	m.at = lh_entry_next(entry);
	return m;
}

struct json_member
json_first(const struct json *object)
{
	return member_at(json_type(object) != JSON_OBJECT ? NULL :
	    json_object_get_object(inside(object))->head);
}

struct json_member
json_next(struct json_member m)
{
	return member_at(m.at);
}
