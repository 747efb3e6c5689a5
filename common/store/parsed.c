/* parsed - documents that are read again and again, parsed once per process */
#include <string.h>

#include "store/parsed.h"

enum { PLACES = 512 };	/* some megabytes at most, where there are many active people */

struct parsed {
	struct arena *mem;		/* its own if it is kept, or the request's */
	const void *key;		/* of what is kept, here and below */
	size_t n_key;
	struct kv_value value;
	uint64_t state;			/* of the store, when it was read last; 0: not known */
	const struct json *doc;
	void *made;			/* what the reader made of it; NULL: nothing yet */
};

/* What most requests read, and what those read who come again. Nothing that holds a secret which is
 * neither hashed nor sealed. */
static const bool kept[KV_NKINDS] = {
	[KV_POOL] = true, [KV_DOMAIN] = true, [KV_CLIENT] = true, [KV_KEY] = true,
	[KV_RESOURCE] = true, [KV_GROUP] = true, [KV_USER] = true, [KV_FAMILY] = true,
	[KV_REFRESH] = true,
};

/* Each place belongs to whoever came last; two keys that share one only cost parsing again. */
static struct parsed *places[PLACES];

static struct parsed **
place_of(const struct kv_key *key)
{
	return &places[kv_hash(key) % PLACES];
}

static void
release(void *mem)
{
	struct arena *old = mem;

	arena_free(&old);
}

static struct parsed *
parse(struct arena *mem, const struct kv_value *value, const char **error_r)
{
	struct parsed *new = arena_alloc(mem, sizeof(*new));
	struct json *doc;

	if (!json_parse(mem, value->text, value->n, &doc, error_r))
		return NULL;
	new->mem = mem;
	new->doc = doc;
	return new;
}

static bool
is_of(const struct parsed *place, const struct kv_key *key)
{
	return place != NULL && place->n_key == key->n &&
	    memcmp(place->key, key->data, key->n) == 0;
}

static bool
place_fill(struct rq *rq, struct parsed **place, const struct kv_key *key,
    const struct kv_value *value, const char **error_r)
{
	struct arena *mem = arena_new();
	struct parsed *new = parse(mem, value, error_r);

	if (new == NULL) {
		arena_free(&mem);
		return false;
	}
	new->key = arena_dupn(mem, key->data, key->n);
	new->n_key = key->n;
	new->value = *value;
	new->value.text = arena_dupn(mem, value->text, value->n);
	if (*place != NULL)	/* this request may be reading it */
		arena_defer(rq->mem, release, (*place)->mem);
	*place = new;
	return true;
}

bool
parsed(struct rq *rq, const struct kv_key *key, const struct kv_value *value, uint64_t state,
    const struct parsed **parsed_r, const char **error_r)
{
	struct parsed **place;

	*parsed_r = NULL;
	if (!kept[key->kind])
		return (*parsed_r = parse(rq->mem, value, error_r)) != NULL;
	place = place_of(key);
	if ((!is_of(*place, key) || (*place)->value.n != value->n ||
	    memcmp((*place)->value.text, value->text, value->n) != 0) &&
	    !place_fill(rq, place, key, value, error_r))
		return false;
	(*place)->value.expires = value->expires;
	(*place)->state = state;
	*parsed_r = *place;
	return true;
}

const struct parsed *
parsed_still(struct rq *rq, const struct kv_key *key, uint64_t state, const struct json **doc_r,
    const struct kv_value **value_r)
{
	const struct parsed *place = kept[key->kind] ? *place_of(key) : NULL;

	if (state == 0 || !is_of(place, key) || place->state != state ||
	    (place->value.expires != 0 && place->value.expires <= rq->now))
		return NULL;
	*doc_r = place->doc;
	*value_r = &place->value;
	return place;
}

const struct json *
parsed_doc(const struct parsed *parsed)
{
	return parsed->doc;
}

void *
parsed_struct(struct arena *mem, const struct parsed *parsed, size_t size,
    void (*fill)(struct arena *mem, const struct json *doc, void *out))
{
	struct parsed *keeper = (struct parsed *)(uintptr_t)parsed;
	void *own = arena_alloc(mem, size);

	if (keeper->made == NULL) {
		keeper->made = arena_alloc(keeper->mem, size);
		fill(keeper->mem, keeper->doc, keeper->made);
	}
	memcpy(own, keeper->made, size);
	return own;
}
