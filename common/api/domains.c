/* domains - the hosts on which pools have their pages (idp-api.md 5.10) */
#include <string.h>

#include "account/refusals.h"
#include "api/need.h"
#include "api/op.h"
#include "base/conf.h"
#include "base/shape.h"
#include "oidc/discovery.h"
#include "web/uri.h"

/* A Domain argument: a prefix of the installation's own domain, or a host by itself. Whatever has a
 * dot or a port is a host, and so is localhost. */
struct place {
	const char *host;	/* as requests name it; NULL: no such domain is possible here */
	bool custom;
};

static struct place
place_of(struct rq *rq, const char *domain)
{
	struct place place = { NULL, strpbrk(domain, ".:") != NULL };

	place.custom = place.custom || strcmp(domain, "localhost") == 0;
	if (!place.custom && conf->prefix_domain[0] == '\0')
		return place;
	place.host = uri_host(rq->mem, conf->scheme, place.custom ? domain :
	    arena_printf(rq->mem, "%s.%s", domain, conf->prefix_domain));
	return place;
}

static int
wrong(struct rq *rq, const char *sentence)
{
	return refuse_with(rq, &invalid_parameter, sentence, "%s", sentence);
}

static int
check_place(struct rq *rq, const char *domain, const struct place *place)
{
	static const char *const reserved[] = { "aws", "amazon", "cognito" };
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]) && !place->custom; i++)
		if (strstr(domain, reserved[i]) != NULL)
			return wrong(rq,
			    "Domain cannot contain reserved word: cognito, aws or amazon");
	if (place->host == NULL && !place->custom)
		return wrong(rq, "Prefix domains are off on this server: set prefix_domain, or "
		    "give a whole host.");
	return place->host == NULL ? wrong(rq, "Domain is not a host name.") : 0;
}

/* One of each kind for a pool, and no host for two. */
static int
check_free(struct rq *rq, const struct pool *pool, const struct place *place)
{
	const struct domain *const *domains, *taken;
	size_t i, n;
	int r;

	if ((r = domain_get(rq, place->host, &taken)) != 0 ||
	    (r = domain_list(rq, pool->id, &domains, &n)) != 0)
		return r;
	if (taken != NULL)
		return wrong(rq, "Domain already associated with another user pool.");
	for (i = 0; i < n; i++)
		if (json_flag(domains[i]->doc, "Custom", false) == place->custom)
			return wrong(rq, place->custom ? "User pool already has a custom domain." :
			    "User pool already has a domain configured.");
	return 0;
}

static void
answer(const struct json *doc, const struct place *place, struct json *out)
{
	json_set_int(out, "ManagedLoginVersion", json_int(doc, "ManagedLoginVersion", 1));
	json_set(out, "Routing", json_get(doc, "Routing"));
	if (place->custom)
		json_set_text(out, "CloudFrontDomain", place->host);
}

/* The pool is written too, so that of two domains created at once one sees the other. */
static int
touch(struct rq *rq, const struct pool *pool)
{
	struct json *doc = json_copy(rq->mem, pool->doc);

	need_date(rq, doc, "LastModifiedDate");
	return pool_change(rq, pool, doc);
}

int
op_create_domain(struct rq *rq, const struct json *in, struct json *out)
{
	struct place place = place_of(rq, json_text(in, "Domain"));
	struct json *doc = shape_project(rq->mem, shape_find("Domain"), in);
	const struct pool *pool;
	int r;

	if ((r = need_pool(rq, in, &pool)) != 0 ||
	    (r = check_place(rq, json_text(in, "Domain"), &place)) != 0 ||
	    (r = check_free(rq, pool, &place)) != 0)
		return r;
	json_set_bool(doc, "Custom", place.custom);
	json_set_int(doc, "Created", rq->now);
	answer(doc, &place, out);
	if ((r = domain_create(rq, place.host, doc)) != 0)
		return r;
	return touch(rq, pool);
}

/* The domain of these arguments, if it is this pool's; NULL where it is not. */
static int
find(struct rq *rq, const struct json *in, struct place *place_r, const struct domain **domain_r)
{
	const char *pool = json_text(in, "UserPoolId");
	int r;

	*domain_r = NULL;
	*place_r = place_of(rq, json_text(in, "Domain"));
	if (place_r->host == NULL)
		return 0;
	if ((r = domain_get(rq, place_r->host, domain_r)) != 0)
		return r;
	if (*domain_r != NULL && pool != NULL && !text_equal((*domain_r)->pool, pool))
		*domain_r = NULL;
	return 0;
}

static int
need_domain(struct rq *rq, const struct json *in, struct place *place_r, const struct pool **pool_r,
    const struct domain **domain_r)
{
	int r;

	if ((r = need_pool(rq, in, pool_r)) != 0 || (r = find(rq, in, place_r, domain_r)) != 0)
		return r;
	if (*domain_r == NULL)
		return wrong(rq, "No such domain or user pool exists.");
	return 0;
}

/* An unknown domain is no error: the answer is empty. */
int
op_describe_domain(struct rq *rq, const struct json *in, struct json *out)
{
	struct json *description = json_object(rq->mem);
	const struct domain *domain;
	struct place place;
	int r;

	if ((r = find(rq, in, &place, &domain)) != 0)
		return r;
	if (domain != NULL) {
		description = json_copy(rq->mem, domain->doc);
		json_set_text(description, "Status", "ACTIVE");
		json_set_text(description, "AWSAccountId", "000000000000");
		json_set_text(description, "CloudFrontDistribution", domain->host);
		json_set_text(description, "Version", arena_printf(rq->mem, "%lld",
		    (long long)json_int(domain->doc, "Created", 0)));
	}
	json_set(out, "DomainDescription", description);
	return 0;
}

int
op_update_domain(struct rq *rq, const struct json *in, struct json *out)
{
	static const char *const members[] = { "ManagedLoginVersion", "CustomDomainConfig",
		"Routing" };
	const struct domain *domain;
	const struct pool *pool;
	struct place place;
	struct json *doc;
	size_t i;
	int r;

	if ((r = need_domain(rq, in, &place, &pool, &domain)) != 0)
		return r;
	doc = json_copy(rq->mem, domain->doc);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_set(doc, members[i], json_get(in, members[i]));
	answer(doc, &place, out);
	return domain_change(rq, domain, doc);
}

int
op_delete_domain(struct rq *rq, const struct json *in, struct json *out)
{
	const struct domain *domain;
	const struct pool *pool;
	struct place place;
	int r;

	(void)out;
	if ((r = need_domain(rq, in, &place, &pool, &domain)) != 0)
		return r;
	domain_drop(rq, domain);
	return 0;
}

/* The documents of the pool named this host. */
int
op_withdraw_domain(struct rq *rq, const struct json *in, struct json *out)
{
	discovery_withdraw(rq, NULL, place_of(rq, json_text(in, "Domain")).host);
	return op_publish_pool(rq, in, out);
}
