/* param - bytes become checked values, once, before the handler runs */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "web/cookie.h"
#include "web/param.h"

enum { MOST_PAIRS = 512, LONGEST_MEMBER = 64 };

struct list {
	const struct param_pair *at;
	size_t n;
	bool split, bad;
};

/* The request while its parameters are read; each source is split when a parameter asks for it. */
struct reader {
	struct rq *rq;
	const struct param_source *from;
	struct list query, form;
	bool not_a_form;
};

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent-decodes; NULL if a triplet is bad or the result is not text. */
static const char *
decode(struct arena *mem, const char *s, size_t n)
{
	char *out = arena_array(mem, n + 1, 1);
	size_t i, len = 0;

	for (i = 0; i < n; i++) {
		int high, low;

		if (s[i] != '%') {
			out[len++] = (char)(s[i] == '+' ? ' ' : s[i]);
			continue;
		}
		if (n - i < 3 || (high = digit_value(s[i + 1])) < 0 ||
		    (low = digit_value(s[i + 2])) < 0)
			return NULL;
		out[len++] = (char)(high << 4 | low);
		i += 2;
	}
	return text_is_utf8(out, len) ? out : NULL;
}

static bool
split_pair(struct arena *mem, const char *s, size_t n, struct param_pair *pair)
{
	const char *equals = memchr(s, '=', n);
	size_t name = equals != NULL ? (size_t)(equals - s) : n;

	pair->name = decode(mem, s, name);
	pair->value = equals != NULL ? decode(mem, equals + 1, n - name - 1) : "";
	return pair->name != NULL && pair->value != NULL;
}

static size_t
count_pairs(const char *s, size_t n)
{
	size_t i, count = 1;

	for (i = 0; i < n; i++)
		count += s[i] == '&';
	return count < MOST_PAIRS ? count : MOST_PAIRS;
}

bool
param_split(struct arena *mem, const char *s, size_t n, const struct param_pair **pairs_r,
    size_t *n_r)
{
	size_t most = count_pairs(s, n), len = 0, left = n;
	struct param_pair *pairs = arena_array(mem, most, sizeof(*pairs));
	bool good = true;

	while (left > 0) {
		const char *and = memchr(s, '&', left);
		size_t piece = and != NULL ? (size_t)(and - s) : left;

		if (piece > 0 && len == most) {
			good = false;
			break;
		}
		if (piece > 0 && split_pair(mem, s, piece, &pairs[len]))
			len++;
		else if (piece > 0)
			good = false;
		s += piece + (and != NULL);
		left -= piece + (and != NULL);
	}
	*pairs_r = pairs;
	*n_r = len;
	return good;
}

static void
list_split(struct rq *rq, struct list *list, const char *s, size_t n)
{
	if (list->split)
		return;
	list->split = true;
	list->bad = !param_split(rq->mem, s, n, &list->at, &list->n);
}

static bool
is_form(const char *content_type)
{
	static const char form[] = "application/x-www-form-urlencoded";
	size_t n = strcspn(content_type, "; \t");

	return n == sizeof(form) - 1 && strncasecmp(content_type, form, n) == 0;
}

static bool
is_post(const struct param_source *from)
{
	return text_equal(from->method, "POST");
}

static const struct list *
read_query(struct reader *r)
{
	const char *query = r->from->query != NULL ? r->from->query : "";

	list_split(r->rq, &r->query, query, strlen(query));
	return &r->query;
}

/* Without a body there is nothing whose type could be wrong; nginx passes on an empty one. */
static const struct list *
read_form(struct reader *r)
{
	const struct param_source *from = r->from;
	const char *type = from->content_type != NULL ? from->content_type : "";
	bool body = is_post(from) && (from->nform > 0 || *type != '\0');

	r->not_a_form = body && !is_form(type);
	if (body && !r->not_a_form)
		list_split(r->rq, &r->form, from->form, from->nform);
	return &r->form;
}

static unsigned
sources_of(const struct reader *r, const struct param *param)
{
	unsigned named = param->flags & (QUERY | FORM | HEADER | COOKIE);

	if (named != 0)
		return named;
	return is_post(r->from) ? FORM : QUERY;
}

/* Managed login's script posts JSON texts; one that does not parse is what somebody typed. */
static const char *
unquote(struct rq *rq, const struct param *param, const char *value)
{
	size_t n = strlen(value);
	struct json *json;
	const char *error;

	if ((param->flags & QUOTED) == 0 || n < 2 || value[0] != '"' || value[n - 1] != '"' ||
	    !json_parse(rq->mem, value, n, &json, &error) || json_as_text(json) == NULL)
		return value;
	return json_as_text(json);
}

/* NULL if the value is right, else what is wrong with it. */
static const char *
check(const struct param *param, const char *value)
{
	if (strlen(value) > param->longest)
		return "too long";
	if (!text_is_utf8(value, strlen(value)))
		return "malformed";
	return param->syntax == NULL || param->syntax(value) ? NULL : "malformed";
}

/* One more value for the parameter. Empty values are absent before anything else is asked. */
static void
take(struct reader *r, const struct param *param, const char *value, const char **value_r,
    const char **what_r)
{
	const char *what;

	if (value == NULL || *(value = unquote(r->rq, param, value)) == '\0')
		return;
	if (*value_r != NULL) {
		what = (param->flags & AGAIN) != 0 ? NULL : "repeated";
	} else if ((what = check(param, value)) == NULL) {
		*value_r = value;
	}
	if (*what_r == NULL)
		*what_r = what;
}

static void
take_list(struct reader *r, const struct param *param, const struct list *list,
    const char **value_r, const char **what_r)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->at[i].name, param->name) == 0)
			take(r, param, list->at[i].value, value_r, what_r);
}

static void
read_one(struct reader *r, const struct param *param, const char **value_r, const char **what_r)
{
	unsigned sources = sources_of(r, param);
	const char *cookie, *ignored = NULL;

	*value_r = *what_r = NULL;
	if ((sources & FORM) != 0)
		take_list(r, param, read_form(r), value_r, what_r);
	if ((sources & QUERY) != 0)
		take_list(r, param, read_query(r), value_r, what_r);
	if ((sources & HEADER) != 0 && r->from->header != NULL)
		take(r, param, r->from->header(r->from->transport, param->name), value_r, what_r);
	if ((sources & COOKIE) != 0 && *value_r == NULL) {
		cookie = cookie_named(r->rq->mem, param->name, r->from->cookies);
		take(r, param, cookie, value_r, &ignored);
	}
}

/* "email" of "requiredAttributes[email]"; NULL if it is no member, *bad_r if it is a bad one. */
static const char *
member_of(struct rq *rq, const struct param *param, const char *name, bool *bad_r)
{
	size_t family = strlen(param->name), n;

	if (strncmp(name, param->name, family) != 0 || name[family] != '[')
		return NULL;
	name += family + 1;
	n = strcspn(name, "[]");
	*bad_r = *bad_r || n == 0 || n > LONGEST_MEMBER || strcmp(name + n, "]") != 0 ||
	    !syn_line(name);
	return *bad_r ? NULL : arena_dupn(rq->mem, name, n);
}

struct family {
	struct param_pair *at;
	size_t n;
};

static void
family_add(struct reader *r, const struct param *param, const struct param_pair *pair,
    struct family *family, const char **what_r)
{
	bool bad = false;
	const char *name = member_of(r->rq, param, pair->name, &bad);
	const char *value = NULL;
	size_t i;

	if (bad && *what_r == NULL)
		*what_r = "malformed";
	if (name == NULL)
		return;
	for (i = 0; i < family->n && strcmp(family->at[i].name, name) != 0; i++)
		;
	if (i < family->n)
		value = family->at[i].value;
	take(r, param, pair->value, &value, what_r);
	if (i == family->n && value != NULL)
		family->at[family->n++] = (struct param_pair){ name, value };
}

static void
read_family(struct reader *r, const struct param *param, struct family *family,
    const char **what_r)
{
	const struct list none = { 0 };
	unsigned sources = sources_of(r, param);
	const struct list *lists[] = { (sources & FORM) != 0 ? read_form(r) : &none,
		(sources & QUERY) != 0 ? read_query(r) : &none };
	size_t i, k;

	*what_r = NULL;
	family->n = 0;
	family->at = arena_array(r->rq->mem, lists[0]->n + lists[1]->n + 1, sizeof(*family->at));
	for (i = 0; i < 2; i++)
		for (k = 0; k < lists[i]->n; k++)
			family_add(r, param, &lists[i]->at[k], family, what_r);
}

static const struct param_fault *
new_fault(struct rq *rq, const char *name, const char *what, bool missing)
{
	struct param_fault *fault = arena_alloc(rq->mem, sizeof(*fault));

	*fault = (struct param_fault){ name, what, missing };
	return fault;
}

static const struct param_fault *
read_row(struct reader *r, const struct param *param, const char **value_r)
{
	struct family family = { 0 };
	const char *what;

	*value_r = NULL;
	if ((param->flags & PREFIX) != 0)
		read_family(r, param, &family, &what);
	else
		read_one(r, param, value_r, &what);
	if (what != NULL)
		return new_fault(r->rq, param->name, what, false);
	if ((param->flags & NEEDED) != 0 && *value_r == NULL && family.n == 0)
		return new_fault(r->rq, param->name, "missing", true);
	return NULL;
}

void
param_read(struct rq *rq, const struct param *table, int n, const struct param_source *from,
    const char **args, const struct param_fault **fault_r)
{
	struct reader r = { .rq = rq, .from = from };
	const struct param_fault *fault;
	int i;

	*fault_r = NULL;
	for (i = 0; i < n; i++) {
		fault = read_row(&r, &table[i], &args[i]);
		if (*fault_r == NULL)
			*fault_r = fault;
	}
	/* What is wrong with the whole request comes before what that did to its parameters. */
	if (r.not_a_form)
		*fault_r = new_fault(rq, NULL, "not a form", false);
	else if (r.query.bad || r.form.bad)
		*fault_r = new_fault(rq, NULL, "malformed", false);
}

size_t
param_family(struct rq *rq, const struct param *param, const struct param_source *from,
    const struct param_pair **pairs_r)
{
	struct reader r = { .rq = rq, .from = from };
	struct family family;
	const char *what;

	read_family(&r, param, &family, &what);
	*pairs_r = family.at;
	return family.n;
}

int
param_refuse(struct rq *rq, const struct refusal *how)
{
	return refuse(rq, how, "parameter %s: %s",
	    rq->bad->name != NULL ? rq->bad->name : "(request)", rq->bad->what);
}
