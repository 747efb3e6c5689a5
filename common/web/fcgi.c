/* fcgi - one request from the web server: FastCGI or plain CGI, the wall around libfcgi
 *
 * libfcgi speaks the protocol on one connection; accepting and waiting are done here. A web server
 * that keeps its connections (nginx with fastcgi_keep_conn, mod_proxy_fcgi with enablereuse) holds
 * one open while it has nothing to say. A worker that waited on it alone would neither hear a new
 * connection nor a signal, so a worker keeps several and waits for all of them and the socket. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "web/fcgi.h"

enum {
	MOST_KEPT = 256,	/* connections; with so many open, no new one is accepted */
	SURPLUS = 2000,		/* ms after which all idle connections but one are closed */
	FIRST_BYTE = 100,	/* ms to wait for the request of a new connection before others */
	QUIET = 10,		/* ms of silence that end a worker told to stop */
	LINGER = 1000,		/* ms after which it ends all the same */
	BACKLOG = 511
};

struct kept {
	int fd;
	int64_t since;		/* when it fell idle */
};

struct fcgi {
	enum fcgi_mode mode;
	int listening;
	FCGX_Request request;
	bool open;		/* a request is being served */
	bool done;		/* CGI: the one request is over */
	size_t unread;		/* CGI: bytes of the body still to read */
	struct kept kept[MOST_KEPT];
	size_t nkept;		/* the longest idle first */
	int64_t stopping;	/* when the signal was noticed; 0: not */
};

/*
 * Opening.
 */

static bool
is_listening(int fd)
{
	int yes = 0;
	socklen_t n = sizeof(yes);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes != 0;
}

/* FCGX_Init takes signals that are the program's; it is given none of them. */
static void
library_init(void)
{
	static const int signals[] = { SIGPIPE, SIGUSR1, SIGTERM };
	struct sigaction saved[sizeof(signals) / sizeof(signals[0])];
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], NULL, &saved[i]);
	if (FCGX_Init() != 0)
		log_die("libfcgi does not start");
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &saved[i], NULL);
}

struct fcgi *
fcgi_open(int listening)
{
	struct fcgi *f = calloc(1, sizeof(*f));
	int fd = listening == -1 ? STDIN_FILENO : listening, flags, on = 1;

	if (f == NULL)
		log_die("out of memory");
	if (listening != -1 && !is_listening(fd))
		log_die("descriptor %d is no listening socket", fd);
	(void)signal(SIGPIPE, SIG_IGN);	/* a client that goes is an answer of write, not the end */
	f->listening = -1;
	f->mode = is_listening(fd) ? FCGI_SOCKET : FCGI_CGI;
	if (f->mode == FCGI_CGI)
		return f;
	/* All workers wait for the same connection; those who come late must not hang in accept. */
	if ((flags = fcntl(fd, F_GETFL)) == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		log_die("descriptor %d: %s", fd, strerror(errno));
	/* Connections inherit it; of a unix socket it means nothing. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	library_init();
	f->listening = fd;
	/* libfcgi is handed connections, never the socket: it must not wait where we do not see. */
	(void)FCGX_InitRequest(&f->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	return f;
}

enum fcgi_mode
fcgi_mode(const struct fcgi *f)
{
	return f->mode;
}

/*
 * Listening.
 */

static int
fail_with(int fd, int error)
{
	if (fd != -1)
		(void)close(fd);
	errno = error;
	return -1;
}

/* A socket file answers while somebody listens on it; one that refuses is left from a crash. */
static bool
is_abandoned(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, rc;

	if (lstat(sun->sun_path, &st) == -1 || !S_ISSOCK(st.st_mode) ||
	    (fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return false;
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	rc = rc == -1 && errno == ECONNREFUSED;
	(void)close(fd);
	return rc != 0;
}

static int
listen_unix(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const struct sockaddr *sa = (const struct sockaddr *)&sun;
	mode_t mask;
	int fd, rc;

	if (strlen(path) >= sizeof(sun.sun_path))
		return fail_with(-1, ENAMETOOLONG);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	if (is_abandoned(&sun))
		(void)unlink(path);
	mask = umask(0117);	/* 0660 from its first moment */
	rc = bind(fd, sa, sizeof(sun));
	(void)umask(mask);
	if (rc == -1 || listen(fd, BACKLOG) == -1)
		return fail_with(fd, errno);
	return fd;
}

/* "127.0.0.1:9000" or "[::1]:9000". FastCGI proves nobody's identity: only loopback will do. */
static bool
loopback_address(const char *where, struct sockaddr_storage *ss, socklen_t *n)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	const char *colon = strrchr(where, ':');
	int64_t port;

	memset(ss, 0, sizeof(*ss));
	if (colon == NULL || !text_number(colon + 1, &port) || port > 65535)
		return false;
	if (strncmp(where, "[::1]:", 6) == 0 && colon == where + 5) {
		*n = sizeof(*in6);
		in6->sin6_family = AF_INET6;
		in6->sin6_addr = in6addr_loopback;
		in6->sin6_port = htons((uint16_t)port);
		return true;
	}
	*n = sizeof(*in);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons((uint16_t)port);
	return strncmp(where, "127.0.0.1:", 10) == 0 && colon == where + 9;
}

static int
listen_tcp(const char *where)
{
	struct sockaddr_storage ss;
	socklen_t n;
	int fd, on = 1;

	if (!loopback_address(where, &ss, &n))
		return fail_with(-1, EADDRNOTAVAIL);
	if ((fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&ss, n) == -1 || listen(fd, BACKLOG) == -1)
		return fail_with(fd, errno);
	return fd;
}

int
fcgi_listen(const char *where)
{
	return strchr(where, '/') != NULL ? listen_unix(where) : listen_tcp(where);
}

/*
 * Waiting.
 */

static void
kept_drop(struct fcgi *f, size_t i)
{
	f->nkept--;
	memmove(&f->kept[i], &f->kept[i + 1], (f->nkept - i) * sizeof(f->kept[0]));
}

static void
kept_close(struct fcgi *f, size_t i)
{
	(void)close(f->kept[i].fd);
	kept_drop(f, i);
}

static void
kept_add(struct fcgi *f, int fd)
{
	f->kept[f->nkept++] = (struct kept){ fd, clock_steady() };
}

void
fcgi_close(struct fcgi **f)
{
	while ((*f)->nkept > 0)
		kept_close(*f, 0);
	free(*f);
	*f = NULL;
}

/* Waits for a signal, the socket (entry 0) or a kept connection. Signals are let in only inside
 * ppoll: one that came between looking at *stop and waiting would be slept over. */
static int
wait_for(struct fcgi *f, volatile const int *stop, struct pollfd *fds, int ms)
{
	const struct timespec limit = { ms / 1000, ms % 1000 * 1000000L };
	sigset_t all, saved;
	int n = -1;
	size_t i;

	fds[0] = (struct pollfd){ f->stopping != 0 || f->nkept == MOST_KEPT ? -1 : f->listening,
	    POLLIN, 0 };
	for (i = 0; i < f->nkept; i++)
		fds[i + 1] = (struct pollfd){ f->kept[i].fd, POLLIN, 0 };
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &saved);
	if (f->stopping != 0 || !*stop)
		n = ppoll(fds, f->nkept + 1, ms < 0 ? NULL : &limit, &saved);
	(void)sigprocmask(SIG_SETMASK, &saved, NULL);
	return n;
}

/* How long to wait: for good, or until an idle connection is one too many. */
static int
patience(const struct fcgi *f, int64_t now)
{
	int64_t left;

	if (f->stopping != 0)
		return QUIET;
	if (f->nkept < 2)
		return -1;
	left = f->kept[0].since + SURPLUS - now;
	return left > 0 ? (int)left : 0;
}

/* The connection among those kept that has something to say; -1 if none. */
static int
kept_ready(struct fcgi *f, const struct pollfd *fds)
{
	size_t i;
	int fd;

	for (i = 0; i < f->nkept; i++) {
		if (fds[i + 1].revents == 0)
			continue;
		fd = f->kept[i].fd;
		kept_drop(f, i);
		return fd;
	}
	return -1;
}

/* A new connection speaks at once, or joins those that may speak later. -1 also where another
 * worker was faster. */
static int
greet(struct fcgi *f)
{
	int fd = accept4(f->listening, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd one = { fd, POLLIN, 0 };

	if (fd == -1 || poll(&one, 1, FIRST_BYTE) == 1)
		return fd;
	kept_add(f, fd);
	return -1;
}

/* The connection that has a request, or -1 if it is time to end. Idle connections are closed only
 * when they have long been silent, or at the end: a web server may be writing to one just now, and
 * nginx would answer 502 to the POST that is lost. */
static int
next_connection(struct fcgi *f, volatile const int *stop)
{
	struct pollfd fds[MOST_KEPT + 1];
	int fd, n;

	for (;;) {
		int64_t now = clock_steady();

		if (*stop && f->stopping == 0)
			f->stopping = now;
		if (f->stopping != 0 && (f->nkept == 0 || now - f->stopping > LINGER))
			return -1;
		/* Under load the next connection is there already, and waiting for it a waste. */
		if (f->stopping == 0 && f->nkept == 0 && (fd = greet(f)) != -1)
			return fd;
		if ((n = wait_for(f, stop, fds, patience(f, now))) > 0) {
			if ((fd = kept_ready(f, fds)) != -1)
				return fd;
			if (fds[0].revents != 0 && (fd = greet(f)) != -1)
				return fd;
		} else if (n == 0 && f->stopping != 0) {
			return -1;
		} else if (n == 0) {
			kept_close(f, 0);
		}
	}
}

static bool
accept_socket(struct fcgi *f, volatile const int *stop)
{
	int fd;

	while ((fd = next_connection(f, stop)) != -1) {
		f->request.ipcFd = fd;
		f->request.keepConnection = 1;	/* or FCGX_Accept_r would close it first */
		/* Fails if the web server closed the connection or broke the protocol; then it has
		 * been closed on our side too. */
		if (FCGX_Accept_r(&f->request) == 0)
			return true;
	}
	while (f->nkept > 0)
		kept_close(f, 0);
	return false;
}

static bool
accept_cgi(struct fcgi *f, volatile const int *stop)
{
	const char *length = getenv("CONTENT_LENGTH");
	int64_t n;

	if (f->done || *stop)
		return false;
	f->done = true;
	f->unread = length != NULL && text_number(length, &n) ? (size_t)n : 0;
	return true;
}

bool
fcgi_accept(struct fcgi *f, volatile const int *stop)
{
	f->open = f->mode == FCGI_CGI ? accept_cgi(f, stop) : accept_socket(f, stop);
	return f->open;
}

/*
 * One request.
 */

const char *
fcgi_env(const struct fcgi *f, const char *name)
{
	if (!f->open)
		return NULL;
	return f->mode == FCGI_CGI ? getenv(name) : FCGX_GetParam(name, f->request.envp);
}

/* The next bytes of the body; 0 at its end or when the web server has gone. */
static size_t
read_some(struct fcgi *f, char *s, size_t n)
{
	ssize_t got;
	int some;

	if (f->mode == FCGI_SOCKET)
		return (some = FCGX_GetStr(s, (int)n, f->request.in)) > 0 ? (size_t)some : 0;
	n = f->unread < n ? f->unread : n;
	do
		got = n > 0 ? read(STDIN_FILENO, s, n) : 0;
	while (got == -1 && errno == EINTR);
	f->unread -= got > 0 ? (size_t)got : 0;
	return got > 0 ? (size_t)got : 0;
}

/* Half a body is no body: "amount=10" must not be what is left of "amount=1000". */
static bool
is_whole(const struct fcgi *f, size_t got)
{
	const char *length = fcgi_env(f, "CONTENT_LENGTH");
	int64_t n;

	if (f->mode == FCGI_SOCKET && FCGX_GetError(f->request.in) != 0)
		return false;
	return length == NULL || !text_number(length, &n) || (size_t)n <= got;
}

const char *
fcgi_body(struct fcgi *f, struct arena *mem, size_t most, size_t *n_r, bool *over_r)
{
	struct buf *body = buf_new(mem, most);
	char piece[4096];
	size_t n, got = 0;

	*n_r = 0;
	while ((n = read_some(f, piece, sizeof(piece))) > 0) {
		buf_add(body, piece, n);
		got += n;
	}
	explicit_bzero(piece, sizeof(piece));
	*over_r = buf_over(body);
	if (!is_whole(f, got))
		return NULL;
	if (*over_r)
		return "";
	*n_r = body->len;
	return body->s;
}

static bool
send_cgi(const char *s, size_t n)
{
	ssize_t sent;

	while (n > 0) {
		if ((sent = write(STDOUT_FILENO, s, n)) == -1 && errno != EINTR)
			return false;
		s += sent > 0 ? sent : 0;
		n -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

static bool
send_socket(FCGX_Request *r, const char *s, size_t n)
{
	return n == 0 || FCGX_PutStr(s, (int)n, r->out) == (int)n;
}

/* The order of closing matters: the last stream carries the end of the request, so that head, body
 * and end leave in one write if they are small. */
static bool
finish_socket(struct fcgi *f, const char *head, size_t nhead, const char *body, size_t nbody)
{
	FCGX_Request *r = &f->request;
	bool sent = send_socket(r, head, nhead) && send_socket(r, body, nbody);
	bool broken = FCGX_GetError(r->in) != 0;

	(void)FCGX_FClose(r->err);
	sent = FCGX_FClose(r->out) == 0 && sent;
	/* All input was read, so closing cannot reset what was written: no need to wait for the
	 * other side to close first. */
	if (sent && !broken)
		(void)FCGX_Detach(r);
	FCGX_Finish_r(r);
	/* Who is ending closes behind the answer: the web server sees both at once. Later it may be
	 * writing the next request already. */
	if (r->ipcFd != -1 && f->stopping != 0)
		(void)close(r->ipcFd);
	else if (r->ipcFd != -1)
		kept_add(f, r->ipcFd);
	r->ipcFd = -1;
	return sent && !broken;
}

bool
fcgi_finish(struct fcgi *f, const char *head, size_t nhead, const char *body, size_t nbody)
{
	char piece[4096];

	while (read_some(f, piece, sizeof(piece)) > 0)
		;
	f->open = false;
	if (f->mode == FCGI_CGI)
		return send_cgi(head, nhead) && send_cgi(body, nbody);
	return finish_socket(f, head, nhead, body, nbody);
}
