/* serve - the loop that turns a program's table into answers */
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/address.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/call.h"
#include "endpoint/describe.h"
#include "endpoint/serve.h"
#include "oidc/dpop.h"
#include "store/pool.h"
#include "web/limit.h"
#include "web/uri.h"

enum {
	BODY = 64 * 1024,	/* of a form: the largest parameter is 8 kB */
	QUERY_MOST = 24 * 1024,	/* of a query: every parameter at its longest, encoded */
	RERUNS = 8
};

static const char *
call_header(const void *transport, const char *name)
{
	char variable[64] = "HTTP_";
	size_t i;

	for (i = 5; i < sizeof(variable) - 1 && name[i - 5] != '\0'; i++) {
		char c = name[i - 5];

		variable[i] = (char)(c == '-' ? '_' : c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
	}
	variable[i] = '\0';
	return fcgi_env(transport, variable);
}

/* The path as the browser sent it, without query and trailing slash. */
static const char *
call_path(struct rq *rq, const struct fcgi *fcgi)
{
	const char *uri = fcgi_env(fcgi, "REQUEST_URI");
	size_t n;

	if (uri == NULL)
		uri = arena_printf(rq->mem, "%s%s", fcgi_env(fcgi, "SCRIPT_NAME") ?: "",
		    fcgi_env(fcgi, "PATH_INFO") ?: "");
	n = strcspn(uri, "?#");
	while (n > 1 && uri[n - 1] == '/')
		n--;
	return arena_dupn(rq->mem, uri, n);
}

/* Is it this page's path? Of "/a/{b}" the last part, which is not empty, is *tail_r. */
static bool
page_matches(const struct page *page, const char *path, const char **tail_r)
{
	size_t n = strcspn(page->path, "{");

	*tail_r = NULL;
	if (page->path[n] == '\0')
		return strcmp(path, page->path) == 0;
	if (strncmp(path, page->path, n) != 0 || path[n] == '\0' || strchr(path + n, '/') != NULL)
		return false;
	*tail_r = path + n;
	return true;
}

static const struct page *
page_find(const struct program *program, const char *path, const char **tail_r)
{
	const struct page *page;

	for (page = program->pages; page->path != NULL; page++)
		if (page_matches(page, path, tail_r))
			return page;
	return NULL;
}

static unsigned
method_of(const char *method)
{
	static const struct { const char *name; enum page_method method; } known[] = {
		{ "GET", GET }, { "HEAD", GET }, { "POST", POST }, { "PUT", PUT },
		{ "DELETE", DELETE },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text_equal(method, known[i].name))
			return known[i].method;
	return 0;
}

/* The user pool whose domain the Host header names. */
static int
call_pool(struct rq *rq)
{
	const char *host = call_header(rq->call->fcgi, "Host");
	const struct domain *domain;
	int r;

	rq->host = uri_host(rq->mem, conf->scheme, host != NULL ? host : "");
	if (rq->host == NULL || (rq->call->page->flags & OPEN) != 0)
		return 0;
	if ((r = domain_get(rq, rq->host, &domain)) != 0 || domain == NULL)
		return r;
	return pool_get(rq, domain->pool, &rq->pool);
}

/* Whom to hold the request against: the peer of the web server, or whom a proxy names. */
static void
call_from(struct rq *rq)
{
	struct address *source = arena_alloc(rq->mem, sizeof(*source));

	if (address_source(fcgi_env(rq->call->fcgi, "REMOTE_ADDR"),
	    call_header(rq->call->fcgi, "X-Forwarded-For"), conf->trusted_proxies, source))
		rq->source = source;
}

/* oauth.md 13. A host that is nobody's is refused without a count: it has nothing to protect. A
 * source's own limit is what it may take of a domain. */
static int
call_limits(struct rq *rq)
{
	int r;

	if (rq->pool == NULL)
		return 0;
	if ((r = limit_take(rq, LIMIT_SOURCE, NULL, false)) != 0)
		return r;
	return limit_take(rq, LIMIT_DOMAIN, NULL, true);
}

/* The double submit of pages.md 3: what the form brings must be what the cookie holds. */
static bool
call_guarded(struct rq *rq)
{
	static const struct param guard[] = {
		{ "_csrf", syn_visible, 128, FORM | SECRET | QUOTED },
		{ "csrf", syn_visible, 128, FORM | SECRET | QUOTED },
		{ "XSRF-TOKEN", syn_uuid, 36, COOKIE | SECRET },
	};
	const struct param_fault *bad;
	const char *args[3];

	param_read(rq, guard, 3, &rq->call->source, args, &bad);
	return secret_equal(args[0] != NULL ? args[0] : args[1], args[2]);
}

/* The program's own parameters, by the page's table. */
static int
call_params(struct rq *rq)
{
	static const struct refusal malformed = { "invalid_request", 400, NULL, NULL };
	static const struct refusal missing = { "Required parameters missing", 400, NULL, NULL };
	const struct page *page = rq->call->page;
	const char **args = arena_array(rq->mem, (size_t)page->nparams + 1, sizeof(*args));

	param_read(rq, page->params, page->nparams, &rq->call->source, args, &rq->bad);
	rq->args = args;
	if (rq->bad == NULL || (page->flags & LATE) != 0)
		return 0;
	return param_refuse(rq, rq->bad->missing && page->style == STYLE_PAGE ? &missing :
	    &malformed);
}

static void
reply_begin(struct call *call)
{
	memset(call->cookies, 0, sizeof(call->cookies));
	call->status = 500;
	call->kind = HEAD_EMPTY;
	call->location = call->challenge = call->body = call->form_target = call->token = NULL;
}

/* Runs the handler until its writes go through: a broken expectation means that another process was
 * first, and the handler decides again on what is there now. */
static int
call_handle(struct rq *rq)
{
	int r, i;

	for (i = 0; i < RERUNS; i++) {
		reply_begin(rq->call);
		kv_forget(rq);
		rq->refusal = NULL;
		rq->back = NULL;
		rq->dpop = NULL;
		rq->client = NULL;
		if (rq->call->page->style == STYLE_PAGE)
			answer_language(rq);
		if ((r = rq->call->page->run(rq)) == REFUSED)
			r = call_refuse(rq);
		if (r != 0)
			return r;
		if ((r = kv_apply(rq)) != KV_BROKEN)
			return r;
	}
	return fault(rq, "gave up after %d lost races", RERUNS);
}

static bool
call_source(struct rq *rq)
{
	static const struct refusal unusable = { "invalid_request", 400, NULL, NULL };
	struct param_source *from = &rq->call->source;
	struct fcgi *fcgi = rq->call->fcgi;
	bool over;

	from->method = fcgi_env(fcgi, "REQUEST_METHOD");
	from->query = fcgi_env(fcgi, "QUERY_STRING");
	from->content_type = fcgi_env(fcgi, "CONTENT_TYPE");
	from->cookies = fcgi_env(fcgi, "HTTP_COOKIE");
	from->header = call_header;
	from->transport = fcgi;
	from->form = fcgi_body(fcgi, rq->mem, BODY, &from->nform, &over);
	if (from->form == NULL)
		(void)refuse(rq, &unusable, "the request did not arrive whole");
	else if (over || (from->query != NULL && strlen(from->query) > QUERY_MOST))
		(void)refuse(rq, &unusable, "request longer than any of ours");
	return rq->refusal == NULL;
}

/* Everything between the request and its handler, in order: each step may be the answer. */
static int
call_answer(struct rq *rq)
{
	static const struct refusal no_pool = { "invalid_request", 400, NULL, NULL };
	static const struct refusal no_token = { "invalid_request", 400, NULL, NULL };
	struct call *call = rq->call;
	unsigned method;
	bool fits = call_source(rq);
	int r;

	call->page = page_find(call->program, call_path(rq, call->fcgi), &rq->tail);
	if (call->page == NULL)
		return answer_status(rq, 404);
	rq->method = call->source.method;
	rq->path = call->page->path;
	if ((call->page->flags & CORS) != 0 && text_equal(call->source.method, "OPTIONS"))
		return answer_status(rq, 204);
	if (((method = method_of(call->source.method)) & call->page->methods) == 0)
		return answer_status(rq, 405);
	if (!fits)
		return call_refuse(rq);
	if ((r = call_pool(rq)) != 0)
		return r;
	if (rq->pool == NULL && (call->page->flags & OPEN) == 0) {
		(void)refuse(rq, &no_pool, "no user pool has the domain %s: see "
		    "tarn create-user-pool-domain",
		    rq->host != NULL ? rq->host : "of this request");
		return call_refuse(rq);
	}
	if ((r = call_limits(rq)) == REFUSED)
		return call_refuse(rq);
	if (method == POST && (call->page->flags & FORM_TOKEN) != 0 && !call_guarded(rq)) {
		(void)refuse(rq, &no_token, "the form token is absent or is not the cookie's");
		return call_refuse(rq);
	}
	if ((r = call_params(rq)) == REFUSED)
		return call_refuse(rq);
	return call_handle(rq);
}

static void
send_cors(const struct rq *rq, struct buf *head)
{
	const char *wanted = call_header(rq->call->fcgi, "Access-Control-Request-Headers");

	head_add(head, "Access-Control-Allow-Origin", "*");
	head_add(head, "Access-Control-Expose-Headers", "RateLimit, RateLimit-Policy, Retry-After, "
	    "DPoP-Nonce, WWW-Authenticate");
	if (rq->call->status != 204)
		return;
	head_add(head, "Access-Control-Allow-Methods", "GET, POST, OPTIONS");
	head_add(head, "Access-Control-Allow-Headers", wanted != NULL && syn_line(wanted) ? wanted :
	    "Authorization, Content-Type, DPoP, x-amz-user-agent");
	head_add(head, "Access-Control-Max-Age", "172800");
}

static void
call_send(struct rq *rq)
{
	struct call *call = rq->call;
	struct buf *head = buf_new(rq->mem, 64 * 1024);
	const char *body = call->body != NULL ? call->body : "";
	size_t n = strlen(body);
	int i;

	head_write(head, call->kind, call->status, rq->id, call->secure, call->form_target);
	if (call->location != NULL)
		head_add(head, "Location", call->location);
	if (call->challenge != NULL)
		head_add(head, "WWW-Authenticate", call->challenge);
	if (rq->dpop != NULL && rq->dpop->nonce != NULL)
		head_add(head, "DPoP-Nonce", rq->dpop->nonce);
	if (call->status == 405)
		head_add(head, "Allow",
		    words_join(rq->mem, page_methods(rq->mem, call->page), ", "));
	for (i = 0; i < COOKIE_NCOOKIES; i++)
		if (call->cookies[i] != NULL)
			head_add(head, "Set-Cookie", call->cookies[i]);
	limit_head(rq, head);
	if (call->page != NULL && (call->page->flags & CORS) != 0)
		send_cors(rq, head);
	/* Without it nginx and Apache send chunks: a packet more. None with 204 (RFC 9110 8.6). */
	if (call->status != 204)
		head_add(head, "Content-Length", arena_printf(rq->mem, "%zu", n));
	head_end(head);
	(void)fcgi_finish(call->fcgi, head->s, head->len, body, n);
}

/* One request from accept to answer. */
static void
call_serve(struct arena *mem, const struct program *program, struct fcgi *fcgi)
{
	struct call call = { .fcgi = fcgi, .program = program };
	struct rq rq = { .mem = mem, .program = program->name, .call = &call };

	rq.now = clock_now();
	rq.id = random_uuid(mem);
	call_from(&rq);
	call.secure = strcmp(conf->scheme, "https") == 0;
	reply_begin(&call);
	if (call_answer(&rq) != 0) {
		reply_begin(&call);	/* nothing was written: acknowledge nothing */
		if (call_fault(&rq) != 0)
			(void)answer_status(&rq, 500);
	}
	call_send(&rq);
	arena_reset(mem);
}

int
endpoint_serve(const struct program *program, struct fcgi *fcgi, const volatile int *stop,
    int64_t most)
{
	static const volatile int enough = 1;
	struct arena *mem = arena_new();
	int64_t served;

	/* A worker that retires still answers what a web server has begun on a kept connection. */
	for (served = 0; fcgi_accept(fcgi, served < most && !kv_worn() ? stop : &enough); served++)
		call_serve(mem, program, fcgi);
	arena_free(&mem);
	kv_close();
	return 0;
}
