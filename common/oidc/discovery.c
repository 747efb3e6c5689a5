/* discovery - the documents a relying party finds */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/text.h"
#include "oidc/announce.h"
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

/* The files of a place. */
enum { OPENID, OAUTH, KEYS, NFILES };
static const char *const names[NFILES] = {
	[OPENID] = "openid-configuration", [OAUTH] = "oauth-authorization-server",
	[KEYS] = "jwks.json",
};

static int
publish_below(struct rq *rq, const char *place, const char *const texts[NFILES])
{
	const char *directory = arena_printf(rq->mem, "%s/%s/.well-known", conf->publish, place);
	int i, r = 0;

	for (i = 0; i < NFILES && r == 0; i++)
		r = publish_file(rq, directory, names[i], texts[i]);
	return r;
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

/* RFC 8414 3.1 has the well-known part before the issuer's path. */
static const char *
inserted(struct rq *rq)
{
	return arena_join(rq->mem, conf->publish, "/oauth-authorization-server", "");
}

static int
publish(struct rq *rq, const struct pool *pool)
{
	const struct json *openid, *oauth, *jwks;
	const struct domain *const *domains;
	const char *texts[NFILES];
	size_t n, i;
	int r;

	if ((r = announce_openid(rq, pool, &openid)) != 0 ||
	    (r = announce_oauth(rq, pool, &oauth)) != 0 ||
	    (r = keyring_jwks(rq, pool, &jwks)) != 0 ||
	    (r = domain_list(rq, pool->id, &domains, &n)) != 0)
		return r;
	texts[OPENID] = json_print(rq->mem, openid);
	texts[OAUTH] = json_print(rq->mem, oauth);
	texts[KEYS] = json_print(rq->mem, jwks);
	if ((r = publish_below(rq, pool->id, texts)) != 0 ||
	    (r = publish_file(rq, inserted(rq), pool->id, texts[OAUTH])) != 0)
		return r;
	for (i = 0; i < n && r == 0; i++)
		r = publish_below(rq, host_place(rq, domains[i]->host), texts);
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
	const char *folder = arena_printf(rq->mem, "%s/%s", conf->publish, place);
	int i;

	for (i = 0; i < NFILES; i++)
		(void)remove(arena_printf(rq->mem, "%s/.well-known/%s", folder, names[i]));
	(void)remove(arena_printf(rq->mem, "%s/.well-known", folder));
	(void)remove(folder);
}

void
discovery_withdraw(struct rq *rq, const char *pool, const char *host)
{
	if (pool != NULL) {
		withdraw_below(rq, pool);
		(void)remove(arena_printf(rq->mem, "%s/%s", inserted(rq), pool));
	}
	if (host != NULL)
		withdraw_below(rq, host_place(rq, host));
}
