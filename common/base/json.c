/* json - JSON values: made, changed and read */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_value.h"
#include "base/log.h"

enum { FIRST_ROOM = 4 };

struct json *
json_value_new(struct arena *mem, enum json_type type)
{
	struct json *value = arena_alloc(mem, sizeof(*value));

	value->mem = mem;
	value->type = type;
	return value;
}

static struct items *
items_of(const struct json *array)
{
	if (json_type(array) != JSON_ARRAY)
		log_die("not a JSON array");
	return array->items;
}

static struct members *
members_of(const struct json *object)
{
	if (json_type(object) != JSON_OBJECT)
		log_die("not a JSON object");
	return object->members;
}

/* Room for one more in an array of pointers; what it grows out of stays in the arena. */
static void *
grow(struct arena *mem, void *at, size_t n, size_t *room)
{
	void *larger;

	if (n < *room)
		return at;
	*room = *room == 0 ? FIRST_ROOM : *room * 2;
	larger = arena_array(mem, *room, sizeof(void *));
	if (n > 0)
		memcpy(larger, at, n * sizeof(void *));
	return larger;
}

void
json_hold_element(struct json *array, struct json *value)
{
	struct items *items = items_of(array);

	items->at = grow(array->mem, items->at, items->n, &items->room);
	items->at[items->n++] = value;
}

/* Where the name is among the sorted, or would be. */
static size_t
place_of(const struct members *members, const char *name, bool *there_r)
{
	size_t low = 0, high = members->n;

	*there_r = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, members->sorted[middle]->name);

		if (order == 0) {
			*there_r = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool
json_hold_member(struct json *object, const char *name, struct json *value)
{
	struct members *members = members_of(object);
	struct member *member;
	bool there;
	size_t i = place_of(members, name, &there);

	if (there)
		return false;
	member = arena_alloc(object->mem, sizeof(*member));
	*member = (struct member){ .name = name, .value = value };
	*members->end = member;
	members->end = &member->next;
	members->sorted = grow(object->mem, members->sorted, members->n, &members->room);
	memmove(&members->sorted[i + 1], &members->sorted[i],
	    (members->n - i) * sizeof(struct member *));
	members->sorted[i] = member;
	members->n++;
	return true;
}

static struct member *
find(const struct json *object, const char *name)
{
	bool there = false;
	size_t i = json_type(object) == JSON_OBJECT ?
	    place_of(object->members, name, &there) : 0;

	return there ? object->members->sorted[i] : NULL;
}

/*
 * Construction.
 */

struct json *
json_object(struct arena *mem)
{
	struct json *value = json_value_new(mem, JSON_OBJECT);

	value->members = arena_alloc(mem, sizeof(*value->members));
	value->members->end = &value->members->first;
	return value;
}

struct json *
json_array(struct arena *mem)
{
	struct json *value = json_value_new(mem, JSON_ARRAY);

	value->items = arena_alloc(mem, sizeof(*value->items));
	return value;
}

struct json *
json_new_text(struct arena *mem, const char *s)
{
	struct json *value = json_value_new(mem, JSON_TEXT);

	value->text = arena_dup(mem, s);
	return value;
}

struct json *
json_new_int(struct arena *mem, int64_t n)
{
	struct json *value = json_value_new(mem, JSON_INT);

	value->n = n;
	return value;
}

/* The fewest digits that read back as the same number: 1715100742.022, not ...0220001. */
struct json *
json_new_real(struct arena *mem, double x)
{
	struct json *value = json_value_new(mem, JSON_REAL);
	char s[32];
	int shown;

	if (!isfinite(x))
		log_die("a number that JSON cannot hold");
	for (shown = 15; shown <= 17; shown++) {
		(void)snprintf(s, sizeof(s), "%.*g", shown, x);
		if (fabs(strtod(s, NULL) - x) <= 0)
			break;
	}
	value->real.x = x;
	value->real.digits = arena_dup(mem, s);
	return value;
}

struct json *
json_new_bool(struct arena *mem, bool b)
{
	struct json *value = json_value_new(mem, JSON_BOOL);

	value->flag = b;
	return value;
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

static bool
equal_items(const struct items *a, const struct items *b)
{
	size_t i;

	for (i = 0; i < a->n && a->n == b->n; i++)
		if (!json_equal(a->at[i], b->at[i]))
			return false;
	return a->n == b->n;
}

static bool
equal_members(const struct members *a, const struct members *b)
{
	size_t i;

	for (i = 0; i < a->n && a->n == b->n; i++)
		if (strcmp(a->sorted[i]->name, b->sorted[i]->name) != 0 ||
		    !json_equal(a->sorted[i]->value, b->sorted[i]->value))
			return false;
	return a->n == b->n;
}

bool
json_equal(const struct json *a, const struct json *b)
{
	if (json_type(a) != json_type(b))
		return false;
	switch (json_type(a)) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return a->flag == b->flag;
	case JSON_INT:
		return a->n == b->n;
	case JSON_REAL:
		return !(a->real.x < b->real.x) && !(a->real.x > b->real.x);
	case JSON_TEXT:
		return strcmp(a->text, b->text) == 0;
	case JSON_ARRAY:
		return equal_items(a->items, b->items);
	case JSON_OBJECT:
		return equal_members(a->members, b->members);
	}
	return false;
}

struct json *
json_copy(struct arena *mem, const struct json *value)
{
	struct json *copy;
	const struct member *m;
	size_t i;

	switch (json_type(value)) {
	case JSON_NULL:
		return NULL;
	case JSON_TEXT:
		return json_new_text(mem, value->text);
	case JSON_ARRAY:
		copy = json_array(mem);
		for (i = 0; i < value->items->n; i++)
			json_hold_element(copy, json_copy(mem, value->items->at[i]));
		return copy;
	case JSON_OBJECT:
		copy = json_object(mem);
		for (m = value->members->first; m != NULL; m = m->next)
			(void)json_hold_member(copy, arena_dup(mem, m->name),
			    json_copy(mem, m->value));
		return copy;
	default:
		copy = json_value_new(mem, value->type);
		*copy = *value;
		copy->mem = mem;
		if (value->type == JSON_REAL)
			copy->real.digits = arena_dup(mem, value->real.digits);
		return copy;
	}
}

/* A value as a container holds it: the same, or a copy where the same might not live as long. What
 * is const here is not to everybody: who made it may still change it. */
static struct json *
shared(const struct json *container, const struct json *value)
{
	return value->mem == container->mem ? (struct json *)(uintptr_t)value :
	    json_copy(container->mem, value);
}

static void
put(struct json *object, const char *name, struct json *value)
{
	struct member *old = find(object, name);

	if (old != NULL)
		old->value = value;
	else
		(void)json_hold_member(object, arena_dup(object->mem, name), value);
}

void
json_set(struct json *object, const char *name, const struct json *value)
{
	if (value != NULL)
		put(object, name, shared(object, value));
}

void
json_set_text(struct json *object, const char *name, const char *s)
{
	if (s != NULL)
		put(object, name, json_new_text(object->mem, s));
}

void
json_set_int(struct json *object, const char *name, int64_t n)
{
	put(object, name, json_new_int(object->mem, n));
}

void
json_set_real(struct json *object, const char *name, double x)
{
	put(object, name, json_new_real(object->mem, x));
}

void
json_set_bool(struct json *object, const char *name, bool b)
{
	put(object, name, json_new_bool(object->mem, b));
}

void
json_drop(struct json *object, const char *name)
{
	struct members *members = members_of(object);
	struct member **link = &members->first, *gone;
	bool there;
	size_t i = place_of(members, name, &there);

	if (!there)
		return;
	gone = members->sorted[i];
	while (*link != gone)
		link = &(*link)->next;
	*link = gone->next;
	if (members->end == &gone->next)
		members->end = link;
	members->n--;
	memmove(&members->sorted[i], &members->sorted[i + 1],
	    (members->n - i) * sizeof(struct member *));
}

void
json_add(struct json *array, const struct json *value)
{
	if (value != NULL)
		json_hold_element(array, shared(array, value));
}

void
json_add_text(struct json *array, const char *s)
{
	json_hold_element(array, json_new_text(array->mem, s));
}

/*
 * Reading.
 */

enum json_type
json_type(const struct json *value)
{
	return value == NULL ? JSON_NULL : value->type;
}

const struct json *
json_get(const struct json *object, const char *name)
{
	const struct member *m = find(object, name);

	return m == NULL ? NULL : m->value;
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

	return json_type(value) == JSON_BOOL ? value->flag : otherwise;
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
	return json_type(value) == JSON_TEXT ? value->text : NULL;
}

int64_t
json_as_int(const struct json *value)
{
	const double beyond = 9223372036854775808.0;	/* 2^63 */

	if (json_type(value) == JSON_INT)
		return value->n;
	if (json_type(value) != JSON_REAL)
		return 0;
	if (value->real.x >= beyond)
		return INT64_MAX;
	return value->real.x < -beyond ? INT64_MIN : (int64_t)value->real.x;
}

double
json_as_real(const struct json *value)
{
	if (json_type(value) == JSON_INT)
		return (double)value->n;
	return json_type(value) == JSON_REAL ? value->real.x : 0;
}

bool
json_as_bool(const struct json *value)
{
	return json_type(value) == JSON_BOOL && value->flag;
}

size_t
json_count(const struct json *container)
{
	if (json_type(container) == JSON_ARRAY)
		return container->items->n;
	return json_type(container) == JSON_OBJECT ? container->members->n : 0;
}

const struct json *
json_at(const struct json *array, size_t i)
{
	return json_type(array) == JSON_ARRAY && i < array->items->n ? array->items->at[i] : NULL;
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
member_at(const struct member *m)
{
	return m == NULL ? (struct json_member){ NULL, NULL, NULL } :
	    (struct json_member){ m->name, m->value, m->next };
}

struct json_member
json_first(const struct json *object)
{
	return member_at(json_type(object) == JSON_OBJECT ? object->members->first : NULL);
}

struct json_member
json_next(struct json_member m)
{
	return member_at(m.at);
}
