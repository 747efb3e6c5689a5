/* call - the web side of a request, shared by the files of this folder alone */
#ifndef TARN_ENDPOINT_CALL_H
#define TARN_ENDPOINT_CALL_H

#include "base/buf.h"
#include "endpoint/endpoint.h"
#include "web/cookie.h"
#include "web/fcgi.h"
#include "web/head.h"

enum { TOO_MANY = 429 };	/* RFC 6585 4; the one refusal that is shown as such everywhere */

struct call {
	struct fcgi *fcgi;
	const struct program *program;
	const struct page *page;
	struct param_source source;
	bool secure;			/* browsers reach us by https */

	/* The reply; begun anew when a handler runs again. */
	int status;
	enum head_kind kind;
	const char *location;
	const char *challenge;		/* WWW-Authenticate */
	const char *form_target;	/* where the page's form may lead */
	const char *body;
	const char *cookies[COOKIE_NCOOKIES];	/* Set-Cookie values */
	const char *token;		/* the form token, once asked for */
};

/* Shows rq->refusal in the page's style, or tells the client where the way back is known. */
int call_refuse(struct rq *rq);

/* The same for a failure of our own: server_error, or the error page (oauth.md 2: never a bare 500
 * where the client can be told). */
int call_fault(struct rq *rq);

#endif
