/* shape - the one table of data shapes */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec.h"
#include "base/log.h"
#include "base/pattern.h"
#include "base/shape.h"
#include "base/text.h"

enum {
	MOST_FAULTS = 10,
	LONGEST_MESSAGE = 8 * 1024,
	LONGEST_ECHO = 128
};

static const struct refusal invalid_parameter = { "InvalidParameterException", 400, "%s", NULL };
static const struct refusal serialization = { "SerializationException", 400, "%s", NULL };

const struct shape *
shape_find(const char *name)
{
	int low = 0, high = shape_table_n;

	while (low < high) {
		int middle = low + (high - low) / 2, order = strcmp(name, shape_table[middle].name);

		if (order == 0)
			return &shape_table[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct shape_member *
shape_member(const struct shape *shape, const char *name)
{
	int i;

	for (i = 0; i < shape->n; i++)
		if (strcmp(shape->members[i].name, name) == 0)
			return &shape->members[i];
	return NULL;
}

/*
 * Checking. One walk over the value; each broken constraint becomes a sentence, a wrong JSON type
 * ends the walk.
 */

/* Where the walk is; from there the way up. */
struct place {
	const struct place *up;
	const char *name;	/* of a member; NULL: an element of a list or map */
	size_t index;		/* of the element of a list, from 0 */
	bool in_map;		/* nameless: the keys of a map are anybody's */
};

struct check {
	struct rq *rq;
	struct buf *faults;
	int n;
	const char *first;	/* place of the first fault */
	const char *unfit;	/* a wrong JSON type */
};

/* "userAttributes.1.member.name" */
static void
place_print(struct buf *b, const struct place *at)
{
	if (at->in_map) {
		place_print(b, at->up);
		return;
	}
	if (at->up != NULL) {
		place_print(b, at->up);
		buf_char(b, '.');
	}
	if (at->name == NULL) {
		buf_printf(b, "%zu.member", at->index + 1);
		return;
	}
	buf_char(b, at->name[0] >= 'A' && at->name[0] <= 'Z' ?
	    (char)(at->name[0] + ('a' - 'A')) : at->name[0]);
	buf_text(b, at->name + 1);
}

static const char *
place_text(struct check *check, const struct place *at)
{
	struct buf *b = buf_new(check->rq->mem, LONGEST_MESSAGE);

	place_print(b, at);
	return b->s;
}

/* shown: the value as the message gives it, or NULL. */
static void __attribute__((format(printf, 4, 5)))
complain(struct check *check, const struct place *at, const char *shown, const char *fmt, ...)
{
	const char *where = place_text(check, at);
	va_list ap;

	if (check->n == 0)
		check->first = where;
	if (check->n++ >= MOST_FAULTS)
		return;
	buf_text(check->faults, check->n > 1 ? "; Value " : "Value ");
	if (shown != NULL)
		buf_printf(check->faults, "%s ", shown);
	buf_printf(check->faults, "at '%s' failed to satisfy constraint: %s", where,
	    at->in_map ? "Map value must satisfy constraint: [" : "");
	va_start(ap, fmt);
	buf_text(check->faults, arena_vprintf(check->rq->mem, fmt, ap));
	va_end(ap);
	buf_text(check->faults, at->in_map ? "]" : "");
}

/* A value in quotes; NULL where it is sensitive or long. */
static const char *
echo(struct check *check, const struct shape_member *m, const char *s)
{
	if (m->sensitive || strlen(s) > LONGEST_ECHO)
		return NULL;
	return arena_printf(check->rq->mem, "'%s'", s);
}

/* The wording of the front door, which deserializes before it validates. */
static const char *const wanted[] = {
	[SHAPE_TEXT] = "a String",
	[SHAPE_INT] = "an Integer",
	[SHAPE_BOOL] = "a Boolean",
	[SHAPE_TIME] = "a Timestamp",
	[SHAPE_BLOB] = "a Blob",
	[SHAPE_LIST] = "a List",
	[SHAPE_MAP] = "a Map",
	[SHAPE_STRUCT] = "a Structure",
	[SHAPE_DOCUMENT] = "a Document"
};

static const char *const given[] = {
	[JSON_NULL] = "NULL_VALUE",
	[JSON_BOOL] = "BOOLEAN_VALUE",
	[JSON_INT] = "NUMBER_VALUE",
	[JSON_REAL] = "NUMBER_VALUE",
	[JSON_TEXT] = "STRING_VALUE",
	[JSON_ARRAY] = "Start of list",
	[JSON_OBJECT] = "Start of structure or map"
};

static const unsigned char takes[] = {
	[SHAPE_TEXT] = 1 << JSON_TEXT,
	[SHAPE_INT] = 1 << JSON_INT | 1 << JSON_REAL,
	[SHAPE_BOOL] = 1 << JSON_BOOL,
	[SHAPE_TIME] = 1 << JSON_INT | 1 << JSON_REAL,
	[SHAPE_BLOB] = 1 << JSON_TEXT,
	[SHAPE_LIST] = 1 << JSON_ARRAY,
	[SHAPE_MAP] = 1 << JSON_OBJECT,
	[SHAPE_STRUCT] = 1 << JSON_OBJECT,
	[SHAPE_DOCUMENT] = 0xff
};

static void
unfit(struct check *check, const struct place *at, enum shape_type type, enum json_type have)
{
	struct arena *mem = check->rq->mem;

	check->unfit = arena_printf(mem, "%s can not be converted to %s%s", given[have],
	    wanted[type], at == NULL ? "" : arena_printf(mem, " (at '%s')", place_text(check, at)));
}

static bool
fits(struct check *check, const struct place *at, enum shape_type type, const struct json *value)
{
	enum json_type have = json_type(value);
	double x = json_as_real(value);
	bool good = (takes[type] & 1 << have) != 0;

	if (have == JSON_REAL && type == SHAPE_INT)
		good = good && isfinite(x) && fabs(x - trunc(x)) <= 0;
	else if (have == JSON_REAL)
		good = good && isfinite(x);
	if (!good)
		unfit(check, at, type, have);
	return good;
}

static void
check_words(struct check *check, const struct place *at, const struct shape_member *m,
    const char *s)
{
	struct words known = { 0, (const char **)(uintptr_t)m->words };

	while (m->words[known.n] != NULL)
		if (strcmp(m->words[known.n++], s) == 0)
			return;
	complain(check, at, echo(check, m, s), "Member must satisfy enum value set: [%s]",
	    words_join(check->rq->mem, known, ", "));
}

static void
check_text(struct check *check, const struct place *at, const struct shape_member *m, const char *s,
    int64_t least, int64_t most)
{
	int64_t n = (int64_t)text_length(s);

	if (least >= 0 && n < least)
		complain(check, at, echo(check, m, s),
		    "Member must have length greater than or equal to %lld", (long long)least);
	if (most >= 0 && n > most)
		complain(check, at, echo(check, m, s),
		    "Member must have length less than or equal to %lld", (long long)most);
	/* A text beyond its length is not worth the matcher's work. */
	else if (m->pattern != NULL && !pattern_matches(m->pattern, s))
		complain(check, at, echo(check, m, s),
		    "Member must satisfy regular expression pattern: %s", m->pattern);
	if (m->words != NULL)
		check_words(check, at, m, s);
}

static void
check_number(struct check *check, const struct place *at, const struct shape_member *m, int64_t n)
{
	const char *shown = echo(check, m, arena_printf(check->rq->mem, "%lld", (long long)n));

	if (m->min >= 0 && n < m->min)
		complain(check, at, shown, "Member must have value greater than or equal to %lld",
		    (long long)m->min);
	if (m->max >= 0 && n > m->max)
		complain(check, at, shown, "Member must have value less than or equal to %lld",
		    (long long)m->max);
}

static void
check_count(struct check *check, const struct place *at, const struct shape_member *m, size_t n)
{
	if (m->min >= 0 && n < (size_t)m->min)
		complain(check, at, NULL, "Member must have length greater than or equal to %lld",
		    (long long)m->min);
	if (m->max >= 0 && n > (size_t)m->max)
		complain(check, at, NULL, "Member must have length less than or equal to %lld",
		    (long long)m->max);
}

static void
check_blob(struct check *check, const struct place *at, const struct shape_member *m, const char *s)
{
	unsigned char *data;
	size_t n;

	if (!base64_decode(check->rq->mem, s, strlen(s), &data, &n))
		unfit(check, at, SHAPE_BLOB, JSON_TEXT);
	else
		check_count(check, at, m, n);
}

static bool check_struct(struct check *check, const struct place *up, const struct shape *shape,
    const struct json *value);

/* One value of a simple type, a struct, or an element of a list or map. */
static bool
check_one(struct check *check, const struct place *at, const struct shape_member *m,
    enum shape_type type, const struct json *value)
{
	bool element = m->type == SHAPE_LIST || m->type == SHAPE_MAP;

	if (!fits(check, at, type, value))
		return false;
	switch (type) {
	case SHAPE_TEXT:
		check_text(check, at, m, json_as_text(value), element ? m->of_min : m->min,
		    element ? m->of_max : m->max);
		break;
	case SHAPE_INT:
		if (!element)
			check_number(check, at, m, json_as_int(value));
		break;
	case SHAPE_BLOB:
		check_blob(check, at, m, json_as_text(value));
		break;
	case SHAPE_STRUCT:
		return check_struct(check, at, m->shape, value);
	default:
		break;
	}
	return check->unfit == NULL;
}

static bool
check_list(struct check *check, const struct place *at, const struct shape_member *m,
    const struct json *list)
{
	size_t i, n = json_count(list);

	check_count(check, at, m, n);
	for (i = 0; i < n; i++) {
		struct place here = { at, NULL, i, false };

		if (!check_one(check, &here, m, m->of, json_at(list, i)))
			return false;
	}
	return true;
}

static void
check_key(struct check *check, const struct place *at, const struct shape_member *m,
    const char *key)
{
	int64_t n = (int64_t)text_length(key);

	if ((m->key_min >= 0 && n < m->key_min) || (m->key_max >= 0 && n > m->key_max))
		complain(check, at, NULL, "Map keys must satisfy constraint: [Member must have "
		    "length less than or equal to %lld, Member must have length greater than or "
		    "equal to %lld]", (long long)m->key_max, (long long)m->key_min);
	else if (m->key_pattern != NULL && !pattern_matches(m->key_pattern, key))
		complain(check, at, NULL, "Map keys must satisfy constraint: [Member must satisfy "
		    "regular expression pattern: %s]", m->key_pattern);
}

static bool
check_map(struct check *check, const struct place *at, const struct shape_member *m,
    const struct json *map)
{
	struct json_member entry;

	check_count(check, at, m, json_count(map));
	for (entry = json_first(map); entry.name != NULL; entry = json_next(entry)) {
		struct place here = { at, NULL, 0, true };

		check_key(check, at, m, entry.name);
		if (entry.value != NULL && !check_one(check, &here, m, m->of, entry.value))
			return false;
	}
	return true;
}

static bool
check_member(struct check *check, const struct place *at, const struct shape_member *m,
    const struct json *value)
{
	if (value == NULL) {
		if (m->needed)
			complain(check, at, "null", "Member must not be null");
		return true;
	}
	if (m->never) {
		complain(check, at, NULL, "Member must be null");
		return true;
	}
	if (m->type != SHAPE_LIST && m->type != SHAPE_MAP)
		return check_one(check, at, m, m->type, value);
	if (!fits(check, at, m->type, value))
		return false;
	return m->type == SHAPE_LIST ? check_list(check, at, m, value) :
	    check_map(check, at, m, value);
}

static bool
check_struct(struct check *check, const struct place *up, const struct shape *shape,
    const struct json *value)
{
	int i;

	for (i = 0; i < shape->n; i++) {
		struct place here = { up, shape->members[i].name, 0, false };

		if (!check_member(check, &here, &shape->members[i],
		    json_get(value, shape->members[i].name)))
			return false;
	}
	return true;
}

int
shape_check(struct rq *rq, const struct shape *shape, const struct json *value)
{
	struct check check = { rq, buf_new(rq->mem, LONGEST_MESSAGE), 0, NULL, NULL };
	int told;

	if (!fits(&check, NULL, SHAPE_STRUCT, value) || !check_struct(&check, NULL, shape, value))
		return refuse_with(rq, &serialization, check.unfit, "not of the shape %s: %s",
		    shape->name, check.unfit);
	if (check.n == 0)
		return 0;
	told = check.n < MOST_FAULTS ? check.n : MOST_FAULTS;
	return refuse_with(rq, &invalid_parameter,
	    arena_printf(rq->mem, "%d validation error%s detected: %s", told,
	    told == 1 ? "" : "s", check.faults->s),
	    "not of the shape %s: %d constraints broken, the first by %s", shape->name, check.n,
	    check.first);
}

/*
 * Projecting.
 */

static const struct json *
project_member(struct arena *mem, const struct shape_member *m, const struct json *value)
{
	struct json_member entry;
	struct json *out;
	size_t i;

	if (m->type == SHAPE_STRUCT)
		return shape_project(mem, m->shape, value);
	if (m->of != SHAPE_STRUCT)
		return value;
	if (m->type == SHAPE_LIST) {
		out = json_array(mem);
		for (i = 0; i < json_count(value); i++)
			json_add(out, shape_project(mem, m->shape, json_at(value, i)));
		return out;
	}
	out = json_object(mem);
	for (entry = json_first(value); entry.name != NULL; entry = json_next(entry))
		json_set(out, entry.name, shape_project(mem, m->shape, entry.value));
	return out;
}

struct json *
shape_project(struct arena *mem, const struct shape *shape, const struct json *value)
{
	struct json *out = json_object(mem);
	int i;

	for (i = 0; i < shape->n; i++) {
		const struct shape_member *m = &shape->members[i];
		const struct json *from = json_get(value, m->name);

		if (from != NULL && !m->never)
			json_set(out, m->name, project_member(mem, m, from));
	}
	return out;
}

/*
 * Binding.
 */

/* What the path leads to; the last part of it in *last_r. */
static const struct json *
follow(struct arena *mem, const char *path, const struct json *value, const char **last_r)
{
	const char *dot;

	for (; (dot = strchr(path, '.')) != NULL; path = dot + 1)
		value = json_get(value, arena_dupn(mem, path, (size_t)(dot - path)));
	*last_r = path;
	return value;
}

static void
bind_row(struct arena *mem, const struct bind *row, const struct json *value, void *at)
{
	const char *name;
	const struct json *in = follow(mem, row->member, value, &name);

	switch (row->type) {
	case BIND_TEXT:
		*(const char **)at = json_text(in, name);
		break;
	case BIND_INT:
		*(int64_t *)at = json_int(in, name, 0);
		break;
	case BIND_BOOL:
	case BIND_TRUE:
		*(bool *)at = json_flag(in, name, row->type == BIND_TRUE);
		break;
	case BIND_WORDS:
		*(struct words *)at = json_words(mem, in, name);
		break;
	case BIND_JSON:
		*(const struct json **)at = json_get(in, name);
		break;
	}
}

void
shape_bind(struct arena *mem, const struct bind *table, const struct json *value, void *out)
{
	for (; table->member != NULL; table++)
		bind_row(mem, table, value, (char *)out + table->offset);
}
