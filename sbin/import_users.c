/* import_users - people from elsewhere, many at a time
 *
 * A line is checked like a user that an administrator creates. One that is wrong is said and passed
 * over; whose name is there already was imported before, or is somebody: nothing is done to him. So
 * an import that was interrupted is begun again with the same lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "account/attribute.h"
#include "base/shape.h"
#include "crypto/password.h"
#include "sbin/import_users.h"
#include "store/group.h"

enum {
	PIECE = 100,	/* users of one transaction: others wait as long as it takes */
	LONGEST = 256 << 10,		/* bytes of a line */
	TRIES = 5			/* of a piece that somebody else's writes got in between */
};

static const struct refusal wrong_line = { "ImportRefused", 400, "%s", NULL };

/* The lines of one piece; kept, because it may have to be done again. */
struct piece {
	struct arena *mem;
	const char *lines[PIECE];
	size_t n, first;		/* first: its number in the file */
};

static int
no(struct rq *rq, const char *sentence)
{
	return refuse_with(rq, &wrong_line, sentence, "%s", sentence);
}

static int
read_line(struct rq *rq, const char *text, const struct json **line_r)
{
	struct json *line;
	const char *error;

	*line_r = NULL;
	if (!json_parse(rq->mem, text, strlen(text), &line, &error))
		return no(rq, error);
	*line_r = line;
	return shape_check(rq, shape_find("ImportUser"), line);
}

/* The password that came along decides the state, as the original's imports do. */
static const char *
status_of(const struct json *line)
{
	if (json_text(line, "PasswordHash") == NULL)
		return "RESET_REQUIRED";
	return json_flag(line, "Temporary", false) ? "FORCE_CHANGE_PASSWORD" : "CONFIRMED";
}

/* The name first among the attributes, in a pool where it is one of them. */
static const struct json *
attributes_of(struct rq *rq, const struct json *line, const char *attribute)
{
	const struct json *list = json_get(line, "UserAttributes");
	struct json *all = json_array(rq->mem), *entry = json_object(rq->mem);
	size_t i;

	if (attribute != NULL) {
		json_set_text(entry, "Name", attribute);
		json_set_text(entry, "Value", json_text(line, "Username"));
		json_add(all, entry);
	}
	for (i = 0; i < json_count(list); i++)
		if (!text_equal(json_text(json_at(list, i), "Name"), attribute))
			json_add(all, json_at(list, i));
	return all;
}

static struct json *
document_of(struct rq *rq, const struct pool *pool, const struct json *line, const char *attribute)
{
	struct json *doc = user_doc_new(rq, pool, attribute != NULL ? NULL :
	    json_text(line, "Username"), status_of(line));

	if (json_has(line, "Sub")) {
		json_set_text(doc, "Sub", json_text(line, "Sub"));
		if (attribute != NULL)
			json_set_text(doc, "Username", json_text(line, "Sub"));
	}
	json_set_bool(doc, "Enabled", json_flag(line, "Enabled", true));
	json_set(doc, "UserCreateDate", json_get(line, "UserCreateDate"));
	return doc;
}

/* Is the user there, or any of his names somebody's, in the store or in this piece? */
static int
is_taken(struct rq *rq, const struct pool *pool, const struct json *doc, bool *taken_r)
{
	const struct kv_key *keys[USER_ALIASES + 1];
	const struct kv_value *value;
	size_t i, n;
	int r = 0;

	user_aliases(rq, pool, doc, keys, &n);
	keys[n++] = kv_key(rq->mem, KV_USER, pool->id, json_text(doc, "Username"), NULL);
	*taken_r = false;
	for (i = 0; r == 0 && i < n && !*taken_r; i++) {
		if ((r = kv_get(rq, keys[i], &value)) == 0)
			*taken_r = value != NULL || kv_putting(rq, keys[i]);
	}
	return r;
}

static int
join_groups(struct rq *rq, const struct pool *pool, const struct json *doc, struct words groups,
    bool check)
{
	const struct group *group;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < groups.n; i++) {
		if (!check)
			r = group_enter(rq, pool->id, groups.at[i], json_text(doc, "Sub"),
			    json_text(doc, "Username"));
		else if ((r = group_get(rq, pool->id, groups.at[i], &group)) == 0 && group == NULL)
			r = no(rq, arena_printf(rq->mem, "there is no group %s", groups.at[i]));
	}
	return r;
}

/* All that can be refused comes before the first write is collected. */
static int
create(struct rq *rq, const struct pool *pool, const char *text, bool *taken_r)
{
	const char *hash, *attribute;
	const struct json *line;
	struct words groups;
	struct json *doc;
	int r;

	*taken_r = false;
	if ((r = read_line(rq, text, &line)) != 0 ||
	    (r = attribute_username(rq, pool, json_text(line, "Username"), &attribute)) != 0)
		return r;
	doc = document_of(rq, pool, line, attribute);
	groups = json_words(rq->mem, line, "Groups");
	hash = json_text(line, "PasswordHash");
	if (hash != NULL && !password_known(hash))
		return no(rq, "the password hash is of an unknown form");
	if ((r = attribute_set(rq, pool, NULL, NULL, attributes_of(rq, line, attribute),
	    doc)) != 0 || (r = is_taken(rq, pool, doc, taken_r)) != 0 || *taken_r ||
	    (r = join_groups(rq, pool, doc, groups, true)) != 0 ||
	    (r = user_create(rq, pool, doc)) != 0)
		return r;
	if (hash != NULL && (r = credential_put(rq, pool->id, json_text(doc, "Sub"), hash,
	    json_flag(line, "Temporary", false), NULL)) != 0)
		return r;
	return join_groups(rq, pool, doc, groups, false);
}

static int
try_piece(const char *id, const struct piece *piece, struct imported *imported, bool say)
{
	struct rq *rq = rq_begin("import-users");
	const struct pool *pool;
	bool taken;
	size_t i;
	int r;

	if ((r = pool_get(rq, id, &pool)) == 0 && pool == NULL)
		r = fault(rq, "pool %s was deleted", id);
	for (i = 0; r == 0 && i < piece->n; i++) {
		if ((r = create(rq, pool, piece->lines[i], &taken)) == REFUSED) {
			if (say)
				(void)fprintf(stderr, "tarn: line %zu: %s\n", piece->first + i,
				    refusal_text(rq) ?: "");
			rq->refusal = NULL;
			imported->refused++;
			r = 0;
		} else if (r == 0) {
			imported->there += taken;
			imported->users += !taken;
		}
	}
	if (r == 0)
		r = kv_apply(rq);
	rq_end(&rq);
	return r;
}

static int
import_piece(struct rq *rq, const char *id, const struct piece *piece, struct imported *total)
{
	struct imported now;
	int i, r = KV_BROKEN;

	for (i = 0; r == KV_BROKEN && i < TRIES; i++) {
		memset(&now, 0, sizeof(now));
		r = try_piece(id, piece, &now, i == 0);
	}
	if (r != 0)
		return r < 0 ? r : fault(rq, "others write too much at the same time");
	total->users += now.users;
	total->there += now.there;
	total->refused += now.refused;
	return 0;
}

/* The next lines; none at the end. */
static int
read_piece(struct rq *rq, FILE *in, struct piece *piece)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n = 0;

	piece->first += piece->n;
	piece->n = 0;
	arena_reset(piece->mem);
	while (piece->n < PIECE && (n = getline(&line, &size, in)) > 0) {
		if (n > LONGEST)	/* no shape that is so long is an ImportUser's */
			n = LONGEST;
		piece->lines[piece->n++] = arena_dupn(piece->mem, line, (size_t)n);
	}
	free(line);
	return n == -1 && ferror(in) ? fault(rq, "cannot read: %s", strerror(errno)) : 0;
}

int
import_users(struct rq *rq, const char *pool, FILE *in, struct imported *imported_r)
{
	struct piece *piece = arena_alloc(rq->mem, sizeof(*piece));
	int r;

	memset(imported_r, 0, sizeof(*imported_r));
	piece->mem = arena_new();
	piece->first = 1;
	while ((r = read_piece(rq, in, piece)) == 0 && piece->n > 0)
		if ((r = import_piece(rq, pool, piece, imported_r)) != 0)
			break;
	arena_free(&piece->mem);
	return r;
}
