/* store_race - many processes take one record, and one of them gets it
 *
 *	store_race [-n rounds] [-p processes] directory
 *
 * In each round a code lies in the store and all processes read it, drop it expecting it unchanged,
 * and write a token, as a client's redemption does; in every other round all of them create a record
 * that is not there yet. Exactly one must succeed, and what is in the store must be its work. The
 * directory is made, and removed unless something was wrong. Exit status: 0 or 1. */
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
#include "store/kv.h"

enum { PROCESSES = 64, HUNG_MS = 5000 };

static struct conf settings = { .cache_megabytes = 4 };
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

static const struct kv_key *
round_key(struct rq *rq, enum kv_kind kind, uint32_t round)
{
	return kv_key(rq->mem, kind, "race", arena_printf(rq->mem, "%u", round), NULL);
}

static const char *
name(struct rq *rq, uint32_t who)
{
	return arena_printf(rq->mem, "%u", who);
}

/* Everybody has read before anybody goes on. */
static void
all_have_read(uint32_t round)
{
	shared->read++;
	while (shared->read < round * shared->processes && !shared->stop)
		(void)sched_yield();
}

static int
redeem(struct rq *rq, uint32_t round, uint32_t who)
{
	const struct kv_key *key = round_key(rq, KV_CODE, round);
	const struct kv_value *seen;
	int r;

	r = kv_get(rq, key, &seen);
	all_have_read(round);
	if (r != 0 || seen == NULL)
		return FAULT;
	kv_expect_same(rq, key, seen);
	kv_drop(rq, key);
	kv_put(rq, round_key(rq, KV_REFRESH, round), name(rq, who), 0);
	return kv_apply(rq);
}

static int
create(struct rq *rq, uint32_t round, uint32_t who)
{
	const struct kv_key *key = round_key(rq, KV_REFRESH, round);

	all_have_read(round);
	kv_expect_absent(rq, key);
	kv_put(rq, key, name(rq, who), 0);
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
		r = round % 2 == 0 ? create(rq, round, who) : redeem(rq, round, who);
		if (r == 0) {
			shared->won++;
			shared->winner = who;
		} else if (r == KV_BROKEN) {
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

/* The winner's token is there, and the code is not. */
static bool
settled(uint32_t round)
{
	struct rq *rq = rq_begin("race");
	const struct kv_value *code, *token;
	bool good;

	good = kv_get(rq, round_key(rq, KV_CODE, round), &code) == 0 && code == NULL &&
	    kv_get(rq, round_key(rq, KV_REFRESH, round), &token) == 0 && token != NULL &&
	    text_equal(token->text, name(rq, shared->winner));
	rq_end(&rq);
	return good;
}

static bool
lay_code(uint32_t round)
{
	struct rq *rq = rq_begin("race");
	int r;

	if (round % 2 == 1)
		kv_put(rq, round_key(rq, KV_CODE, round), "{}", rq->now + 60000);
	r = kv_apply(rq);
	rq_end(&rq);
	return r == 0;
}

static bool
one_round(uint32_t round, uint32_t processes)
{
	if (!lay_code(round) || !await(&shared->ready, round * processes)) {
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
