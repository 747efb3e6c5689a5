/* discovery - the documents a relying party finds */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/text.h"
#include "oidc/discovery.h"
#include "oidc/keyring.h"

const char *
discovery_issuer(struct rq *rq, const struct pool *pool)
{
	const char *host = strstr(conf->issuer_base, "://") + strlen("://");

	if (!pool->updated_issuer)
		return arena_printf(rq->mem, "%s/%s", conf->issuer_base, pool->id);
	return arena_printf(rq->mem, "%.*sissuer-%s/%s", (int)(host - conf->issuer_base),
	    conf->issuer_base, host, pool->id);
}

int
discovery_base(struct rq *rq, const struct pool *pool, const char **base_r)
{
	const struct domain *const *domains;
	const char *host = NULL;
	size_t n, i;
	int r;

	*base_r = NULL;
	if ((r = domain_list(rq, pool->id, &domains, &n)) != 0)
		return r;
	for (i = 0; i < n; i++)	/* a custom domain is the only one shown (oauth.md 7) */
		if (host == NULL || json_flag(domains[i]->doc, "Custom", false))
			host = domains[i]->host;
	if (host != NULL)
		*base_r = arena_printf(rq->mem, "%s://%s", conf->scheme, host);
	return 0;
}

/* Members of the document that are addresses: below the pool's domain, or, of a pool without one,
 * below its issuer. */
static const struct { const char *member, *below_domain, *below_issuer; } places[] = {
	{ "authorization_endpoint", "/oauth2/authorize", "/authorize" },
	{ "end_session_endpoint", "/logout", "/logout" },
	{ "revocation_endpoint", "/oauth2/revoke", "/revoke" },
	{ "token_endpoint", "/oauth2/token", "/token" },
	{ "userinfo_endpoint", "/oauth2/userInfo", "/userInfo" },
};

/* Those that are lists. */
static const struct { const char *member, *words; } lists[] = {
	{ "response_types_supported", "code token" },
	{ "scopes_supported", "openid email phone profile" },
	{ "subject_types_supported", "public" },
	{ "token_endpoint_auth_methods_supported", "client_secret_basic client_secret_post" },
};

/* As on real pools. */
static struct json *
in_alphabetical_order(struct arena *mem, const struct json *object)
{
	struct json *sorted = json_object(mem);
	const char *last = "";
	size_t left;

	for (left = json_count(object); left > 0; left--) {
		struct json_member m, least = { 0 };

		for (m = json_first(object); m.name != NULL; m = json_next(m))
			if (strcmp(m.name, last) > 0 &&
			    (least.name == NULL || strcmp(m.name, least.name) < 0))
				least = m;
		json_set(sorted, least.name, least.value);
		last = least.name;
	}
	return sorted;
}

static int
discovery_document(struct rq *rq, const struct pool *pool, const struct json **document_r)
{
	struct json *document = json_object(rq->mem);
	const char *base, *issuer = discovery_issuer(rq, pool);
	size_t i;
	int r;

	if ((r = discovery_base(rq, pool, &base)) != 0)
		return r;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		json_set_text(document, places[i].member, base != NULL ?
		    arena_join(rq->mem, base, places[i].below_domain, "") :
		    arena_join(rq->mem, issuer, places[i].below_issuer, ""));
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_set(document, lists[i].member,
		    json_new_words(rq->mem, words_split(rq->mem, lists[i].words, ' ')));
	json_set(document, "id_token_signing_alg_values_supported",
	    json_new_words(rq->mem, keyring_algorithms(rq, pool)));
	json_set_text(document, "issuer", issuer);
	json_set_text(document, "jwks_uri",
	    arena_printf(rq->mem, "%s/.well-known/jwks.json", issuer));
	*document_r = in_alphabetical_order(rq->mem, document);
	return 0;
}

static bool
same_content(const char *path, const char *text)
{
	size_t n = strlen(text);
	char have[16 * 1024];
	ssize_t got;
	int fd;

	if (n >= sizeof(have) || (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	got = read(fd, have, sizeof(have));
	(void)close(fd);
	return got == (ssize_t)n && memcmp(have, text, n) == 0;
}

/* Readers see the old file or the new one, whole, whatever dies when. */
static int
publish_file(struct rq *rq, const char *directory, const char *name, const char *text)
{
	const char *path = arena_printf(rq->mem, "%s/%s", directory, name);
	const char *fresh = arena_printf(rq->mem, "%s.%s", path, rq->id);

	if (same_content(path, text))
		return 0;
	if (!file_make_folder(directory, 0755) || !file_create(fresh, text, strlen(text), 0644))
		return fault(rq, "cannot write %s: %s", fresh, strerror(errno));
	if (rename(fresh, path) == 0)
		return 0;
	(void)unlink(fresh);
	return fault(rq, "cannot write %s: %s", path, strerror(errno));
}

static int
publish_below(struct rq *rq, const char *place, const char *document, const char *jwks)
{
	const char *directory = arena_printf(rq->mem, "%s/%s/.well-known", conf->publish, place);
	int r;

	if ((r = publish_file(rq, directory, "openid-configuration", document)) != 0)
		return r;
	return publish_file(rq, directory, "jwks.json", jwks);
}

static const char *
host_place(struct rq *rq, const char *host)
{
	return arena_printf(rq->mem, "hosts/%.*s", (int)strcspn(host, ":"), host);
}

/* From reading the store to the last file: else tarnd could write keys of before a rotation over
 * those of after it, and tokens of the new keys would verify nowhere. -1: a fault is set. */
static int
publish_lock(struct rq *rq)
{
	const char *path = conf->publish;
	int fd;

	if (!file_make_folder(path, 0755) ||
	    (fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		(void)fault(rq, "cannot open %s: %s", path, strerror(errno));
		return -1;
	}
	while (flock(fd, LOCK_EX) == -1)
		if (errno != EINTR) {
			(void)fault(rq, "cannot lock %s: %s", path, strerror(errno));
			(void)close(fd);
			return -1;
		}
	return fd;
}

static int
publish(struct rq *rq, const struct pool *pool)
{
	const struct domain *const *domains;
	const struct json *document, *jwks;
	const char *text, *keys;
	size_t n, i;
	int r;

	if ((r = discovery_document(rq, pool, &document)) != 0 ||
	    (r = keyring_jwks(rq, pool, &jwks)) != 0 ||
	    (r = domain_list(rq, pool->id, &domains, &n)) != 0)
		return r;
	text = json_print(rq->mem, document);
	keys = json_print(rq->mem, jwks);
	if ((r = publish_below(rq, pool->id, text, keys)) != 0)
		return r;
	for (i = 0; i < n && r == 0; i++)
		r = publish_below(rq, host_place(rq, domains[i]->host), text, keys);
	return r;
}

int
discovery_publish(struct rq *rq, const struct pool *pool)
{
	int fd = publish_lock(rq), r;

	if (fd == -1)
		return FAULT;
	r = publish(rq, pool);
	(void)close(fd);
	return r;
}

static void
withdraw_below(struct rq *rq, const char *place)
{
	static const char *const parts[] = { "/.well-known/openid-configuration",
		"/.well-known/jwks.json", "/.well-known", "" };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		(void)remove(arena_printf(rq->mem, "%s/%s%s", conf->publish, place, parts[i]));
}

void
discovery_withdraw(struct rq *rq, const char *pool, const char *host)
{
	if (pool != NULL)
		withdraw_below(rq, pool);
	if (host != NULL)
		withdraw_below(rq, host_place(rq, host));
}
