/* grants - what a sign-in leaves behind: browser session, authorization code, refresh-token
 * family */
#include <stddef.h>

#include "base/conf.h"
#include "base/shape.h"
#include "store/grants.h"
#include "store/user.h"

enum { ACCESS_LIFE = 24 * 3600 * 1000 };	/* ms; the longest an app client can ask for */

static const struct bind grant_table[] = {
	{ "Id", BIND_TEXT, offsetof(struct grant, id) },
	{ "ClientId", BIND_TEXT, offsetof(struct grant, client) },
	{ "Username", BIND_TEXT, offsetof(struct grant, username) },
	{ "Sub", BIND_TEXT, offsetof(struct grant, sub) },
	{ "Scope", BIND_TEXT, offsetof(struct grant, scope) },
	{ "Nonce", BIND_TEXT, offsetof(struct grant, nonce) },
	{ "Resource", BIND_TEXT, offsetof(struct grant, resource) },
	{ "Jkt", BIND_TEXT, offsetof(struct grant, jkt) },
	{ "Acr", BIND_TEXT, offsetof(struct grant, acr) },
	{ "Amr", BIND_TEXT, offsetof(struct grant, amr) },
	{ "Sid", BIND_TEXT, offsetof(struct grant, sid) },
	{ "AuthTime", BIND_INT, offsetof(struct grant, auth_time) },
	{ "Created", BIND_INT, offsetof(struct grant, created) },
	{ "Expires", BIND_INT, offsetof(struct grant, expires) },
	{ NULL, BIND_TEXT, 0 },
};

struct json *
grant_doc(struct rq *rq, const struct grant *grant)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Id", grant->id);
	json_set_text(doc, "ClientId", grant->client);
	json_set_text(doc, "Username", grant->username);
	json_set_text(doc, "Sub", grant->sub);
	json_set_text(doc, "Scope", grant->scope);
	json_set_text(doc, "Nonce", grant->nonce);
	json_set_text(doc, "Resource", grant->resource);
	json_set_text(doc, "Jkt", grant->jkt);
	json_set_text(doc, "Acr", grant->acr);
	json_set_text(doc, "Amr", grant->amr);
	json_set_text(doc, "Sid", grant->sid);
	json_set_int(doc, "AuthTime", grant->auth_time);
	json_set_int(doc, "Created", grant->created);
	json_set_int(doc, "Expires", grant->expires);
	return doc;
}

void
grant_read(struct arena *mem, const struct json *doc, struct grant *grant_r)
{
	shape_bind(mem, grant_table, doc, grant_r);
}

/*
 * Authorization codes.
 */

static const struct kv_key *
code_key(struct rq *rq, const char *pool, const char *hash)
{
	return kv_key(rq->mem, KV_CODE, pool, hash, NULL);
}

/* A code lives as its setting says, whatever the life of the grant it stands for. */
int
code_put(struct rq *rq, const char *pool, const char *hash, const struct code *code)
{
	struct json *doc = grant_doc(rq, &code->grant);

	json_set_text(doc, "RedirectUri", code->redirect_uri);
	json_set_text(doc, "Challenge", code->challenge);
	return record_create(rq, code_key(rq, pool, hash), doc,
	    rq->now + conf->code_seconds * 1000);
}

int
code_take(struct rq *rq, const char *pool, const char *hash, const struct code **code_r)
{
	const struct record *record;
	struct code *code;
	int r;

	*code_r = NULL;
	r = record_get(rq, code_key(rq, pool, hash), &record);
	if (r != 0 || record == NULL)
		return r;
	record_take(rq, record);
	code = arena_alloc(rq->mem, sizeof(*code));
	grant_read(rq->mem, record->doc, &code->grant);
	code->redirect_uri = json_text(record->doc, "RedirectUri");
	code->challenge = json_text(record->doc, "Challenge");
	code->family = json_text(record->doc, "Family");
	code->record = record;
	*code_r = code;
	return 0;
}

/*
 * Authorization requests that were pushed.
 */

static const struct kv_key *
pushed_key(struct rq *rq, const char *pool, const char *hash)
{
	return kv_key(rq->mem, KV_PUSHED, pool, hash, NULL);
}

int
pushed_put(struct rq *rq, const char *pool, const char *hash, const struct pushed *pushed,
    int64_t expires)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "ClientId", pushed->client);
	json_set_text(doc, "Query", pushed->query);
	return record_create(rq, pushed_key(rq, pool, hash), doc, expires);
}

int
pushed_get(struct rq *rq, const char *pool, const char *hash, const struct pushed **pushed_r)
{
	const struct record *record;
	struct pushed *pushed;
	int r;

	*pushed_r = NULL;
	r = record_get(rq, pushed_key(rq, pool, hash), &record);
	if (r != 0 || record == NULL)
		return r;
	pushed = arena_alloc(rq->mem, sizeof(*pushed));
	pushed->client = json_text(record->doc, "ClientId");
	pushed->query = json_text(record->doc, "Query");
	pushed->record = record;
	*pushed_r = pushed;
	return 0;
}

int
pushed_later(struct rq *rq, const struct pushed *pushed, int64_t expires)
{
	struct json *doc;

	if (json_flag(pushed->record->doc, "Brought", false))
		return 0;
	doc = json_copy(rq->mem, pushed->record->doc);
	json_set_bool(doc, "Brought", true);
	return record_change(rq, pushed->record, doc, expires);
}

void
pushed_take(struct rq *rq, const struct pushed *pushed)
{
	record_take(rq, pushed->record);
}

int
code_spend(struct rq *rq, const struct code *code, const char *family)
{
	struct json *doc = json_copy(rq->mem, code->record->doc);

	json_set_text(doc, "Family", family);
	return record_put(rq, code->record->key, doc, code->record->seen->expires);
}

/*
 * Browser sessions.
 */

static const struct kv_key *
session_key(struct rq *rq, const char *pool, const char *hash)
{
	return kv_key(rq->mem, KV_SESSION, pool, hash, NULL);
}

int
session_get(struct rq *rq, const char *pool, const char *hash, const struct session **session_r)
{
	const struct record *record;
	struct session *session;
	int r;

	*session_r = NULL;
	r = record_get(rq, session_key(rq, pool, hash), &record);
	if (r != 0 || record == NULL)
		return r;
	session = arena_alloc(rq->mem, sizeof(*session));
	session->id = json_text(record->doc, "Id");
	session->clients = json_words(rq->mem, record->doc, "Clients");
	session->key = record->key;
	session->expires = record->seen->expires;
	session->username = json_text(record->doc, "Username");
	session->sub = json_text(record->doc, "Sub");
	session->methods = json_text(record->doc, "Methods");
	session->auth_time = json_int(record->doc, "AuthTime", 0);
	session->record = record;
	*session_r = session;
	return 0;
}

static struct json *
session_doc(struct rq *rq, const struct session *session)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Id", session->id);
	json_set_text(doc, "Username", session->username);
	json_set_text(doc, "Sub", session->sub);
	json_set_text(doc, "Methods", session->methods);
	json_set_int(doc, "AuthTime", session->auth_time);
	if (session->clients.n > 0)
		json_set(doc, "Clients", json_new_words(rq->mem, session->clients));
	return doc;
}

int
session_put(struct rq *rq, const char *pool, const char *hash, struct session *session,
    int64_t expires)
{
	session->key = session_key(rq, pool, hash);
	session->expires = expires;
	return record_put(rq, session->key, session_doc(rq, session), expires);
}

int
session_note(struct rq *rq, const struct session *session, const char *client)
{
	struct session more = *session;
	struct json *doc;

	if (words_have(session->clients, client))
		return 0;
	more.clients = words_split(rq->mem, arena_join(rq->mem,
	    words_join(rq->mem, session->clients, " "), " ", client), ' ');
	doc = session_doc(rq, &more);
	return session->record != NULL ?
	    record_change(rq, session->record, doc, session->expires) :
	    record_put(rq, session->key, doc, session->expires);
}

void
session_drop(struct rq *rq, const char *pool, const char *hash)
{
	kv_drop(rq, session_key(rq, pool, hash));
}

/*
 * Families: what the tokens of one sign-in have in common, and its refresh token's hash.
 */

static const struct kv_key *
refresh_key(struct rq *rq, const char *pool, const char *token)
{
	return kv_key(rq->mem, KV_REFRESH, pool, token, NULL);
}

int
family_get(struct rq *rq, const char *pool, const char *id, const struct grant **grant_r)
{
	const struct record *record;
	struct grant *grant;
	int r;

	*grant_r = NULL;
	r = record_get(rq, kv_key(rq->mem, KV_FAMILY, pool, id, NULL), &record);
	if (r != 0 || record == NULL)
		return r;
	grant = arena_alloc(rq->mem, sizeof(*grant));
	grant_read(rq->mem, record->doc, grant);
	grant->record = record;
	*grant_r = grant;
	return 0;
}

int
family_find(struct rq *rq, const char *pool, const char *token, const struct grant **grant_r)
{
	const struct record *record;
	const struct grant *family;
	struct grant *grant;
	int r;

	*grant_r = NULL;
	r = record_get(rq, refresh_key(rq, pool, token), &record);
	if (r != 0 || record == NULL)
		return r;
	r = family_get(rq, pool, json_text(record->doc, "Family"), &family);
	if (r != 0 || family == NULL)
		return r;
	grant = arena_alloc(rq->mem, sizeof(*grant));
	*grant = *family;
	grant->refresh = record;
	grant->spent = json_has(record->doc, "Spent") &&
	    json_int(record->doc, "Spent", 0) <= rq->now;
	*grant_r = grant;
	return 0;
}

static int
refresh_put(struct rq *rq, const char *pool, const struct grant *grant, const char *token)
{
	struct json *doc = json_object(rq->mem);

	json_set_text(doc, "Family", grant->id);
	return record_put(rq, refresh_key(rq, pool, token), doc, grant->expires);
}

static int
family_create(struct rq *rq, const char *pool, const struct grant *grant, const struct json *doc,
    int64_t end)
{
	return record_create(rq, kv_key(rq->mem, KV_FAMILY, pool, grant->id, NULL), doc, end);
}

int
family_put(struct rq *rq, const char *pool, const struct grant *grant)
{
	return family_create(rq, pool, grant, grant_doc(rq, grant), grant->expires);
}

/* An access token that the refresh token gave in its last minutes is good until it expires itself:
 * so long its family must be there. */
static int64_t
family_end(const struct grant *grant)
{
	return grant->expires + ACCESS_LIFE;
}

int
family_put_refreshable(struct rq *rq, const char *pool, const struct grant *grant,
    const char *token)
{
	struct json *doc = grant_doc(rq, grant);
	int r;

	json_set_text(doc, "Refresh", token);
	r = family_create(rq, pool, grant, doc, family_end(grant));
	return r != 0 ? r : refresh_put(rq, pool, grant, token);
}

/* The time after which the old token is spent, which is never put off. */
static int
refresh_remember(struct rq *rq, const struct record *old, int64_t end)
{
	struct json *doc = json_copy(rq->mem, old->doc);

	if (json_int(old->doc, "Spent", end) < end)
		return 0;
	json_set_int(doc, "Spent", end);
	return record_change(rq, old, doc, old->seen->expires);
}

/* The old token's record goes, or is left to expire; its end is never put off. */
int
family_rotate(struct rq *rq, const char *pool, const struct grant *grant, const char *token,
    int64_t grace, bool remember)
{
	struct json *doc = json_copy(rq->mem, grant->record->doc);
	const struct record *old = grant->refresh;
	/* Without grace at once, not from now on: a request that lost the race for it may have
	 * begun before the one that won. */
	int64_t end = grace == 0 ? 0 : rq->now + grace;
	int r = 0;

	json_set_text(doc, "Refresh", token);
	if (remember)
		r = refresh_remember(rq, old, end);
	else if (grace == 0)
		record_take(rq, old);
	else if (end < old->seen->expires)
		r = record_change(rq, old, old->doc, end);
	if (r != 0 || (r = record_change(rq, grant->record, doc, family_end(grant))) != 0)
		return r;
	return refresh_put(rq, pool, grant, token);
}

void
family_drop(struct rq *rq, const char *pool, const struct grant *grant)
{
	const char *token = json_text(grant->record->doc, "Refresh");

	record_take(rq, grant->record);
	if (token != NULL)
		kv_drop(rq, refresh_key(rq, pool, token));
}
