/* endpoint - what every program of cgi-bin/ is: a table of pages, and main in one line
 *
 * The loop takes a request, finds its page by path and method, its user pool by the Host header,
 * checks the guard and the parameters, runs the handler, applies what it collected and only then
 * answers. When the store says that a race was lost, the handler runs again on fresh reads. */
#ifndef TARN_ENDPOINT_ENDPOINT_H
#define TARN_ENDPOINT_ENDPOINT_H

#include "base/rq.h"
#include "web/param.h"

typedef int handler_fn(struct rq *rq);

enum page_method { GET = 1, POST = 2, PUT = 4, DELETE = 8 };

enum page_flag {
	CORS = 1,		/* answers any origin, and preflights (oauth.md 12) */
	LATE = 2,		/* the handler looks at rq->bad itself, after other checks */
	FORM_TOKEN = 4,		/* a POST must carry the form token (form.h) */
	OPEN = 8		/* answers hosts that no user pool has */
};

/* How refusals are shown until a way back to the client is verified. */
enum page_style { STYLE_PAGE, STYLE_JSON, STYLE_BEARER };

struct page {
	const char *path;		/* without query and trailing slash; where it ends in a
					 * name in braces, any last part will do: rq->tail */
	unsigned methods;
	const struct param *params;
	int nparams;
	handler_fn *run;
	enum page_style style;
	unsigned flags;
};

/* All that a replacement must keep; printed by --describe, from which the configurations of the web
 * servers, the manual and ARCHITECTURE's table are made. Lists are blank-separated. */
struct program {
	const char *name;
	const char *what;		/* one line */
	const struct page *pages;	/* ends with a row without path */
	const char *reads, *writes;	/* kinds of record (store/kind.h), in lower case */
	const char *sets;		/* cookies */
	const char *hands_over;		/* to whom the browser goes on */
};

/* Runs the program: FastCGI on descriptor 0, on --socket, or as plain CGI; --describe, --help. */
int endpoint_main(const struct program *program, int argc, char **argv);

#endif
