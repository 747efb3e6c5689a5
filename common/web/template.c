/* template - pages and mails: mustache over JSON */
#include <errno.h>
#include <string.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/text.h"
#include "web/context.h"
#include "web/html.h"
#include "web/template.h"

enum { DEEPEST = 16, LONGEST_PAGE = 256 * 1024, LONGEST_NAME = 64 };

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_ATTR, NODE_URL, NODE_SENTENCE, NODE_SECTION,
	NODE_INVERTED, NODE_PARTIAL };

struct node {
	enum node_kind kind;
	const char *text;	/* the text, or the name as written */
	size_t n;		/* of the text */
	struct words path;	/* the name cut at its dots; of a sentence that of its argument */
	size_t end;		/* of a section: the first node behind it */
};

struct template {
	struct template *next;
	const char *name;	/* with its suffix */
	bool html;
	struct node *nodes;
	size_t n;
};

/* The files read so far; they live as long as the process. */
static struct {
	struct arena *mem;
	struct template *first;
} cache;

/*
 * Parsing.
 */

struct parser {
	struct rq *rq;
	struct arena *mem;
	struct template *made;
	const char *start, *at;
	struct context context;
	struct {
		size_t node;
		struct context context;
	} open[DEEPEST];	/* the sections not closed yet, and where they began */
	size_t nopen;
};

static int
parse_fail(const struct parser *p, const char *what)
{
	const char *s;
	int line = 1;

	for (s = p->start; s < p->at; s++)
		line += *s == '\n';
	return fault(p->rq, "template %s, line %d: %s", p->made->name, line, what);
}

static struct node *
node_add(struct parser *p, enum node_kind kind, const char *text, size_t n)
{
	struct node *node = &p->made->nodes[p->made->n++];

	node->kind = kind;
	node->text = arena_dupn(p->mem, text, n);
	node->n = n;
	return node;
}

static bool
name_is_good(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:.");

	return n > 0 && n <= LONGEST_NAME && s[n] == '\0';
}

/* Mails have no contexts, nothing in them is escaped. */
static int
parse_place(struct parser *p, enum context_use use)
{
	const char *why = p->made->html ? context_tag(&p->context, use) : NULL;

	return why == NULL ? 0 : parse_fail(p, why);
}

static int
parse_named(struct parser *p, enum node_kind kind, const char *name)
{
	struct node *node;

	if (!name_is_good(name))
		return parse_fail(p, "a tag without a proper name");
	node = node_add(p, kind, name, strlen(name));
	node->path = words_split(p->mem, name, '.');
	return 0;
}

static int
parse_encoded(struct parser *p, enum node_kind kind, enum context_use use, const char *name)
{
	if (parse_place(p, use) != 0)
		return FAULT;
	return parse_named(p, kind, name);
}

static int
parse_section(struct parser *p, enum node_kind kind, const char *name)
{
	if (p->nopen == DEEPEST)
		return parse_fail(p, "nested too deep");
	p->open[p->nopen].node = p->made->n;
	p->open[p->nopen++].context = p->context;
	return parse_named(p, kind, name);
}

static int
parse_close(struct parser *p, const char *name)
{
	const struct context *began;
	struct node *section;

	if (p->nopen == 0)
		return parse_fail(p, "a section is closed that is not open");
	section = &p->made->nodes[p->open[--p->nopen].node];
	began = &p->open[p->nopen].context;
	if (strcmp(section->text, name) != 0)
		return parse_fail(p, "another section is open");
	if (!context_same(began, &p->context))
		return parse_fail(p, "a section ends in another context than it began in");
	if (began->nvalue == 0)	/* it may render nothing: what follows can still be first */
		p->context.nvalue = 0;
	section->end = p->made->n;
	return 0;
}

static int
parse_sentence(struct parser *p, const char *key, const char *value)
{
	if (!name_is_good(key) || (value != NULL && !name_is_good(value)))
		return parse_fail(p, "a sentence without a proper name");
	if (parse_place(p, USE_ATTR) != 0)
		return FAULT;
	node_add(p, NODE_SENTENCE, key, strlen(key))->path = words_split(p->mem, value, '.');
	return 0;
}

static int
parse_value(struct parser *p, const char *tag)
{
	struct words words = words_split(p->rq->mem, tag, ' ');

	if (words.n == 1)
		return parse_encoded(p, NODE_VALUE, USE_TEXT, words.at[0]);
	if (words.n == 2 && strcmp(words.at[0], "attr") == 0)
		return parse_encoded(p, NODE_ATTR, USE_ATTR, words.at[1]);
	if (words.n == 2 && strcmp(words.at[0], "url") == 0)
		return parse_encoded(p, NODE_URL, USE_URL, words.at[1]);
	if ((words.n == 2 || words.n == 3) && strcmp(words.at[0], "t") == 0)
		return parse_sentence(p, words.at[1], words.at[2]);
	return parse_fail(p, "an unknown tag");
}

static const char *
trim(struct arena *mem, const char *s, size_t n)
{
	for (; n > 0 && strchr(" \t\r\n", *s) != NULL; s++)
		n--;
	for (; n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL; n--)
		;
	return arena_dupn(mem, s, n);
}

static int
parse_tag(struct parser *p, const char *tag)
{
	const char *name = *tag != '\0' ? trim(p->rq->mem, tag + 1, strlen(tag + 1)) : "";

	switch (*tag) {
	case '!':
		return 0;
	case '#':
		return parse_section(p, NODE_SECTION, name);
	case '^':
		return parse_section(p, NODE_INVERTED, name);
	case '/':
		return parse_close(p, name);
	case '>':
		return parse_encoded(p, NODE_PARTIAL, USE_PART, name);
	default:
		return parse_value(p, tag);
	}
}

/* A tag that prints nothing and stands alone on its line takes the line with it (mustache spec,
 * "standalone"). text is what precedes the tag since the one before; end is behind the tag. Cuts
 * the text's last blanks and returns where to go on. */
static const char *
take_line(const struct parser *p, const char *text, size_t *n, const char *end)
{
	size_t before = *n, after = strspn(end, " \t\r");

	while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\t'))
		before--;
	if (before > 0 ? text[before - 1] != '\n' : text != p->start && text[-1] != '\n')
		return end;
	if (end[after] != '\n' && end[after] != '\0')
		return end;
	*n = before;
	return end + after + (end[after] == '\n');
}

static void
parse_text(struct parser *p, const char *text, size_t n)
{
	if (n > 0)
		node_add(p, NODE_TEXT, text, n);
	if (p->made->html)
		context_text(&p->context, text, n);
}

/* From one tag to behind the next, or to the end. */
static int
parse_step(struct parser *p)
{
	const char *text = p->at, *open = strstr(text, "{{"), *close, *tag, *next;
	size_t n = open != NULL ? (size_t)(open - text) : strlen(text);

	if (open == NULL) {
		parse_text(p, text, n);
		p->at = text + n;
		return 0;
	}
	p->at = open;
	if ((close = strstr(open, "}}")) == NULL)
		return parse_fail(p, "a tag without end");
	tag = trim(p->rq->mem, open + 2, (size_t)(close - open - 2));
	next = close + 2;
	if (*tag != '\0' && strchr("!#^/>", *tag) != NULL)
		next = take_line(p, text, &n, next);
	parse_text(p, text, n);
	if (parse_tag(p, tag) != 0)
		return FAULT;
	p->at = next;
	return 0;
}

static size_t
count_tags(const char *s)
{
	size_t n = 0;

	for (; (s = strstr(s, "{{")) != NULL; s += 2)
		n++;
	return n;
}

static int
parse(struct rq *rq, struct arena *mem, const char *name, bool html, const char *text,
    struct template **made_r)
{
	struct template *made = arena_alloc(mem, sizeof(*made));
	struct parser p = { .rq = rq, .mem = mem, .made = made, .start = text, .at = text };

	*made_r = NULL;
	made->name = arena_dup(mem, name);
	made->html = html;
	made->nodes = arena_array(mem, 2 * count_tags(text) + 1, sizeof(*made->nodes));
	while (*p.at != '\0')
		if (parse_step(&p) != 0)
			return FAULT;
	if (p.nopen > 0)
		return parse_fail(&p, "a section is not closed");
	if (p.context.place != IN_TEXT)
		return parse_fail(&p, "the end is inside of a tag, a value, a script or a comment");
	*made_r = made;
	return 0;
}

/*
 * Files.
 */

static struct template *
cache_find(const char *file)
{
	struct template *t;

	for (t = cache.first; t != NULL && strcmp(t->name, file) != 0; t = t->next)
		;
	return t;
}

static int
template_read(struct rq *rq, const char *file, const struct template **made_r)
{
	const char *path = arena_printf(rq->mem, "%s/%s", conf->templates, file), *text;
	struct template *made;
	size_t n;

	if ((text = file_read(rq->mem, path, LONGEST_PAGE, &n)) == NULL)
		return fault(rq, "%s: %s", path, strerror(errno));
	if (!text_is_utf8(text, n))
		return fault(rq, "%s: not UTF-8", path);
	if (cache.mem == NULL)
		cache.mem = arena_new();
	if (parse(rq, cache.mem, file, text_ends(file, ".html"), text, &made) != 0)
		return FAULT;
	made->next = cache.first;
	cache.first = made;
	*made_r = made;
	return 0;
}

/* Names come from templates and programs, yet nothing outside the folder is ever read. */
static int
template_open(struct rq *rq, const char *name, const char *suffix, const struct template **made_r)
{
	const char *file = arena_printf(rq->mem, "%s%s", name, suffix);

	*made_r = NULL;
	if (*name == '/' || strstr(name, "..") != NULL)
		return fault(rq, "template %s: outside the folder", name);
	if ((*made_r = cache_find(file)) != NULL)
		return 0;
	return template_read(rq, file, made_r);
}

/*
 * Rendering.
 */

struct render {
	struct rq *rq;
	const struct json *sentences;
	struct buf *out;
	size_t most;				/* of out->len */
	const struct json *scope[DEEPEST + 1];	/* the model, then what each open section chose */
	size_t nscope;
	int level;
};

static int render_nodes(struct render *r, const struct template *t, size_t from, size_t to);

/* The first part of a name is looked for from the innermost section outwards, the others in it. */
static const struct json *
lookup(const struct render *r, struct words path)
{
	const struct json *value = NULL;
	size_t i;

	if (path.n == 0)	/* {{.}} */
		return r->scope[r->nscope - 1];
	for (i = r->nscope; i > 0 && value == NULL; i--)
		if (json_type(r->scope[i - 1]) == JSON_OBJECT)
			value = json_get(r->scope[i - 1], path.at[0]);
	for (i = 1; i < path.n && value != NULL; i++)
		value = json_type(value) == JSON_OBJECT ? json_get(value, path.at[i]) : NULL;
	return value;
}

static bool
is_true(const struct json *value)
{
	switch (json_type(value)) {
	case JSON_NULL:
		return false;
	case JSON_BOOL:
		return json_as_bool(value);
	case JSON_INT:
		return json_as_int(value) != 0;
	case JSON_TEXT:
		return *json_as_text(value) != '\0';
	case JSON_ARRAY:
		return json_count(value) > 0;
	default:
		return true;
	}
}

static const char *
value_text(struct arena *mem, const struct json *value)
{
	switch (json_type(value)) {
	case JSON_TEXT:
		return json_as_text(value);
	case JSON_BOOL:
	case JSON_INT:
	case JSON_REAL:
		return json_print(mem, value);
	default:
		return "";
	}
}

static int
render_value(struct render *r, const struct template *t, const struct node *node)
{
	static void (*const escape[])(struct buf *, const char *) = {
		[NODE_VALUE] = html_text, [NODE_ATTR] = html_attr, [NODE_URL] = html_url
	};
	const char *s = value_text(r->rq->mem, lookup(r, node->path));

	if (t->html)
		escape[node->kind](r->out, s);
	else
		buf_text(r->out, s);
	return 0;
}

/* Sentences stand in attributes too (labels, placeholders), so quotes are escaped as well. */
static int
render_sentence(struct render *r, const struct template *t, const struct node *node)
{
	const char *s = json_text(r->sentences, node->text);

	if (s == NULL)
		return fault(r->rq, "template %s: no sentence \"%s\"", t->name, node->text);
	if (node->path.at != NULL && node->path.n > 0)
		s = text_fill(r->rq->mem, s, value_text(r->rq->mem, lookup(r, node->path)));
	if (t->html)
		html_attr(r->out, s);
	else
		buf_text(r->out, s);
	return 0;
}

static int
render_inside(struct render *r, const struct template *t, size_t i, const struct json *value)
{
	int rc;

	r->scope[r->nscope++] = value;
	rc = render_nodes(r, t, i + 1, t->nodes[i].end);
	r->nscope--;
	return rc;
}

static int
render_section(struct render *r, const struct template *t, size_t i)
{
	const struct json *value = lookup(r, t->nodes[i].path);
	size_t k;
	int rc;

	if (t->nodes[i].kind == NODE_INVERTED)
		return is_true(value) ? 0 : render_nodes(r, t, i + 1, t->nodes[i].end);
	if (json_type(value) != JSON_ARRAY)
		return is_true(value) ? render_inside(r, t, i, value) : 0;
	for (k = 0; k < json_count(value); k++)
		if ((rc = render_inside(r, t, i, json_at(value, k))) != 0)
			return rc;
	return 0;
}

static int
render_partial(struct render *r, const struct template *t, const struct node *node)
{
	const struct template *part;

	if (template_open(r->rq, node->text, t->html ? ".html" : ".txt", &part) != 0)
		return FAULT;
	return render_nodes(r, part, 0, part->n);
}

static int
render_node(struct render *r, const struct template *t, size_t i)
{
	const struct node *node = &t->nodes[i];

	switch (node->kind) {
	case NODE_TEXT:
		buf_add(r->out, node->text, node->n);
		return 0;
	case NODE_SENTENCE:
		return render_sentence(r, t, node);
	case NODE_SECTION:
	case NODE_INVERTED:
		return render_section(r, t, i);
	case NODE_PARTIAL:
		return render_partial(r, t, node);
	default:
		return render_value(r, t, node);
	}
}

static int
render_nodes(struct render *r, const struct template *t, size_t from, size_t to)
{
	size_t i;
	int rc = 0;

	if (r->level == DEEPEST)
		return fault(r->rq, "template %s: nested too deep", t->name);
	r->level++;
	for (i = from; i < to && rc == 0; i = t->nodes[i].end > i ? t->nodes[i].end : i + 1) {
		rc = render_node(r, t, i);
		if (rc == 0 && (buf_over(r->out) || r->out->len > r->most))
			rc = fault(r->rq, "template %s: the page is too long", t->name);
	}
	r->level--;
	return rc;
}

static int
render(struct rq *rq, const struct template *t, const struct json *model,
    const struct json *sentences, struct buf *out)
{
	struct render r = { .rq = rq, .sentences = sentences, .out = out, .scope = { model },
		.nscope = 1, .most = out->len + LONGEST_PAGE };

	return render_nodes(&r, t, 0, t->n);
}

int
template_render(struct rq *rq, const char *name, const struct json *model,
    const struct json *sentences, struct buf *out)
{
	bool whole = text_ends(name, ".txt") || text_ends(name, ".html");
	const struct template *t;

	if (template_open(rq, name, whole ? "" : ".html", &t) != 0)
		return FAULT;
	return render(rq, t, model, sentences, out);
}

int
template_render_text(struct rq *rq, const char *text, bool html, const struct json *model,
    const struct json *sentences, struct buf *out)
{
	struct template *t;

	if (parse(rq, rq->mem, html ? "(html)" : "(text)", html, text, &t) != 0)
		return FAULT;
	return render(rq, t, model, sentences, out);
}
