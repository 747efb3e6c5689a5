/* NAME         serve - the whole suite under one supervisor
 * SYNOPSIS     tarn serve [--conf file] [--programs dir] [--only name,name...]
 * READS        nothing
 * WRITES       nothing
 * SETTINGS     run workers log log_level
 *
 * Opens a socket for each program of a directory, {run}/{program}.sock, and keeps the program alive
 * on it, so that a web server without a process manager of its own finds all of them, and finds
 * them again after a crash: the socket stays while processes come and go. tarnd runs beside them.
 *
 * It is two processes. The first holds the sockets and does nothing but start the second, which
 * starts and watches all others; so a second one that is killed is replaced, and requests wait for
 * the moment that takes. If the first is killed everything ends, and whoever started it starts it
 * again: it takes the sockets over at once.
 *
 * SIGTERM ends all after their present requests; SIGHUP replaces each process by a new one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"
#include "endpoint/supervise.h"
#include "sbin/serve.h"
#include "web/fcgi.h"

enum { MOST = 64 };	/* programs */

struct suite {
	struct arena *mem;
	const char *conf, *programs, *daemon;
	struct words only;		/* names; none: all */
	struct member members[MOST];
	const char *sockets[MOST];	/* NULL: it has none */
	int n;
	int lock;
};

static int
serve_usage(FILE *out, int status)
{
	(void)fputs("usage: tarn serve [--conf FILE] [--programs DIR] [--only NAME,NAME…]\n\n"
	    "Keeps the programs of DIR running, each on the socket {run}/NAME.sock, and tarnd.\n"
	    "Stop it with SIGTERM; SIGHUP replaces every process after its present request.\n\n"
	    "  --conf FILE      settings (default: $TARN_CONF, or the installed file)\n"
	    "  --programs DIR   where they are (default: the installed ones)\n"
	    "  --only NAMES     these alone; tarnd is a name among them\n", out);
	return status;
}

/* tarnd is where this command is. */
static const char *
daemon_path(struct arena *mem)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return "tarnd";
	self[n] = '\0';
	slash = strrchr(self, '/');
	return arena_printf(mem, "%.*s/tarnd", (int)(slash - self), self);
}

static bool
is_program(const struct suite *suite, const char *path, const char *name)
{
	struct stat st;

	if (suite->only.n > 0 && !words_have(suite->only, name))
		return false;
	return strchr(name, '.') == NULL && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

static void
add(struct suite *suite, const char *path, const char *name, int listening, int count)
{
	const char **argv = arena_array(suite->mem, 4, sizeof(*argv));
	struct member *member = &suite->members[suite->n++];

	argv[0] = path;
	argv[1] = "--conf";
	argv[2] = suite->conf;
	*member = (struct member){ .name = name, .count = count, .listening = listening,
		.argv = argv };
}

static void
add_program(struct suite *suite, const char *path, const char *name)
{
	const char *where = arena_printf(suite->mem, "%s/%s.sock", conf->run, name);
	int fd;

	if (suite->n == MOST)
		log_die("more than %d programs in %s", MOST, suite->programs);
	(void)unlink(where);	/* of one that was killed; its programs may still hold it */
	if ((fd = fcgi_listen(where)) == -1)
		log_die("cannot listen on %s: %s", where, strerror(errno));
	suite->sockets[suite->n] = where;
	add(suite, path, name, fd, (int)conf->workers);
}

static void
add_programs(struct suite *suite)
{
	DIR *dir = opendir(suite->programs);
	const struct dirent *entry;

	if (dir == NULL)
		log_die("cannot look into %s: %s", suite->programs, strerror(errno));
	while ((entry = readdir(dir)) != NULL) {
		const char *name = arena_dup(suite->mem, entry->d_name);
		const char *path = arena_printf(suite->mem, "%s/%s", suite->programs, name);

		if (is_program(suite, path, name))
			add_program(suite, path, name);
	}
	(void)closedir(dir);
}

/* Every name that was asked for must be there: a misspelt one is not silently missing. */
static bool
is_complete(const struct suite *suite)
{
	size_t i;
	int j;

	for (i = 0; i < suite->only.n; i++) {
		for (j = 0; j < suite->n; j++)
			if (text_equal(suite->members[j].name, suite->only.at[i]))
				break;
		if (j < suite->n)
			continue;
		log_line(LOG_ERROR, "there is no program %s in %s", suite->only.at[i],
		    suite->programs);
		return false;
	}
	return suite->n > 0;
}

static void
options_read(struct suite *suite, int argc, char **argv)
{
	static const struct option table[] = {
		{ "conf", required_argument, NULL, 'c' },
		{ "programs", required_argument, NULL, 'p' },
		{ "only", required_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'c':
			suite->conf = optarg;
			break;
		case 'p':
			suite->programs = optarg;
			break;
		case 'o':
			suite->only = words_split(suite->mem, optarg, ',');
			break;
		case 'h':
			exit(serve_usage(stdout, EX_OK));
		default:
			exit(serve_usage(stderr, EX_USAGE));
		}
	}
	if (optind < argc)
		exit(serve_usage(stderr, EX_USAGE));
}

/* A socket nobody will answer on is taken away: a web server that finds none says so at once. */
static void
sockets_remove(const struct suite *suite)
{
	int i;

	for (i = 0; i < suite->n; i++)
		if (suite->sockets[i] != NULL)
			(void)unlink(suite->sockets[i]);
}

/* One at a time: two would take each other's sockets. It goes with the process that has it. */
static int
lock_take(struct arena *mem)
{
	const char *path = arena_printf(mem, "%s/serve.lock", conf->run);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd == -1)
		log_die("cannot open %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		log_die("tarn serve runs already: %s is locked", path);
	return fd;
}

static int
suite_run(void *context)
{
	const struct suite *suite = context;

	(void)close(suite->lock);	/* it is the other's life that counts */
	return supervise(suite->members, suite->n, PATIENCE);
}

int
serve_main(int argc, char **argv)
{
	struct suite suite = { .mem = arena_new(), .conf = conf_path(),
		.programs = TARN_CGIBINDIR };
	struct member second = { .name = "the supervisor", .count = 1, .listening = -1,
		.run = suite_run, .context = &suite, .renews = SIGHUP };
	const char *error;
	int status = EX_UNAVAILABLE;

	suite.daemon = daemon_path(suite.mem);
	options_read(&suite, argc, argv);
	if (!conf_read(suite.conf, &error)) {
		(void)fprintf(stderr, "tarn serve: %s\n", error);
		return EX_CONFIG;
	}
	if (!log_open("serve", conf->log, conf->log_level))
		log_line(LOG_WARN, "cannot open log %s: %s", conf->log, strerror(errno));
	(void)mkdir(conf->run, 0750);
	suite.lock = lock_take(suite.mem);
	add_programs(&suite);
	if (is_program(&suite, suite.daemon, "tarnd"))
		add(&suite, suite.daemon, "tarnd", -1, 1);
	if (is_complete(&suite))
		status = supervise(&second, 1, 2 * PATIENCE);
	sockets_remove(&suite);
	arena_free(&suite.mem);
	return status;
}
