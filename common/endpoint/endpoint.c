/* endpoint - what every program of cgi-bin/ is: a table of pages, and main in one line */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "endpoint/describe.h"
#include "endpoint/serve.h"
#include "endpoint/supervise.h"

struct options {
	const char *conf, *socket;
	int64_t workers;
};

static volatile int stop;

static void
on_stop(int signal)
{
	(void)signal;
	stop = 1;
}

static void
usage(const char *program, const char *why)
{
	(void)fprintf(stderr, "%s: %s; see %s --help\n", program, why, program);
	_exit(EX_USAGE);
}

static void
options_read(const struct program *program, int argc, char **argv, struct options *out)
{
	static const struct option table[] = {
		{ "conf", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "workers", required_argument, NULL, 'w' },
		{ "describe", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'c':
			out->conf = optarg;
			break;
		case 's':
			out->socket = optarg;
			break;
		case 'w':
			if (!text_number(optarg, &out->workers) || out->workers < 1 ||
			    out->workers > 64)
				usage(program->name, "--workers takes a number from 1 to 64");
			break;
		case 'd':
			describe_json(program);
			exit(0);
		case 'h':
			describe_help(program);
			exit(0);
		default:
			usage(program->name, "unknown option");
		}
	}
	if (optind < argc)
		usage(program->name, "takes no arguments");
}

struct worker {
	const struct program *program;
	int listening;
};

static int
worker_run(void *context)
{
	const struct worker *worker = context;
	struct sigaction action = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	struct fcgi *fcgi;
	int status;

	/* Restarted calls: a request that is just arriving is read to its end; the wait for the
	 * next one (ppoll) ends at a signal all the same. */
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	fcgi = fcgi_open(worker->listening);
	status = endpoint_serve(worker->program, fcgi, &stop,
	    fcgi_mode(fcgi) == FCGI_CGI ? 1 : conf->worker_requests);
	fcgi_close(&fcgi);
	return status;
}

int
endpoint_main(const struct program *program, int argc, char **argv)
{
	struct options options = { .conf = conf_path() };
	struct worker worker = { program, -1 };
	struct member workers = { .name = program->name, .listening = -1, .run = worker_run,
		.context = &worker };
	const char *error;

	options_read(program, argc, argv, &options);
	if (!conf_read(options.conf, &error)) {
		(void)fprintf(stderr, "%s: %s\n", program->name, error);
		return EX_CONFIG;
	}
	if (!log_open(program->name, conf->log, conf->log_level))
		log_line(LOG_WARN, "cannot open log %s: %s", conf->log, strerror(errno));
	digest_warm();
	/* On a socket of a process manager, that manager decides how many processes there are. */
	if (options.socket == NULL && options.workers == 0)
		return worker_run(&worker);
	if (options.socket != NULL && (worker.listening = fcgi_listen(options.socket)) == -1)
		log_die("cannot listen on %s: %s", options.socket, strerror(errno));
	workers.count = (int)(options.workers != 0 ? options.workers : conf->workers);
	return supervise(&workers, 1, PATIENCE);
}
