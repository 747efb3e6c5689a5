/* fcgi - one request from the web server: FastCGI or plain CGI, the wall around libfcgi
 *
 * The transport only: environment in, bytes out. Input is always read to its end, even where it is
 * refused: a web server that keeps connections answers 502 otherwise. */
#ifndef TARN_WEB_FCGI_H
#define TARN_WEB_FCGI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct fcgi;	/* the listening socket, or the one plain CGI request of this process */

enum fcgi_mode { FCGI_SOCKET, FCGI_CGI };

/* On a listening socket; -1: descriptor 0 is looked at: a listening socket, or else plain CGI. */
struct fcgi *fcgi_open(int listening);
enum fcgi_mode fcgi_mode(const struct fcgi *f);

/* Closes the connections that are kept; the listening socket stays its owner's. *f becomes NULL. */
void fcgi_close(struct fcgi **f);

/* A listening unix socket (path) or TCP socket on loopback ("127.0.0.1:9000"). Mode 0660; an old
 * socket file nobody listens on is replaced. -1 and errno. */
int fcgi_listen(const char *where);

/* Waits for the next request. False: time to end (a signal was taken, or the one CGI request is
 * over). stop is looked at between requests and while waiting; what the web server has begun on a
 * kept connection is still served, for a second at most. Handlers that set it are installed with
 * SA_RESTART, or a request that is just arriving is lost. */
bool fcgi_accept(struct fcgi *f, volatile const int *stop);

/* A variable of the present request; NULL if unset. Lives until fcgi_finish. */
const char *fcgi_env(const struct fcgi *f, const char *name);

/* The whole body. More than `most` bytes: all of it is read and thrown away, *over_r is set and the
 * body is "". NULL: it did not arrive whole, the client has gone: finish with an empty answer. */
const char *fcgi_body(struct fcgi *f, struct arena *mem, size_t most, size_t *n_r, bool *over_r);

/* Sends the answer and ends the request. False: the client has gone. */
bool fcgi_finish(struct fcgi *f, const char *head, size_t nhead, const char *body, size_t nbody);

#endif
