/* supervise - processes that are kept alive */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "endpoint/supervise.h"

enum { YOUNG = 1000, PAUSE = 100, LONGEST_PAUSE = 500 };	/* milliseconds */

struct child {
	const struct member *member;
	pid_t pid;			/* 0: not running */
	int64_t started, due;		/* steady clock; due: when to start again */
	int64_t pause;			/* grows while it keeps dying young */
};

static void
ignore(int signal)
{
	(void)signal;
}

/* In the child: signals as a program expects them, and an end with its supervisor's. */
static void
child_begin(const struct member *member, pid_t parent, const sigset_t *signals)
{
	int i;

	for (i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigprocmask(SIG_UNBLOCK, signals, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);	/* it died before we asked to be told */
	if (member->argv == NULL)
		_exit(member->run(member->context));
	if (member->listening > 0 && dup2(member->listening, STDIN_FILENO) == -1)
		log_die("cannot hand over the socket of %s: %s", member->name, strerror(errno));
	(void)execv(member->argv[0], (char *const *)member->argv);
	log_die("cannot run %s: %s", member->argv[0], strerror(errno));
}

static void
child_start(struct child *child, const sigset_t *signals)
{
	pid_t parent = getpid();

	child->started = clock_steady();
	child->pid = fork();
	if (child->pid == 0)
		child_begin(child->member, parent, signals);
	if (child->pid != -1)
		return;
	log_line(LOG_ERROR, "cannot start %s: %s", child->member->name, strerror(errno));
	child->pid = 0;
	child->due = child->started + LONGEST_PAUSE;
}

/* One death may be an accident; who dies again and again cannot start. */
static void
child_gone(struct child *child, int64_t now)
{
	child->pid = 0;
	child->pause = now - child->started < YOUNG ? child->pause + PAUSE : 0;
	if (child->pause > LONGEST_PAUSE)
		child->pause = LONGEST_PAUSE;
	child->due = now + child->pause;
}

/* Takes note of the dead; returns how many are still running. */
static int
children_reap(struct child *children, int n)
{
	int64_t now = clock_steady();
	int status, running = 0, i;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < n && children[i].pid != pid; i++)
			continue;
		if (i == n)
			continue;
		child_gone(&children[i], now);
		if (WIFSIGNALED(status))
			log_line(LOG_WARN, "%s (process %ld) was ended by signal %d",
			    children[i].member->name, (long)pid, WTERMSIG(status));
		else if (WEXITSTATUS(status) != 0)
			log_line(LOG_WARN, "%s (process %ld) ended with status %d",
			    children[i].member->name, (long)pid, WEXITSTATUS(status));
	}
	for (i = 0; i < n; i++)
		running += children[i].pid != 0;
	return running;
}

static void
children_renew(const struct child *children, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (children[i].pid > 0)
			(void)kill(children[i].pid, children[i].member->renews != 0 ?
			    children[i].member->renews : SIGTERM);
}

static void
children_signal(const struct child *children, int n, int signal)
{
	int i;

	for (i = 0; i < n; i++)
		if (children[i].pid > 0)
			(void)kill(children[i].pid, signal);
}

/* Starts what is due; returns how long to wait for a signal, in milliseconds. */
static int64_t
children_start(struct child *children, int n, const sigset_t *signals)
{
	int64_t now = clock_steady(), wait = 60 * 1000;
	int i;

	for (i = 0; i < n; i++) {
		if (children[i].pid == 0 && children[i].due <= now)
			child_start(&children[i], signals);
		if (children[i].pid == 0 && children[i].due - now < wait)
			wait = children[i].due > now ? children[i].due - now : 1;
	}
	return wait;
}

static int
wait_signal(const sigset_t *signals, int64_t ms)
{
	struct timespec limit = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	return sigtimedwait(signals, NULL, &limit);
}

/* Each child ends its request first; one that takes too long is ended. */
static void
children_end(struct child *children, int n, const sigset_t *signals, int patience)
{
	int64_t until = clock_steady() + patience * 1000;

	children_signal(children, n, SIGTERM);
	while (children_reap(children, n) > 0 && clock_steady() < until)
		(void)wait_signal(signals, 200);
	children_signal(children, n, SIGKILL);
}

int
supervise(const struct member *members, int n, int patience)
{
	struct arena *mem = arena_new();
	struct child *children;
	sigset_t signals;
	int total = 0, i, j, k = 0, got;

	for (i = 0; i < n; i++)
		total += members[i].count;
	children = arena_array(mem, (size_t)total, sizeof(*children));
	for (i = 0; i < n; i++)
		for (j = 0; j < members[i].count; j++)
			children[k++].member = &members[i];
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGCHLD, ignore);
	do {
		got = wait_signal(&signals, children_start(children, total, &signals));
		(void)children_reap(children, total);
		if (got == SIGHUP)
			children_renew(children, total);
	} while (got != SIGTERM && got != SIGINT);
	children_end(children, total, &signals, patience);
	arena_free(&mem);
	return EX_OK;
}
