/* parsed - documents that every request reads and hardly anyone changes, parsed once per process */
#include <string.h>

#include "store/parsed.h"

enum { PLACES = 1024 };	/* for some hundred pools and clients; untouched ones cost nothing */

/* Each place belongs to whoever came last; two keys that share one only cost parsing again. */
static struct place {
	struct arena *mem;
	const char *text;
	size_t n;
	const struct json *doc;
} places[PLACES];

static bool
is_hot(enum kv_kind kind)
{
	return kind == KV_POOL || kind == KV_DOMAIN || kind == KV_CLIENT || kind == KV_KEY;
}

static struct place *
place_of(const struct kv_key *key)
{
	const unsigned char *p = key->data;
	uint32_t hash = 2166136261u;	/* FNV-1a */
	size_t i;

	for (i = 0; i < key->n; i++)
		hash = (hash ^ p[i]) * 16777619u;
	return &places[hash % PLACES];
}

static void
release(void *mem)
{
	struct arena *old = mem;

	arena_free(&old);
}

static bool
place_fill(struct rq *rq, struct place *place, const struct kv_value *value, const char **error_r)
{
	struct arena *mem = arena_new();
	struct json *doc;

	if (!json_parse(mem, value->text, value->n, &doc, error_r)) {
		arena_free(&mem);
		return false;
	}
	if (place->mem != NULL)	/* this request may be reading it */
		arena_defer(rq->mem, release, place->mem);
	place->mem = mem;
	place->text = arena_dupn(mem, value->text, value->n);
	place->n = value->n;
	place->doc = doc;
	return true;
}

bool
parsed(struct rq *rq, const struct kv_key *key, const struct kv_value *value,
    const struct json **doc_r, const char **error_r)
{
	struct place *place;
	struct json *doc = NULL;
	bool good;

	if (!is_hot(key->kind)) {
		good = json_parse(rq->mem, value->text, value->n, &doc, error_r);
		*doc_r = doc;
		return good;
	}
	place = place_of(key);
	*doc_r = NULL;
	if ((place->n != value->n || place->text == NULL ||
	    memcmp(place->text, value->text, value->n) != 0) &&
	    !place_fill(rq, place, value, error_r))
		return false;
	*doc_r = place->doc;
	return true;
}
