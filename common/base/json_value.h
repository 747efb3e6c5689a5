/* json_value - what is inside a struct json, for json.c, json_parse.c and json_print.c alone
 *
 * The members of an object are a chain in the order they came, and an array of the same sorted by
 * name, so that neither finding one nor refusing one that comes twice is slow, whatever names a
 * stranger makes up. */
#ifndef TARN_BASE_JSON_VALUE_H
#define TARN_BASE_JSON_VALUE_H

#include "base/json.h"

struct member {
	struct member *next;
	const char *name;
	struct json *value;		/* NULL: null */
};

struct members {
	struct member *first, **end;	/* in order; end: where the next one is hung */
	struct member **sorted;
	size_t n, room;
};

struct items {
	struct json **at;
	size_t n, room;
};

/* null is no value but a NULL pointer. */
struct json {
	struct arena *mem;
	enum json_type type;
	union {
		bool flag;
		int64_t n;
		struct { double x; const char *digits; } real;	/* digits: as they were written */
		const char *text;
		struct items *items;
		struct members *members;
	};
};

/* A value of that type with nothing in it: not for containers. */
struct json *json_value_new(struct arena *mem, enum json_type type);

/* The container takes the value, and the name, as they are: they live as long as it does. False if
 * there is a member of that name; then nothing changed. */
void json_hold_element(struct json *array, struct json *value);
bool json_hold_member(struct json *object, const char *name, struct json *value);

#endif
