/* store_race - many processes take what is for one, and one of them gets it
 *
 *	store_race [-n rounds] [-p processes] directory
 *
 * Each round is about something that can be had once: an authorization code, a ticket, a pushed
 * request, a refresh token that rotates, a name nobody has, a proof nobody has shown. All processes
 * read it before any goes on, and do with it what a program's rules do; who is too late does it
 * again, as a program does, and must find it gone. Exactly one must succeed, and what is in the store
 * must be its work. The directory is made, and removed unless something was wrong. Exit status: 0 or
 * 1. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/rq.h"
#include "base/text.h"
#include "store/grants.h"
#include "store/seen.h"
#include "store/ticket.h"

enum { PROCESSES = 64, HUNG_MS = 5000 };

static struct conf settings = { .cache_megabytes = 4, .code_seconds = 300 };
const struct conf *const conf = &settings;

static struct {
	_Atomic uint32_t round;		/* under way; 0: none yet */
	_Atomic uint32_t ready, read, done, won, late, faults, winner;
	_Atomic bool stop;
	uint32_t processes;
} *shared;

static void
nap(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

static const char *
name(struct rq *rq, uint32_t number)
{
	return arena_printf(rq->mem, "%u", number);
}

/* What the winner leaves behind. */
static const struct kv_key *
mark_key(struct rq *rq, uint32_t round)
{
	return kv_key(rq->mem, KV_ALIAS, "race", name(rq, round), NULL);
}

/* Everybody has read before anybody goes on. */
static void
all_have_read(uint32_t round)
{
	shared->read++;
	while (shared->read < round * shared->processes && !shared->stop)
		(void)sched_yield();
}

/* What it is about: how it is put there, looked for (NULL: there is nothing to have) and taken, as
 * rules do it: take only collects. */
struct prize {
	int (*lay)(struct rq *rq, uint32_t round);
	int (*look)(struct rq *rq, uint32_t round, const void **found_r);
	int (*take)(struct rq *rq, uint32_t round, uint32_t who, const void *found);
};

static struct grant
a_grant(struct rq *rq, uint32_t number)
{
	return (struct grant){ .id = name(rq, number), .client = "client", .username = "user",
		.sub = "sub", .scope = "openid", .auth_time = rq->now / 1000, .created = rq->now,
		.expires = rq->now + 3600 * 1000 };
}

static int
lay_nothing(struct rq *rq, uint32_t round)
{
	(void)rq;
	(void)round;
	return 0;
}

static int
lay_code(struct rq *rq, uint32_t round)
{
	struct code code = { .grant = a_grant(rq, round), .redirect_uri = "https://a.example/" };

	return code_put(rq, "race", name(rq, round), &code);
}

static int
look_code(struct rq *rq, uint32_t round, const void **found_r)
{
	const struct code *code;
	int r = code_take(rq, "race", name(rq, round), &code);

	*found_r = code;
	return r;
}

static int
take_code(struct rq *rq, uint32_t round, uint32_t who, const void *found)
{
	struct grant grant = ((const struct code *)found)->grant;

	return family_put_refreshable(rq, "race", &grant,
	    arena_printf(rq->mem, "%u-%u", round, who));
}

static int
lay_ticket(struct rq *rq, uint32_t round)
{
	struct ticket ticket = { .purpose = "race", .sealed = "sealed",
		.expires = rq->now + 3600 * 1000 };

	return ticket_put(rq, "race", name(rq, round), &ticket);
}

static int
look_ticket(struct rq *rq, uint32_t round, const void **found_r)
{
	const struct ticket *ticket;
	int r = ticket_get(rq, "race", name(rq, round), "race", &ticket);

	*found_r = ticket;
	return r;
}

static int
take_ticket(struct rq *rq, uint32_t round, uint32_t who, const void *found)
{
	(void)round;
	(void)who;
	ticket_take(rq, found);
	return 0;
}

static int
lay_pushed(struct rq *rq, uint32_t round)
{
	struct pushed pushed = { .client = "client", .query = "a=b" };

	return pushed_put(rq, "race", name(rq, round), &pushed, rq->now + 3600 * 1000);
}

static int
look_pushed(struct rq *rq, uint32_t round, const void **found_r)
{
	const struct pushed *pushed;
	int r = pushed_get(rq, "race", name(rq, round), &pushed);

	*found_r = pushed;
	return r;
}

static int
take_pushed(struct rq *rq, uint32_t round, uint32_t who, const void *found)
{
	(void)round;
	(void)who;
	pushed_take(rq, found);
	return 0;
}

static int
lay_token(struct rq *rq, uint32_t round)
{
	struct grant grant = a_grant(rq, round);

	return family_put_refreshable(rq, "race", &grant, name(rq, round));
}

static int
look_token(struct rq *rq, uint32_t round, const void **found_r)
{
	const struct grant *family;
	int r = family_find(rq, "race", name(rq, round), &family);

	*found_r = family != NULL && !family->spent ? family : NULL;
	return r;
}

static int
take_token(struct rq *rq, uint32_t round, uint32_t who, const void *found)
{
	const char *fresh = arena_printf(rq->mem, "%u-%u", round, who);

	return family_rotate(rq, "race", found, fresh, 0, round % 4 == 1);
}

static int
look_name(struct rq *rq, uint32_t round, const void **found_r)
{
	const struct kv_value *value;
	int r = kv_get(rq, mark_key(rq, round), &value);

	*found_r = value == NULL ? rq : NULL;
	return r;
}

static int
take_name(struct rq *rq, uint32_t round, uint32_t who, const void *found)
{
	(void)who;
	(void)found;
	kv_expect_absent(rq, mark_key(rq, round));
	return 0;
}

static int
look_proof(struct rq *rq, uint32_t round, const void **found_r)
{
	bool seen;
	int r = seen_get(rq, "race", name(rq, round), &seen);

	*found_r = seen ? NULL : rq;
	return r;
}

static int
take_proof(struct rq *rq, uint32_t round, uint32_t who, const void *found)
{
	(void)who;
	(void)found;
	return seen_put(rq, "race", name(rq, round), rq->now + 3600 * 1000);
}

static const struct prize prizes[] = {
	{ lay_code, look_code, take_code },
	{ lay_ticket, look_ticket, take_ticket },
	{ lay_pushed, look_pushed, take_pushed },
	{ lay_token, look_token, take_token },
	{ lay_nothing, look_name, take_name },
	{ lay_nothing, look_proof, take_proof },
};

static const struct prize *
prize_of(uint32_t round)
{
	return &prizes[round % (sizeof(prizes) / sizeof(prizes[0]))];
}

/* 0: won. KV_BROKEN: another one was faster. REFUSED: there was nothing left. */
static int
try(struct rq *rq, uint32_t round, uint32_t who, bool first)
{
	const struct prize *prize = prize_of(round);
	const void *found = NULL;
	int r = prize->look(rq, round, &found);

	if (first)
		all_have_read(round);
	if (r != 0)
		return r;
	if (found == NULL)
		return REFUSED;
	if ((r = prize->take(rq, round, who, found)) != 0)
		return r;
	kv_put(rq, mark_key(rq, round), name(rq, who), 0);
	return kv_apply(rq);
}

static void
race(uint32_t who)
{
	uint32_t round;
	struct rq *rq;
	int r;

	for (round = 1; ; round++) {
		shared->ready++;
		while (shared->round < round && !shared->stop)
			(void)sched_yield();
		if (shared->stop)
			return;
		rq = rq_begin("race");
		r = try(rq, round, who, true);
		if (r == 0) {
			shared->won++;
			shared->winner = who;
		} else if (r == KV_BROKEN && try(rq, round, who, false) == REFUSED) {
			shared->late++;
		} else {
			shared->faults++;
		}
		rq_end(&rq);
		shared->done++;
	}
}

static bool
await(_Atomic uint32_t *count, uint32_t n)
{
	int64_t until = clock_steady() + HUNG_MS;

	while (*count < n) {
		if (clock_steady() > until)
			return false;
		nap();
	}
	return true;
}

/* The winner's work is there, and nothing is left to win. */
static bool
settled(uint32_t round)
{
	struct rq *rq = rq_begin("race");
	const struct kv_value *mark;
	const void *found = NULL;
	bool good;

	good = kv_get(rq, mark_key(rq, round), &mark) == 0 && mark != NULL &&
	    text_equal(mark->text, name(rq, shared->winner)) &&
	    prize_of(round)->look(rq, round, &found) == 0 && found == NULL;
	rq_end(&rq);
	return good;
}

static bool
lay(uint32_t round)
{
	struct rq *rq = rq_begin("race");
	bool good = prize_of(round)->lay(rq, round) == 0 && kv_apply(rq) == 0;

	rq_end(&rq);
	return good;
}

static bool
one_round(uint32_t round, uint32_t processes)
{
	if (!lay(round) || !await(&shared->ready, round * processes)) {
		(void)printf("WRONG: round %u does not begin\n", round);
		return false;
	}
	shared->won = shared->done = 0;
	shared->round = round;
	if (!await(&shared->done, processes)) {
		(void)printf("WRONG: round %u hangs\n", round);
		return false;
	}
	if (shared->won != 1 || shared->faults != 0 || !settled(round)) {
		(void)printf("WRONG: round %u has %u winners and %u faults\n", round, shared->won,
		    shared->faults);
		return false;
	}
	return true;
}

static void
remove_all(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	char inner[4096];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
			continue;
		(void)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (unlink(inner) == -1)
			remove_all(inner);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static uint32_t
number(const char *s)
{
	int64_t n;

	if (!text_number(s, &n) || n < 1 || n > 1000000) {
		(void)fprintf(stderr, "store_race: %s is not a number\n", s);
		exit(2);
	}
	return (uint32_t)n;
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	uint32_t i, processes = 32, round, rounds = 200;
	int64_t start = clock_steady();
	pid_t pids[PROCESSES];
	bool good = true;
	int c;

	while ((c = getopt(argc, argv, "n:p:")) != -1) {
		if (c == '?')
			return 2;
		*(c == 'n' ? &rounds : &processes) = number(optarg);
	}
	if (argc != optind + 1 || processes > PROCESSES) {
		(void)fprintf(stderr, "usage: store_race [-n rounds] [-p processes] directory\n");
		return 2;
	}
	settings.data = arena_printf(mem, "%s/data", argv[optind]);
	settings.run = arena_printf(mem, "%s/run", argv[optind]);
	kv_found();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	    0);
	if (mkdir(argv[optind], 0700) == -1 || shared == MAP_FAILED) {
		(void)fprintf(stderr, "store_race: %s: %s\n", argv[optind], strerror(errno));
		return 2;
	}
	shared->processes = processes;
	for (i = 0; i < processes; i++) {
		if ((pids[i] = fork()) == 0) {
			race(i);
			kv_close();
			_exit(0);
		}
	}
	for (round = 1; good && round <= rounds; round++)
		good = one_round(round, processes);
	shared->stop = true;
	for (i = 0; i < processes; i++) {
		if (!good)
			(void)kill(pids[i], SIGKILL);
		(void)waitpid(pids[i], NULL, 0);
	}
	(void)printf("%u rounds of %u processes in %lld ms: %u too late, %s\n", round - 1, processes,
	    (long long)(clock_steady() - start), shared->late,
	    good ? "one winner each" : "FAILED; the files were kept");
	kv_close();
	if (good)
		remove_all(argv[optind]);
	arena_free(&mem);
	return good ? 0 : 1;
}
