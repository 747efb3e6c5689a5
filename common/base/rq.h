/* rq - one request, and the two ways a step can fail
 *
 * Every step returns int: 0 go on; REFUSED, an answer the specification foresees; FAULT, ours.
 * Steps chain:
 *
 *	if ((r = a(rq, &x)) != 0 || (r = b(rq, x)) != 0)
 *		return r;
 *
 * A command of sbin/ has a request too: one for each operation it runs. */
#ifndef TARN_BASE_RQ_H
#define TARN_BASE_RQ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { REFUSED = 1, FAULT = -1 };

/* An answer the specification foresees. How it is shown is the endpoint's affair: as a page, JSON,
 * a bearer challenge, an API exception or a redirect. */
struct refusal {
	const char *code;	/* OAuth error or API exception name */
	int status;		/* HTTP status when shown as such */
	const char *message;	/* a sentence for the person; may hold one %s; NULL: none */
	const char *key;	/* of its translation in templates/lang; NULL: none */
};

struct pool;
struct client;
struct kv_write;
struct call;
struct back;
struct dpop;
struct lang;
struct param_fault;
struct address;
struct limit_use;

struct rq {
	struct arena *mem;		/* goes with the request */
	int64_t now;			/* milliseconds since 1970, read once */
	const char *id;			/* UUID, on every log line and in the answer */
	const char *program;
	const char **args;		/* checked, by the program's enum; NULL if absent */
	const struct param_fault *bad;	/* of the parameters (web/param.h); NULL: none */
	const struct pool *pool;	/* the user pool this host belongs to, once known */
	const struct client *client;	/* once known, whose dialect is spoken */
	const char *tail;		/* what stands for the name in braces of the page's path */
	const char *method, *path;	/* "POST", "/oauth2/token"; NULL outside the web */
	const char *host;		/* as the store spells it: uri_host */
	const struct address *source;	/* whom to hold it against: base/address.h; NULL: nobody */
	struct limit_use *limits;	/* what it took so far: web/limit.h */
	const struct back *back;	/* once verified, where refusals go: oidc/back.h */
	struct dpop *dpop;		/* its proof of possession, or NULL: oidc/dpop.h */
	const struct lang *lang;	/* that the person reads, once known: web/lang.h */
	struct kv_write *writes;	/* what to apply at the end: store/kv.h */
	struct call *call;		/* the web side, for endpoint/ alone */
	const struct refusal *refusal;	/* set by refuse */
	const char *refusal_detail;	/* fills the %s of its message */
};

/* A request outside any web call (commands, tests). Release with rq_end. */
struct rq *rq_begin(const char *program);
void rq_end(struct rq **rq);

static inline const char *
arg(const struct rq *rq, int i)
{
	return rq->args[i];
}

/* Refuses: remembers the answer for the caller and logs why for the operator. Returns REFUSED.
 * Neither text may hold a secret. */
int refuse(struct rq *rq, const struct refusal *how, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a message with a %s. detail is copied. */
int refuse_with(struct rq *rq, const struct refusal *how, const char *detail, const char *why, ...)
    __attribute__((format(printf, 4, 5)));

/* The same where the caller and the operator are told the same. */
int refuse_saying(struct rq *rq, const struct refusal *how, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The sentence of rq->refusal, detail filled in; NULL if it has none. */
const char *refusal_text(const struct rq *rq);

/* Our own failure: logs the sentence with its place. Returns FAULT. */
#define fault(rq, ...) rq_fault((rq), __FILE__, __LINE__, __VA_ARGS__)
int rq_fault(const struct rq *rq, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
