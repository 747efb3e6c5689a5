/* NAME         tarnd - housekeeping
 * SYNOPSIS     tarnd [--conf file] [--describe] [--help]
 * READS        pool key client domain outbox
 * WRITES       client client_pool registration initial_token family refresh outbox ticket code
 *              device_code user_code session throttle watch
 * SETTINGS     data log_archive run publish master_key issuer_base scheme mail mail_from mail_user
 *              mail_password_file mail_tls sms sms_from sms_token_file http_private log
 *              log_level
 *
 * Does what must be done although nobody asks: delivers mail and text messages from the outbox,
 * tells relying parties of sign-outs, removes what has expired (clients that registered themselves
 * and were never used among it), keeps the store's log short, on disk and, where log_archive names
 * a directory, copied to it, and keeps the published discovery documents and key sets as the store
 * has them. One is enough; a second one waits for the first to go. Ends on SIGTERM after the
 * deliveries under way.
 *
 * It may die at any moment. A letter leaves the outbox after it was delivered, so at worst it is
 * delivered twice, and then with the same Message-ID. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "endpoint/describe.h"
#include "net/http.h"
#include "net/mail.h"
#include "net/sms.h"
#include "oidc/discovery.h"
#include "oidc/farewell.h"
#include "store/copy.h"
#include "store/outbox.h"
#include "store/watch.h"

enum {
	TICK = 200,			/* milliseconds; a code is waited for by a person */
	MAILS = 4,			/* deliveries at a time: a slow relay holds up no other */
	CALLS = 4,			/* to relying parties; a slow one holds up no mail */
	FLIGHTS = MAILS + CALLS,
	FLIGHT_SECONDS = 300,		/* after which one is given up, whatever the library does */
	LAST_WAIT = 8000,		/* milliseconds for deliveries under way, at the end */
	DAY = 24 * 3600 * 1000,
	GIVE_UP = 2 * DAY,
	REST = 30 * 1000,		/* of what failed */
	SWEEP = 50			/* ms of one turn of sweeping, of each TICK */
};

/* Between the first failed try and the second, and so on; then always the last. Milliseconds. */
static const int64_t pauses[] = { 30 * 1000, 120 * 1000, 600 * 1000, 3600 * 1000 };

static volatile sig_atomic_t stop;

static void
on_stop(int signal)
{
	(void)signal;
	stop = 1;
}

static void
on_child(int signal)
{
	(void)signal;	/* it interrupts the wait */
}

/*
 * Mail. Each letter is sent by a process of its own, which talks to the relay and to nothing else.
 */

struct flight {
	pid_t pid;			/* 0: nobody is under way */
	struct rq *rq;			/* the letter lives in it; NULL: free */
	const struct letter *letter;
	const char *url, *form;		/* of a call */
	int outcome;
	int64_t due;	/* steady clock: when to settle, once the sender has ended */
};

static struct flight flights[FLIGHTS];

enum { SENT, LATER, NEVER };		/* how a sender ends */

static int
letter_read(struct rq *rq, const struct letter *letter, struct mail *mail)
{
	struct json *doc;
	unsigned char *text;
	const char *error;
	size_t n;
	int r;

	if ((r = aead_open(rq, "outbox", letter->sealed, &text, &n)) != 0)
		return fault(rq, "letter %s cannot be unsealed: is its master key still in %s?",
		    letter->id, conf->master_key);
	if (!json_parse(rq->mem, (const char *)text, n, &doc, &error))
		return fault(rq, "letter %s: %s", letter->id, error);
	/* A text message is for a number, and every mail for an address. */
	*mail = (struct mail){ .id = letter->id, .from = conf->mail_from,
		.to = json_text(doc, "To"), .subject = json_text(doc, "Subject"),
		.text = json_text(doc, "Text"), .html = json_text(doc, "Html") };
	return 0;
}

static int
letter_send(struct rq *rq, const struct letter *letter)
{
	struct mail mail;
	struct sms sms;
	const char *why = "";
	int r;

	if (letter_read(rq, letter, &mail) != 0)
		return LATER;
	sms = (struct sms){ .id = mail.id, .to = mail.to, .text = mail.text };
	r = text_starts(mail.to, "+") && strchr(mail.to, '@') == NULL ?
	    sms_send(rq, &sms, &why) : mail_send(rq, &mail, &why);
	if (r == 0)
		return SENT;
	log_rq(rq, r == FAULT ? LOG_ERROR : LOG_WARN, NULL, "letter %s, try %lld: %s", letter->id,
	    (long long)letter->tries + 1, why);
	return r == FAULT ? NEVER : LATER;
}

/* Back-Channel Logout 2.8: who answers that the request is bad will not like it better later. */
static int
call_send(const struct flight *flight)
{
	struct rq *rq = flight->rq;
	const char *why = "";
	long status;

	if (http_post(rq, flight->url, flight->form, &status, &why) == 0) {
		if (status >= 200 && status < 300)
			return SENT;
		why = arena_printf(rq->mem, "answered %ld", status);
	}
	log_rq(rq, LOG_WARN, NULL, "call %s to %s, try %lld: %s", flight->letter->id, flight->url,
	    (long long)flight->letter->tries + 1, why);
	return status >= 400 && status < 500 && status != 408 && status != 429 ? NEVER : LATER;
}

/* The store's handles came along with the fork and belong to the parent: the sender neither uses
 * nor closes them, and leaves by _exit. */
static void
flight_run(const struct flight *flight, int lock, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(LATER);
	(void)close(lock);
	(void)signal(SIGTERM, SIG_IGN);	/* a delivery under way is brought to its end */
	(void)signal(SIGINT, SIG_IGN);
	(void)alarm(FLIGHT_SECONDS);
	_exit(flight->letter->call ? call_send(flight) :
	    letter_send(flight->rq, flight->letter));
}

/* Takes over rq. */
static void
flight_begin(struct flight *flight, struct rq *rq, const struct letter *letter, int lock)
{
	pid_t parent = getpid();

	flight->rq = rq;
	flight->letter = letter;
	flight->pid = fork();
	if (flight->pid == 0)
		flight_run(flight, lock, parent);
	if (flight->pid == -1) {
		log_rq(rq, LOG_WARN, NULL, "cannot fork to send: %s", strerror(errno));
		flight->pid = 0;
		flight->outcome = LATER;
	}
}

static int64_t
next_due(const struct letter *letter, int64_t now)
{
	size_t n = sizeof(pauses) / sizeof(pauses[0]);
	size_t i = (uint64_t)letter->tries < n ? (size_t)letter->tries : n - 1;

	return now + pauses[i];
}

static int
letter_settle(struct rq *rq, const struct letter *letter, int outcome)
{
	int r = 0;

	if (outcome == LATER && rq->now - letter->created > GIVE_UP) {
		log_rq(rq, LOG_ERROR, NULL, "letter %s: given up after %lld tries", letter->id,
		    (long long)letter->tries + 1);
		outcome = NEVER;
	}
	if (outcome == LATER)
		r = outbox_later(rq, letter, next_due(letter, rq->now));
	else
		outbox_drop(rq, letter);
	return r != 0 ? r : kv_apply(rq);
}

static void
flight_land(struct flight *flight, int status)
{
	if (WIFSIGNALED(status))
		log_rq(flight->rq, LOG_WARN, NULL, "letter %s: the sender died of signal %d",
		    flight->letter->id, WTERMSIG(status));
	flight->pid = 0;
	flight->outcome = WIFEXITED(status) ? WEXITSTATUS(status) : LATER;
	flight->due = 0;
}

/* What the store does not take now (a full disk) is kept until it does: the letter stays in the
 * outbox meanwhile, and sending it again and again would be worse. */
static void
flight_settle(struct flight *flight)
{
	struct rq *rq = flight->rq;
	int r;

	if (clock_steady() < flight->due)
		return;
	rq->now = clock_now();
	if ((r = letter_settle(rq, flight->letter, flight->outcome)) == FAULT) {
		flight->due = clock_steady() + REST;
		return;
	}
	if (r == 0 && flight->outcome == SENT)
		log_rq(rq, LOG_INFO, NULL, "letter %s is delivered", flight->letter->id);
	rq_end(&flight->rq);
}

/* How many are still under way. */
static int
flights_look(void)
{
	int i, status, n = 0;

	for (i = 0; i < FLIGHTS; i++) {
		struct flight *flight = &flights[i];

		if (flight->pid != 0 && waitpid(flight->pid, &status, WNOHANG) == flight->pid)
			flight_land(flight, status);
		if (flight->rq != NULL && flight->pid == 0)
			flight_settle(flight);
		n += flight->pid != 0;
	}
	return n;
}

static bool
is_taken(const char *id)
{
	int i;

	for (i = 0; i < FLIGHTS; i++)
		if (flights[i].rq != NULL && text_equal(flights[i].letter->id, id))
			return true;
	return false;
}

/* The token is made here: the sender has no store. */
static void
call_begin(struct flight *flight, struct rq *rq, const struct letter *call, int lock)
{
	bool made = farewell_call(rq, call, &flight->url, &flight->form) == 0;

	if (made && flight->url != NULL) {
		flight_begin(flight, rq, call, lock);
		return;
	}
	flight->rq = rq;
	flight->letter = call;
	flight->outcome = made ? NEVER : LATER;
	flight->due = 0;
}

/* Mail and calls wait in lines of their own, and each line has flights of its own. */
static const struct line {
	int first, end;			/* its flights */
	int (*due)(struct rq *, size_t, const struct letter *const **, size_t *);
	void (*begin)(struct flight *, struct rq *, const struct letter *, int lock);
} lines[] = {
	{ 0, MAILS, outbox_due, flight_begin },
	{ MAILS, FLIGHTS, outbox_due_calls, call_begin },
};

/* The first letter that is due and that no flight has; each has a request of its own. False: there
 * is none. */
static bool
line_next(const struct line *line, struct flight *flight, int lock)
{
	const struct letter *const *letters;
	struct rq *rq = rq_begin("tarnd");
	size_t n, i;

	if (line->due(rq, (size_t)(line->end - line->first) + 1, &letters, &n) == 0) {
		for (i = 0; i < n; i++) {
			if (is_taken(letters[i]->id))
				continue;
			line->begin(flight, rq, letters[i], lock);
			return true;
		}
	}
	rq_end(&rq);
	return false;
}

static void
lines_turn(int lock)
{
	const struct line *line;
	int i;

	(void)flights_look();
	for (line = lines; line < lines + sizeof(lines) / sizeof(lines[0]); line++)
		for (i = line->first; i < line->end; i++)
			if (flights[i].rq == NULL && !line_next(line, &flights[i], lock))
				break;
}

/*
 * Chores: a table of small steps, each with its own pace. One that fails rests for a while, so that
 * a full disk does not fill the log too.
 */

static int
chore_sweep(struct rq *rq)
{
	int64_t until = clock_steady() + SWEEP;
	bool believed;
	size_t n;
	int r;

	if ((r = watch_clock(rq, &believed)) != 0 || (r = kv_apply(rq)) != 0 || !believed)
		return r;
	do
		if ((r = kv_sweep(rq, &n)) != 0)
			return r;
	while (n > 0 && clock_steady() < until);
	return 0;
}

/* One pool after the other. Commands publish what they change themselves; this mends what a killed
 * command or a lost file left behind. */
static int
chore_publish(struct rq *rq)
{
	static char last[64];
	const struct pool *const *pools;
	size_t n;
	int r;

	r = pool_list(rq, *last != '\0' ? last : NULL, 1, &pools, &n);
	if (r != 0)
		return r;
	(void)snprintf(last, sizeof(last), "%s", n > 0 ? pools[0]->id : "");
	return n > 0 ? discovery_publish(rq, pools[0]) : 0;
}

static struct chore {
	const char *name;
	int (*run)(struct rq *);
	int64_t pace;			/* milliseconds */
	int64_t due;			/* steady clock */
} chores[] = {
	{ "flush", kv_flush, 500, 0 },
	{ "archive", copy_archive, 2000, 0 },	/* before the checkpoint, which removes logs */
	{ "publish", chore_publish, 1000, 0 },
	{ "sweep", chore_sweep, TICK, 0 },
	{ "checkpoint", kv_checkpoint, 5000, 0 },
};

static void
chores_turn(void)
{
	size_t i;

	for (i = 0; i < sizeof(chores) / sizeof(chores[0]); i++) {
		struct chore *chore = &chores[i];
		struct rq *rq;

		if (clock_steady() < chore->due)
			continue;
		rq = rq_begin("tarnd");
		chore->due = clock_steady() + chore->pace;
		if (chore->run(rq) != 0) {
			log_rq(rq, LOG_WARN, NULL, "%s rests for %d seconds", chore->name,
			    REST / 1000);
			chore->due = clock_steady() + REST;
		}
		rq_end(&rq);
	}
}

/*
 * The program.
 */

static void
wait_a_tick(void)
{
	const struct timespec tick = { 0, TICK * 1000000L };

	(void)nanosleep(&tick, NULL);	/* less where a sender ends or we are to stop */
}

/* A new tarnd may be started before the old one is gone; two would deliver everything twice. */
static int
lock_take(void)
{
	struct arena *mem = arena_new();
	const char *path = arena_printf(mem, "%s/tarnd.lock", conf->run);
	int fd;

	(void)mkdir(conf->run, 0750);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640)) == -1)
		log_die("cannot open %s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB) == -1 && !stop) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			log_die("cannot lock %s: %s", path, strerror(errno));
		wait_a_tick();
	}
	arena_free(&mem);
	return fd;
}

static void
signals_take(void)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_stop };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		(void)sigaction(ends[i], &action, NULL);
	action.sa_handler = on_child;
	(void)sigaction(SIGCHLD, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static void
finish(void)
{
	int64_t end = clock_steady() + LAST_WAIT;

	while (flights_look() > 0 && clock_steady() < end)
		wait_a_tick();
	kv_close();
}

static int
work(void)
{
	int lock;

	signals_take();
	lock = lock_take();
	while (!stop && !kv_worn()) {
		lines_turn(lock);
		chores_turn();
		wait_a_tick();
	}
	finish();
	return EX_OK;
}

static const struct page pages[] = { { .path = NULL } };

static const struct program program = {
	.name = "tarnd", .what = "housekeeping", .pages = pages,
	.reads = "pool key client domain outbox",
	.writes = "client client_pool registration initial_token family refresh outbox ticket "
	    "code device_code user_code session throttle watch",
	.sets = "", .hands_over = "",
};

static int
usage(FILE *out, int status)
{
	(void)fputs("usage: tarnd [--conf FILE]\n\n"
	    "Delivers mail and text messages, removes what has expired, keeps the store's\n"
	    "log short and the discovery documents fresh. Stop it with SIGTERM.\n\n"
	    "  --conf FILE      settings (default: $TARN_CONF, or the installed file)\n"
	    "  --describe       the records it reads and writes as JSON\n"
	    "  --help           this text\n", out);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "conf", required_argument, NULL, 'c' }, { "describe", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	const char *path = conf_path(), *error;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == 'd')
			return describe_json(&program), EX_OK;
		if (c != 'c')
			return c == 'h' ? usage(stdout, EX_OK) : usage(stderr, EX_USAGE);
		path = optarg;
	}
	if (optind < argc)
		return usage(stderr, EX_USAGE);
	if (!conf_read(path, &error)) {
		(void)fprintf(stderr, "tarnd: %s\n", error);
		return EX_CONFIG;
	}
	if (!log_open("tarnd", conf->log, conf->log_level))
		log_line(LOG_WARN, "cannot open log %s: %s", conf->log, strerror(errno));
	return work();
}
