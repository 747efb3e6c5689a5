/* json - JSON text and values (RFC 8259), the wall around json-c
 *
 * Every value belongs to an arena: constructors and json_parse tie it there, json_set and json_add
 * share it. A value read from another lives as long as that one's arena. Readers accept NULL for a
 * missing object and then answer as for a missing member, so that paths can be followed without
 * checks: json_text(json_get(doc, "Policies"), "Name"). */
#ifndef TARN_BASE_JSON_H
#define TARN_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct json;

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

/* Parses one whole text: well-formed UTF-8, at most 32 levels deep, no member twice, nothing after
 * it. False, and a sentence without any of the input in *error_r, if it is not one. */
bool json_parse(struct arena *mem, const char *s, size_t n, struct json **value_r,
    const char **error_r);

/* Compact text; members in the order they were set. */
const char *json_print(struct arena *mem, const struct json *value);

/* The same with each slash written as \/ : the JWT headers of the contract (oauth.md 8). */
const char *json_print_slashes(struct arena *mem, const struct json *value);

/* Indented by four blanks, as the AWS command line prints. */
const char *json_pretty(struct arena *mem, const struct json *value);

/* Construction. */
struct json *json_object(struct arena *mem);
struct json *json_array(struct arena *mem);
struct json *json_new_text(struct arena *mem, const char *s);
struct json *json_new_int(struct arena *mem, int64_t n);
struct json *json_new_real(struct arena *mem, double x);
struct json *json_new_bool(struct arena *mem, bool b);
struct json *json_new_words(struct arena *mem, struct words list);

/* Equal in type and content, members in any order. */
bool json_equal(const struct json *a, const struct json *b);

/* A deep copy, so that a stored document can be changed. */
struct json *json_copy(struct arena *mem, const struct json *value);

/* Sets a member, replacing one of that name; a NULL value sets nothing. */
void json_set(struct json *object, const char *name, const struct json *value);
void json_set_text(struct json *object, const char *name, const char *s);	/* NULL: nothing */
void json_set_int(struct json *object, const char *name, int64_t n);
void json_set_real(struct json *object, const char *name, double x);
void json_set_bool(struct json *object, const char *name, bool b);
void json_drop(struct json *object, const char *name);

void json_add(struct json *array, const struct json *value);
void json_add_text(struct json *array, const char *s);

/* Reading. */
enum json_type json_type(const struct json *value);		/* JSON_NULL for NULL */
const struct json *json_get(const struct json *object, const char *name);	/* or NULL */
bool json_has(const struct json *object, const char *name);	/* present and not null */
const char *json_text(const struct json *object, const char *name);	/* NULL unless a text */
int64_t json_int(const struct json *object, const char *name, int64_t otherwise);
bool json_flag(const struct json *object, const char *name, bool otherwise);
struct words json_words(struct arena *mem, const struct json *object, const char *name);

/* A value itself rather than a member. */
const char *json_as_text(const struct json *value);		/* NULL unless a text */
int64_t json_as_int(const struct json *value);			/* 0 unless a number */
double json_as_real(const struct json *value);
bool json_as_bool(const struct json *value);

size_t json_count(const struct json *container);		/* elements or members */
const struct json *json_at(const struct json *array, size_t i);

/* The first object of a list whose member `name` is this text; NULL: there is none. */
const struct json *json_find(const struct json *array, const char *name, const char *text);

/* for (struct json_member m = json_first(o); m.name != NULL; m = json_next(m)) */
struct json_member {
	const char *name;
	const struct json *value;
	void *at;
};
struct json_member json_first(const struct json *object);
struct json_member json_next(struct json_member m);

#endif
