/* shape - the one table of data shapes
 *
 * shapes.tsv (the Cognito API's operations and structures), shapes-tarn.tsv (where Tarn departs
 * from it) and records.tsv (what Tarn keeps) become one const table. It checks the arguments of an
 * operation and every record before it is stored, drives the options of the tarn command, and says
 * which members no message shows. */
#ifndef TARN_BASE_SHAPE_H
#define TARN_BASE_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/rq.h"

enum shape_type {
	SHAPE_TEXT, SHAPE_INT, SHAPE_BOOL, SHAPE_TIME, SHAPE_BLOB, SHAPE_LIST, SHAPE_MAP,
	SHAPE_STRUCT, SHAPE_DOCUMENT
};

struct shape;

struct shape_member {
	const char *name;
	enum shape_type type;
	enum shape_type of;		/* elements of a list, values of a map */
	const struct shape *shape;	/* of a struct, or of the structs of a list or map */
	bool needed;
	bool never;			/* must not be there: a record does not keep it */
	bool sensitive;			/* no message shows its value */
	int64_t min, max;		/* length, count or value; -1: no bound */
	int64_t of_min, of_max;		/* of each element's text; -1: no bound */
	int64_t key_min, key_max;	/* of each key of a map; -1: no bound */
	const char *key_pattern;
	const char *pattern;		/* each whole text must match; NULL: any */
	const char *const *words;	/* or be one of these; ends with NULL; NULL: any */
};

struct shape {
	const char *name;		/* "CreateGroup.in", "UserType", "Family" */
	const struct shape_member *members;
	int n;
	bool no_body;			/* the answer of an operation: nothing rather than {} */
};

/* All of them, by name in the order of strcmp. */
extern const struct shape shape_table[];
extern const int shape_table_n;

/* NULL if there is none of that name. */
const struct shape *shape_find(const char *name);

const struct shape_member *shape_member(const struct shape *shape, const char *name);

/* Checks value against shape: types, needed members, bounds, words, patterns. Unknown members are
 * ignored and a null counts as absent. Refuses InvalidParameterException with the messages of
 * idp-api.md 1.3, at most ten of them, never with the value of a secret member; wrong JSON types
 * refuse SerializationException. */
int shape_check(struct rq *rq, const struct shape *shape, const struct json *value);

/* value with only the members the shape names (struct members followed inside). */
struct json *shape_project(struct arena *mem, const struct shape *shape, const struct json *value);

/* Decoding an object into a struct by a table. */
enum bind_type { BIND_TEXT, BIND_INT, BIND_BOOL, BIND_TRUE, BIND_WORDS, BIND_JSON };

struct bind {
	const char *member;	/* a dotted path goes inside: "Policies.PasswordPolicy" */
	enum bind_type type;	/* BIND_BOOL is false when absent, BIND_TRUE is true; INT is 0 */
	size_t offset;		/* of const char *, int64_t, bool, struct words or struct json * */
};

/* Ends at the row without a member. Memory is mem's and value's. */
void shape_bind(struct arena *mem, const struct bind *table, const struct json *value, void *out);

#endif
