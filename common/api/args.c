/* args - an operation's arguments on a command line, and its answer on paper, by their shapes */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "api/args.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum { LONGEST = 1 << 20 };

struct args {
	struct arena *mem;
	int argc;
	const char *const *argv;
	int next;
	const char *error;
};

static bool __attribute__((format(printf, 2, 3)))
wrong(struct args *args, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (args->error == NULL)
		args->error = arena_vprintf(args->mem, fmt, ap);
	va_end(ap);
	return false;
}

/*
 * Spelling.
 */

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* A word begins at a capital after a small letter or digit, and at the last capital of a row that a
 * small letter follows; the s of a plural (URLs) belongs to its row. */
static bool
begins_word(const char *name, size_t i)
{
	if (i == 0 || !is_upper(name[i]))
		return false;
	if (!is_upper(name[i - 1]))
		return true;
	return is_lower(name[i + 1]) && !(name[i + 1] == 's' && name[i + 2] == '\0');
}

const char *
args_spell(struct arena *mem, const char *name)
{
	struct buf *b = buf_new(mem, LONGEST);
	size_t i;

	for (i = 0; name[i] != '\0'; i++) {
		if (begins_word(name, i))
			buf_char(b, '-');
		buf_char(b, is_upper(name[i]) ? (char)(name[i] + ('a' - 'A')) : name[i]);
	}
	return b->s;
}

/*
 * Shorthand: key=value,key=value; value is a word, "quoted", 'quoted', {..} or [..].
 */

struct shorthand {
	struct args *args;
	const char *p;
	int depth;		/* of structures; that of the shapes bounds it */
};

static bool shorthand_object(struct shorthand *s, const struct shape_member *m, char end,
    struct json **value_r);

static bool
is_json(const char *s)
{
	s += strspn(s, " \t\n");
	return *s == '{' || *s == '[';
}

static bool
json_argument(struct args *args, const char *s, const struct json **value_r)
{
	const char *error;
	struct json *value;

	if (!json_parse(args->mem, s, strlen(s), &value, &error))
		return wrong(args, "Invalid JSON: %s", error);
	*value_r = value;
	return true;
}

/* Up to one of the characters in `ends`, or what the quotes hold. */
static bool
shorthand_word(struct shorthand *s, const char *ends, const char **word_r)
{
	char quote = *s->p;
	struct buf *b = buf_new(s->args->mem, LONGEST);
	size_t n;

	if (quote != '"' && quote != '\'') {
		n = strcspn(s->p, ends);
		*word_r = arena_dupn(s->args->mem, s->p, n);
		s->p += n;
		return true;
	}
	for (s->p++; *s->p != quote; s->p++) {
		if (*s->p == '\\' && (s->p[1] == quote || s->p[1] == '\\'))
			s->p++;
		if (*s->p == '\0')
			return wrong(s->args, "a quotation that does not end: %s", b->s);
		buf_char(b, *s->p);
	}
	s->p++;
	*word_r = b->s;
	return true;
}

/* Does key= come next? Then a comma begins a new member rather than another value. */
static bool
at_key(const char *p)
{
	size_t n = strcspn(p, "=,[]{}\"' ");

	return n > 0 && p[n] == '=';
}

static bool
scalar(struct args *args, enum shape_type type, const char *word, struct json **value_r)
{
	bool yes = strcasecmp(word, "true") == 0;
	char *end;

	if (type == SHAPE_BOOL) {
		*value_r = json_new_bool(args->mem, yes);
		return yes || strcasecmp(word, "false") == 0 ||
		    wrong(args, "%s is neither true nor false", word);
	}
	errno = 0;
	if (type == SHAPE_INT) {
		*value_r = json_new_int(args->mem, strtoll(word, &end, 10));
		return (*word != '\0' && *end == '\0' && errno == 0) ||
		    wrong(args, "%s is not a whole number", word);
	}
	if (type == SHAPE_TIME) {
		*value_r = json_new_real(args->mem, strtod(word, &end));
		return (*word != '\0' && *end == '\0' && errno == 0) ||
		    wrong(args, "%s is not a time in seconds", word);
	}
	*value_r = json_new_text(args->mem, word);
	return true;
}

/* What ends a word here: outermost, brackets are characters like any other. */
static const char *
ends_at(const struct shorthand *s)
{
	return s->depth > 1 ? ",}]" : ",";
}

/* One element of a list or map, or a member that is neither. */
static bool
shorthand_one(struct shorthand *s, const struct shape_member *m, enum shape_type type,
    const char *ends, struct json **value_r)
{
	const char *word;

	if (type == SHAPE_STRUCT) {
		if (*s->p != '{')
			return wrong(s->args, "%s takes {key=value,...}", m->name);
		s->p++;
		return shorthand_object(s, m, '}', value_r);
	}
	return shorthand_word(s, ends, &word) && scalar(s->args, type, word, value_r);
}

static bool
shorthand_list(struct shorthand *s, const struct shape_member *m, struct json **value_r)
{
	bool closed = *s->p == '[';
	struct json *list = json_array(s->args->mem), *one;

	*value_r = list;
	s->p += closed;
	while (!(closed && *s->p == ']')) {
		if (!shorthand_one(s, m, m->of, closed ? ",]" : ends_at(s), &one))
			return false;
		json_add(list, one);
		if (*s->p != ',' || (!closed && at_key(s->p + 1)))
			break;
		s->p++;
	}
	if (closed && *s->p++ != ']')
		return wrong(s->args, "%s: a list that does not end", m->name);
	return true;
}

static bool
shorthand_value(struct shorthand *s, const struct shape_member *m, struct json **value_r)
{
	if (m->type == SHAPE_LIST)
		return shorthand_list(s, m, value_r);
	if (m->type == SHAPE_MAP) {
		if (*s->p != '{')
			return wrong(s->args, "%s takes {key=value,...}", m->name);
		s->p++;
		return shorthand_object(s, m, '}', value_r);
	}
	return shorthand_one(s, m, m->type, ends_at(s), value_r);
}

static bool
shorthand_pair(struct shorthand *s, const struct shape_member *m, struct json *object)
{
	const struct shape_member *inner = NULL;
	struct json *value;
	const char *key;

	if (!at_key(s->p))
		return wrong(s->args, "expected key=value at: %s", s->p);
	(void)shorthand_word(s, "=", &key);
	s->p++;
	if (m->type != SHAPE_MAP && (inner = shape_member(m->shape, key)) == NULL)
		return wrong(s->args, "Unknown parameter in input: \"%s\"", key);
	if (inner != NULL ? !shorthand_value(s, inner, &value) :
	    !shorthand_one(s, m, m->of, ends_at(s), &value))
		return false;
	json_set(object, key, value);
	return true;
}

/* The members of a struct, or of a map. */
static bool
shorthand_object(struct shorthand *s, const struct shape_member *m, char end, struct json **value_r)
{
	struct json *object = json_object(s->args->mem);

	*value_r = object;
	s->depth++;
	while (*s->p != end) {
		if (!shorthand_pair(s, m, object))
			return false;
		if (*s->p != ',')
			break;
		s->p++;
	}
	if (*s->p != end)
		return wrong(s->args, "expected '%c' at: %s", end == '\0' ? ',' : end, s->p);
	s->p += end != '\0';
	s->depth--;
	return true;
}

/* One argument that is a structure: JSON or shorthand. */
static bool
structure(struct args *args, const struct shape_member *m, const char *text,
    const struct json **value_r)
{
	struct shorthand s = { args, text, 0 };
	struct json *value;

	if (is_json(text))
		return json_argument(args, text, value_r);
	if (!shorthand_object(&s, m, '\0', &value))
		return false;
	*value_r = value;
	return true;
}

/*
 * Options.
 */

static const char *
take(struct args *args)
{
	return args->next < args->argc ? args->argv[args->next++] : NULL;
}

/* Options begin with two hyphens; a text of one's own may too, where exactly one is expected. */
static bool
more(const struct args *args)
{
	return args->next < args->argc && !text_starts(args->argv[args->next], "--");
}

static bool
list_value(struct args *args, const struct shape_member *m, const struct json **value_r)
{
	struct json *list = json_array(args->mem), *word;
	const struct json *one;
	const char *text;

	*value_r = list;
	if (more(args) && args->argv[args->next][0] == '[')
		return json_argument(args, take(args), value_r);
	while (more(args)) {
		text = take(args);
		if (m->of == SHAPE_STRUCT) {
			if (!structure(args, m, text, &one))
				return false;
			json_add(list, one);
		} else {
			if (!scalar(args, m->of, text, &word))
				return false;
			json_add(list, word);
		}
	}
	return true;
}

static bool
value(struct args *args, const struct shape_member *m, const char *option,
    const struct json **value_r)
{
	const char *text;
	struct json *word;

	if (m->type == SHAPE_LIST)
		return list_value(args, m, value_r);
	if ((text = take(args)) == NULL)
		return wrong(args, "argument --%s: expected one argument", option);
	if (m->type == SHAPE_STRUCT || m->type == SHAPE_MAP)
		return structure(args, m, text, value_r);
	if (m->type == SHAPE_DOCUMENT)
		return json_argument(args, text, value_r);
	*value_r = NULL;
	if (!scalar(args, m->type, text, &word))
		return false;
	*value_r = word;
	return true;
}

/* The member an option names; *no_r: it was --no-... of a boolean. */
static const struct shape_member *
member_of(struct args *args, const struct shape *shape, const char *option, bool *no_r)
{
	const char *spelled;
	int i;

	for (i = 0; i < shape->n; i++) {
		spelled = args_spell(args->mem, shape->members[i].name);
		*no_r = shape->members[i].type == SHAPE_BOOL && text_starts(option, "no-") &&
		    strcmp(option + 3, spelled) == 0;
		if (*no_r || strcmp(option, spelled) == 0)
			return &shape->members[i];
	}
	return NULL;
}

static bool
option(struct args *args, const struct shape *shape, const char *word, struct json *in)
{
	const struct shape_member *m;
	const struct json *given;
	bool no;

	if (!text_starts(word, "--") || (m = member_of(args, shape, word + 2, &no)) == NULL)
		return wrong(args, "Unknown options: %s", word);
	if (m->type == SHAPE_BOOL) {
		json_set_bool(in, m->name, !no);
		return true;
	}
	if (!value(args, m, word + 2, &given))
		return false;
	json_set(in, m->name, given);
	return true;
}

/* --name=value is --name value. */
static const char *const *
split_equals(struct arena *mem, int argc, const char *const *argv, int *argc_r)
{
	const char **list = arena_array(mem, (size_t)argc * 2 + 1, sizeof(*list)), *equals;
	int i, n = 0;

	for (i = 0; i < argc; i++) {
		equals = text_starts(argv[i], "--") ? strchr(argv[i], '=') : NULL;
		if (equals != NULL) {
			list[n++] = arena_dupn(mem, argv[i], (size_t)(equals - argv[i]));
			list[n++] = equals + 1;
		} else {
			list[n++] = argv[i];
		}
	}
	*argc_r = n;
	return list;
}

/* A terminal may send anything; what goes on from here is UTF-8. */
static bool
check_text(struct args *args)
{
	int i;

	for (i = 0; i < args->argc; i++)
		if (!text_is_utf8(args->argv[i], strlen(args->argv[i])))
			return wrong(args, "argument %d is not UTF-8 text", i + 1);
	return true;
}

static bool
check_needed(struct args *args, const struct shape *shape, const struct json *in)
{
	struct buf *b = buf_new(args->mem, LONGEST);
	int i;

	for (i = 0; i < shape->n; i++)
		if (shape->members[i].needed && !json_has(in, shape->members[i].name))
			buf_printf(b, "%s--%s", b->len > 0 ? ", " : "",
			    args_spell(args->mem, shape->members[i].name));
	return b->len == 0 || wrong(args, "the following arguments are required: %s", b->s);
}

static bool
parse(struct args *args, const struct shape *shape, struct json *in)
{
	const struct json *whole = NULL;
	struct json_member m;
	const char *word;

	if (!check_text(args))
		return false;
	while ((word = take(args)) != NULL) {
		if (strcmp(word, "--cli-input-json") != 0) {
			if (!option(args, shape, word, in))
				return false;
		} else if ((word = take(args)) == NULL || !json_argument(args, word, &whole)) {
			return wrong(args, "argument --cli-input-json: expected JSON");
		}
	}
	for (m = json_first(whole); m.name != NULL; m = json_next(m))
		if (!json_has(in, m.name))
			json_set(in, m.name, m.value);
	return check_needed(args, shape, in);
}

bool
args_parse(struct arena *mem, const struct shape *shape, int argc, const char *const *argv,
    struct json **in_r, const char **error_r)
{
	struct args args = { .mem = mem };

	args.argv = split_equals(mem, argc, argv, &args.argc);
	*in_r = json_object(mem);
	*error_r = NULL;
	if (parse(&args, shape, *in_r))
		return true;
	*error_r = args.error;
	return false;
}

/*
 * Help.
 */

static const char *
kind_of(enum shape_type type)
{
	static const char *const kinds[] = {
		[SHAPE_TEXT] = "text",
		[SHAPE_INT] = "number",
		[SHAPE_BOOL] = "true or false",
		[SHAPE_TIME] = "seconds",
		[SHAPE_BLOB] = "base64",
		[SHAPE_LIST] = "list",
		[SHAPE_MAP] = "key=value,...",
		[SHAPE_STRUCT] = "structure",
		[SHAPE_DOCUMENT] = "JSON",
	};

	return kinds[type];
}

static const char *
words_of(struct arena *mem, const char *const *words)
{
	struct buf *b = buf_new(mem, LONGEST);
	size_t i;

	for (i = 0; words[i] != NULL; i++)
		buf_printf(b, "%s%s", i > 0 ? "|" : "", words[i]);
	return b->s;
}

static const char *
keys_of(struct arena *mem, const struct shape *shape)
{
	struct buf *b = buf_new(mem, LONGEST);
	int i;

	for (i = 0; i < shape->n; i++)
		buf_printf(b, "%s%s=...", i > 0 ? "," : "", shape->members[i].name);
	return b->s;
}

void
args_describe(struct arena *mem, const struct shape *shape, FILE *out)
{
	int i;

	for (i = 0; i < shape->n; i++) {
		const struct shape_member *m = &shape->members[i];
		const char *takes = m->words != NULL ? words_of(mem, m->words) :
		    m->shape != NULL && m->type != SHAPE_MAP ? keys_of(mem, m->shape) :
		    kind_of(m->type == SHAPE_LIST ? m->of : m->type);

		if (m->type == SHAPE_BOOL)
			(void)fprintf(out, "  --[no-]%s", args_spell(mem, m->name));
		else
			(void)fprintf(out, "  --%s %s%s", args_spell(mem, m->name), takes,
			    m->type == SHAPE_LIST ? " ..." : "");
		(void)fprintf(out, "%s\n", m->needed ? "  (required)" : "");
	}
	(void)fputs("  --cli-input-json JSON\n", out);
}

/*
 * Answers.
 */

static const struct json *
present_one(struct arena *mem, const struct shape_member *m, enum shape_type type,
    const struct json *value)
{
	struct json_member entry;
	struct json *out;
	size_t i;

	if (type == SHAPE_TIME)
		return json_new_text(mem,
		    clock_iso(mem, (int64_t)(json_as_real(value) * 1000 + 0.5)));
	if (type == SHAPE_STRUCT)
		return args_present(mem, m->shape, value);
	if (type == SHAPE_LIST && (m->of == SHAPE_STRUCT || m->of == SHAPE_TIME)) {
		out = json_array(mem);
		for (i = 0; i < json_count(value); i++)
			json_add(out, present_one(mem, m, m->of, json_at(value, i)));
		return out;
	}
	if (type == SHAPE_MAP && m->of == SHAPE_STRUCT) {
		out = json_object(mem);
		for (entry = json_first(value); entry.name != NULL; entry = json_next(entry))
			json_set(out, entry.name, present_one(mem, m, m->of, entry.value));
		return out;
	}
	return value;
}

struct json *
args_present(struct arena *mem, const struct shape *shape, const struct json *value)
{
	struct json *out = json_object(mem);
	int i;

	for (i = 0; i < shape->n; i++) {
		const struct shape_member *m = &shape->members[i];

		if (json_has(value, m->name))
			json_set(out, m->name,
			    present_one(mem, m, m->type, json_get(value, m->name)));
	}
	return out;
}
