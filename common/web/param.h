/* param - bytes become checked values, once, before the handler runs
 *
 * A page declares its parameters in a table: name, syntax, longest, flags. Query, form, headers
 * and cookies are different sources and never merged; a parameter comes from the sources its
 * flags name (none: the form of a POST, the query of a GET). Values are percent-decoded,
 * well-formed UTF-8 and NUL-free. A parameter of the table that occurs twice, is too long or has
 * the wrong form makes the request bad; an empty value counts as absent; names not in the table are
 * ignored. Cookies are milder, since anyone near the host can plant one: the first counts, and one
 * that is too long or has the wrong form counts as absent. */
#ifndef TARN_WEB_PARAM_H
#define TARN_WEB_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rq.h"
#include "base/syntax.h"

enum param_flag {
	NEEDED = 1,		/* absence makes the request bad */
	SECRET = 2,		/* its value never reaches a log or a page */
	QUERY = 4,		/* read from the query, also of a POST */
	FORM = 8,		/* read from the form */
	HEADER = 16,		/* a request header: its name in the protocol ("Authorization") */
	COOKIE = 32,
	QUOTED = 64,		/* "\"x\"" means x: managed login's own script (pages.md 3) */
	AGAIN = 128,		/* a repetition is ignored and the first counts */
	PREFIX = 256		/* a family, requiredAttributes[email]; the name is what precedes
				 * the bracket, the argument stays NULL: ask param_family */
};

struct param {
	const char *name;
	syntax_fn *syntax;
	size_t longest;		/* bytes, decoded */
	unsigned flags;
};

/* What is wrong with a request's parameters. */
struct param_fault {
	const char *name;	/* of the parameter: a literal of the table; NULL: of the request */
	const char *what;	/* "missing", "repeated", "too long", "malformed", "not a form" */
	bool missing;
};

/* The raw request, as the transport has it. */
struct param_source {
	const char *method, *query, *content_type, *cookies, *form;
	size_t nform;
	const char *(*header)(const void *transport, const char *name);
	const void *transport;
};

/* Fills args (n entries, NULL where absent). *fault_r is NULL, or the first thing wrong; the other
 * values are there all the same, for pages that answer faults only after other checks. */
void param_read(struct rq *rq, const struct param *table, int n, const struct param_source *from,
    const char **args, const struct param_fault **fault_r);

/* Refuses because of rq->bad (not NULL), saying which parameter and what is wrong with it. */
int param_refuse(struct rq *rq, const struct refusal *how);

/* The members of a PREFIX parameter: requiredAttributes[email]=x as "email" and "x". Members that
 * param_read found fault with are left out. */
struct param_pair { const char *name, *value; };
size_t param_family(struct rq *rq, const struct param *param, const struct param_source *from,
    const struct param_pair **pairs_r);

/* Splits application/x-www-form-urlencoded text (WHATWG URL 5.1), at most 512 pairs. False if it
 * is malformed (bad percent triplet, bad UTF-8, NUL, too many); its good pairs are there. */
bool param_split(struct arena *mem, const char *s, size_t n, const struct param_pair **pairs_r,
    size_t *n_r);

#endif
