/* store_storm - kills processes that use the store, at random, and counts what was lost
 *
 *	store_storm [-k kills] [-w workers] [-x ms] [-s seed] [-v kills] [-c MB] [-r run] directory
 *
 * Workers read, write and redeem codes; one more process does the housekeeping. Every so often
 * (uniform between 0 and twice -x milliseconds) one is killed or stopped and another takes its
 * place. What was acknowledged is kept in a ledger, memory that the store knows nothing of, and
 * compared with the store after every -v kills, from the files alone. The directory is made, and
 * removed unless something was wrong; -r names another one for the gate and the shared memory, which
 * belong on tmpfs: elsewhere a busy disk holds up whoever writes to them. Exit status: 0 nothing was lost and nobody hung, 1 otherwise.
 *
 * The ring of keys is overwritten all the time and would hide a loss; the keys that are written once
 * and the codes do not. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/rq.h"
#include "base/text.h"
#include "store/gate.h"
#include "store/kv.h"

enum {
	WORKERS = 64,			/* at most */
	RING = 64,			/* keys of a worker that are overwritten */
	ONCE = 1 << 15,			/* keys of a worker that are written once */
	CODES = 1 << 18,
	NEAR = 64,			/* of the newest codes, which all try to redeem */
	HUNG_MS = 5000,			/* one operation */
	STILL_MS = 5000,		/* all of them */
	VERIFY_S = 60
};

static struct conf settings = { .cache_megabytes = 16 };
const struct conf *const conf = &settings;

struct worker {
	_Atomic uint64_t issued;	/* number of the durable write begun last */
	_Atomic uint64_t ring[RING];	/* the newest acknowledged number of each key */
	_Atomic uint8_t once[ONCE];	/* acknowledged */
	_Atomic uint64_t relaxed, relaxed_acked;
	_Atomic int64_t since;		/* when the operation under way began; 0: none */
	_Atomic uint64_t done;
};

static struct ledger {
	_Atomic int stop;		/* workers are to end */
	_Atomic uint64_t reads, durable, passing, redeemed, late, faults;
	_Atomic uint64_t issued;	/* codes; code n is valid below it */
	_Atomic uint8_t code[CODES];	/* 1: acknowledged */
	_Atomic uint8_t winners[CODES];	/* acknowledged redemptions */
	_Atomic uint32_t winner[CODES];
	struct worker workers[WORKERS];
} *ledger;

/* A process of the storm. Number 0 is the housekeeper. */
static struct {
	pid_t pid;
	int64_t stopped;		/* since when; 0: running */
	int64_t release;		/* when a stopped one is let go or killed */
	bool killed;			/* by us, or stopped and so perhaps by the store */
} actors[WORKERS + 1];

static struct {
	const char *directory, *run;
	int kills, workers, every, verify;
	unsigned long seed;
} option = { NULL, NULL, 2000, 8, 8, 1000, 0 };

static struct {
	int killed, stopped, verified;
	uint64_t deaths, evictions, recoveries, recycles, longest_hold;
	int64_t longest_still, longest_op;
	int wrong;
} total;

static uint64_t dice_state;

/* The storm is repeated by its seed, as far as the machine lets it. */
static uint32_t
dice(uint32_t limit)
{
	dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((dice_state >> 33) % limit);
}

static void
nap_us(long us)
{
	(void)nanosleep(&(struct timespec){ .tv_sec = us / 1000000,
		.tv_nsec = us % 1000000 * 1000 }, NULL);
}

static void __attribute__((format(printf, 1, 2)))
wrong(const char *fmt, ...)
{
	va_list ap;

	if (total.wrong++ >= 20)
		return;
	va_start(ap, fmt);
	(void)fputs("WRONG: ", stdout);
	(void)vprintf(fmt, ap);
	(void)fputc('\n', stdout);
	(void)fflush(stdout);
	va_end(ap);
}

/*
 * Keys.
 */

static const struct kv_key *
number_key(struct rq *rq, enum kv_kind kind, const char *what, uint64_t a, uint64_t b)
{
	return kv_key(rq->mem, kind, what, arena_printf(rq->mem, "%llu", (unsigned long long)a),
	    arena_printf(rq->mem, "%llu", (unsigned long long)b), NULL);
}

static const char *
number_text(struct rq *rq, uint64_t n)
{
	return arena_printf(rq->mem, "{\"n\":%llu,\"filler\":\"%0*d\"}", (unsigned long long)n,
	    (int)(n % 300), 0);
}

static uint64_t
text_value(const struct kv_value *value)
{
	unsigned long long n;

	return value != NULL && sscanf(value->text, "{\"n\":%llu", &n) == 1 ? n : 0;
}

/*
 * Workers.
 */

static int
do_read(struct rq *rq, int w)
{
	const struct kv_value *value;
	const struct kv_row *rows;
	size_t n;
	int r;

	if (dice(20) == 0)
		r = kv_scan(rq, kv_key(rq->mem, KV_USER, "ring", NULL), NULL, 100, &rows, &n);
	else
		r = kv_get(rq, number_key(rq, KV_USER, "ring", dice((uint32_t)option.workers),
		    dice(RING)), &value);
	(void)w;
	ledger->reads += r == 0;
	return r;
}

/* Never on disk before it is acknowledged, but no process's death may take it back. */
static int
do_relaxed(struct rq *rq, int w)
{
	struct worker *me = &ledger->workers[w];
	uint64_t n = ++me->relaxed;
	int r;

	kv_put(rq, number_key(rq, KV_THROTTLE, "relaxed", (uint64_t)w, 0), number_text(rq, n), 0);
	kv_put(rq, number_key(rq, KV_SESSION, "short", (uint64_t)w, n), "{}", rq->now + 100);
	if ((r = kv_apply(rq)) == 0) {
		me->relaxed_acked = n;
		ledger->passing++;
	}
	return r;
}

static int
do_durable(struct rq *rq, int w)
{
	struct worker *me = &ledger->workers[w];
	uint64_t n = ++me->issued;
	const char *text = number_text(rq, n);
	int r;

	kv_put(rq, number_key(rq, KV_USER, "ring", (uint64_t)w, n % RING), text, 0);
	kv_put(rq, number_key(rq, KV_SESSION, "ring", (uint64_t)w, n % RING), text,
	    rq->now + 3600 * 1000);
	if (n % 8 == 0 && n / 8 < ONCE)
		kv_put(rq, number_key(rq, KV_CLIENT, "once", (uint64_t)w, n / 8), text, 0);
	if ((r = kv_apply(rq)) != 0)
		return r;
	me->ring[n % RING] = n;
	if (n % 8 == 0 && n / 8 < ONCE)
		me->once[n / 8] = 1;
	ledger->durable++;
	return 0;
}

static int
do_issue(struct rq *rq, int w)
{
	uint64_t n = ledger->issued++;
	const struct kv_key *key = number_key(rq, KV_CODE, "code", n, 0);
	int r;

	(void)w;
	if (n >= CODES)
		return 0;
	kv_expect_absent(rq, key);
	kv_put(rq, key, number_text(rq, n), rq->now + 3600 * 1000);
	if ((r = kv_apply(rq)) == 0)
		ledger->code[n] = 1;
	return r;
}

static int
do_redeem(struct rq *rq, int w)
{
	uint64_t newest = ledger->issued, n;
	const struct kv_value *seen;
	const struct kv_key *key;
	uint32_t me = (uint32_t)getpid();
	int r;

	(void)w;
	if (newest < NEAR || newest >= CODES)
		return 0;
	n = newest - 1 - dice(NEAR);
	key = number_key(rq, KV_CODE, "code", n, 0);
	if ((r = kv_get(rq, key, &seen)) != 0 || seen == NULL)
		return r;
	kv_expect_same(rq, key, seen);
	kv_drop(rq, key);
	kv_put(rq, number_key(rq, KV_REFRESH, "token", n, 0), number_text(rq, me), 0);
	if ((r = kv_apply(rq)) == KV_BROKEN) {
		ledger->late++;
		return 0;
	}
	if (r == 0) {
		ledger->winners[n]++;
		ledger->winner[n] = me;
		ledger->redeemed++;
	}
	return r;
}

static int
do_something(struct rq *rq, int w)
{
	uint32_t d = dice(100);

	return d < 70 ? do_read(rq, w) : d < 85 ? do_relaxed(rq, w) :
	    d < 95 ? do_durable(rq, w) : d < 97 ? do_issue(rq, w) : do_redeem(rq, w);
}

static void
work(int w)
{
	struct worker *me = &ledger->workers[w];
	struct rq *rq;

	while (!ledger->stop) {
		rq = rq_begin("storm");
		me->since = clock_steady();
		if (do_something(rq, w) != 0)
			ledger->faults++;
		if (dice(500) == 0)
			kv_close();
		me->since = 0;
		me->done++;
		rq_end(&rq);
	}
	kv_close();
}

static void
keep_house(void)
{
	struct rq *rq;
	size_t n;
	int turn;

	for (turn = 0; !ledger->stop; turn++) {
		rq = rq_begin("storm");
		do {
			if (kv_sweep(rq, &n) != 0)
				ledger->faults++;
		} while (n == 64);
		if (turn % 5 == 0 && kv_checkpoint(rq) != 0)
			ledger->faults++;
		if (kv_flush(rq) != 0)
			ledger->faults++;
		rq_end(&rq);
		nap_us(50000);
	}
	kv_close();
}

static void
spawn(int i)
{
	actors[i].stopped = 0;
	actors[i].killed = false;
	(void)dice(2);
	dice_state += (uint64_t)i << 40;
	if ((actors[i].pid = fork()) == -1) {
		perror("fork");
		exit(1);
	}
	if (actors[i].pid != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (i == 0)
		keep_house();
	else
		work(i - 1);
	_exit(0);
}

/*
 * The storm.
 */

static void
buried(int i, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && actors[i].killed)
		return;
	if (ledger->stop && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	wrong("process %ld ended by itself: status %x", (long)actors[i].pid, (unsigned)status);
}

static void
bury(bool respawn)
{
	int i, status;

	for (i = 0; i <= option.workers; i++) {
		if (actors[i].pid == 0 || waitpid(actors[i].pid, &status, WNOHANG) <= 0)
			continue;
		buried(i, status);
		actors[i].pid = 0;
		if (i > 0)
			ledger->workers[i - 1].since = 0;
		if (respawn)
			spawn(i);
	}
}

static int
stopped(void)
{
	int i, n = 0;

	for (i = 0; i <= option.workers; i++)
		n += actors[i].stopped != 0;
	return n;
}

static void
strike(void)
{
	int i = (int)dice((uint32_t)option.workers + 1);

	if (actors[i].pid == 0 || actors[i].stopped != 0)
		return;
	actors[i].killed = true;
	if (dice(100) < 4 && 4 * stopped() < option.workers) {
		(void)kill(actors[i].pid, SIGSTOP);
		actors[i].stopped = clock_steady();
		actors[i].release = actors[i].stopped + dice(2500);
		total.stopped++;
		return;
	}
	(void)kill(actors[i].pid, SIGKILL);
	total.killed++;
	if (dice(10) != 0)
		return;
	/* One that is only starting. */
	(void)waitpid(actors[i].pid, NULL, 0);
	spawn(i);
	nap_us(dice(1000));
	actors[i].killed = true;
	(void)kill(actors[i].pid, SIGKILL);
	total.killed++;
}

static void
release(void)
{
	int64_t now = clock_steady();
	int i;

	for (i = 0; i <= option.workers; i++) {
		if (actors[i].stopped == 0 || now < actors[i].release || actors[i].pid == 0)
			continue;
		(void)kill(actors[i].pid, dice(2) == 0 ? SIGCONT : SIGKILL);
		actors[i].stopped = 0;
		if (i > 0)
			ledger->workers[i - 1].since = 0;
	}
}

/* Somebody must finish something, always, and nobody may take for ever. */
static void
watch(bool begin)
{
	static uint64_t last;
	static int64_t moved;
	uint64_t done = 0;
	int64_t now = clock_steady(), since;
	int i;

	for (i = 0; i < option.workers; i++) {
		done += ledger->workers[i].done;
		since = ledger->workers[i].since;
		if (begin || since == 0 || actors[i + 1].stopped != 0 || actors[i + 1].pid == 0)
			continue;
		if (now - since > total.longest_op)
			total.longest_op = now - since;
		if (now - since > HUNG_MS) {
			wrong("worker %d hangs for %lld ms", i, (long long)(now - since));
			ledger->workers[i].since = 0;
		}
	}
	if (begin || done != last) {
		moved = now;
		last = done;
	}
	if (now - moved > total.longest_still)
		total.longest_still = now - moved;
	if (now - moved > STILL_MS) {
		wrong("nothing moves for %lld ms", (long long)(now - moved));
		moved = now;
	}
}

static void
end_all(void)
{
	int64_t until = clock_steady() + HUNG_MS;
	int i, left = 1;

	ledger->stop = 1;
	for (i = 0; i <= option.workers; i++)
		if (actors[i].pid != 0)
			(void)kill(actors[i].pid, SIGCONT);
	while (left > 0 && clock_steady() < until) {
		bury(false);
		for (left = i = 0; i <= option.workers; i++)
			left += actors[i].pid != 0;
		nap_us(1000);
	}
	for (i = 0; i <= option.workers; i++)
		if (actors[i].pid != 0) {
			wrong("process %ld does not end", (long)actors[i].pid);
			actors[i].killed = true;
			(void)kill(actors[i].pid, SIGKILL);
			(void)waitpid(actors[i].pid, NULL, 0);
			actors[i].pid = 0;
		}
	ledger->stop = 0;
}

/*
 * Comparing.
 */

static uint64_t
stored(struct rq *rq, const struct kv_key *key)
{
	const struct kv_value *value;

	if (kv_get(rq, key, &value) != 0)
		wrong("cannot read");
	return text_value(value);
}

static void
check_worker(struct rq *rq, uint64_t w)
{
	struct worker *me = &ledger->workers[w];
	uint64_t a, acked, b, i;

	for (i = 0; i < RING; i++) {
		acked = me->ring[i];
		a = stored(rq, number_key(rq, KV_USER, "ring", w, i));
		b = stored(rq, number_key(rq, KV_SESSION, "ring", w, i));
		if (a < acked || a > me->issued || a != b)
			wrong("worker %llu key %llu: acknowledged %llu, there is %llu and %llu",
			    (unsigned long long)w, (unsigned long long)i, (unsigned long long)acked,
			    (unsigned long long)a, (unsigned long long)b);
	}
	for (i = 1; i < ONCE && i <= me->issued / 8; i++) {
		a = stored(rq, number_key(rq, KV_CLIENT, "once", w, i));
		if (me->once[i] != 0 ? a != i * 8 : a != 0 && a != i * 8)
			wrong("worker %llu write %llu is lost", (unsigned long long)w,
			    (unsigned long long)i * 8);
	}
	a = stored(rq, number_key(rq, KV_THROTTLE, "relaxed", w, 0));
	if (a < me->relaxed_acked || a > me->relaxed)
		wrong("worker %llu relaxed: acknowledged %llu, there is %llu", (unsigned long long)w,
		    (unsigned long long)me->relaxed_acked, (unsigned long long)a);
}

static void
check_code(struct rq *rq, uint64_t n)
{
	const struct kv_value *code;
	uint64_t token = stored(rq, number_key(rq, KV_REFRESH, "token", n, 0));
	int winners = ledger->winners[n];

	if (kv_get(rq, number_key(rq, KV_CODE, "code", n, 0), &code) != 0)
		wrong("cannot read");
	if (winners > 1)
		wrong("code %llu was redeemed %d times", (unsigned long long)n, winners);
	if (winners == 1 && token != ledger->winner[n])
		wrong("code %llu: the token of the winner is lost", (unsigned long long)n);
	if (token != 0 && code != NULL)
		wrong("code %llu came back after it was redeemed", (unsigned long long)n);
	if (token == 0 && code == NULL && ledger->code[n] != 0)
		wrong("code %llu is lost", (unsigned long long)n);
}

static void
check_all(void)
{
	struct rq *rq = rq_begin("storm");
	uint64_t i, n = ledger->issued;

	for (i = 0; i < (uint64_t)option.workers; i++)
		check_worker(rq, i);
	for (i = 0; i < n && i < CODES; i++) {
		check_code(rq, i);
		if (i % 1000 == 0) {
			rq_end(&rq);
			rq = rq_begin("storm");
		}
	}
	if (kv_verify(rq) != 0)
		wrong("the files are damaged");
	rq_end(&rq);
	kv_close();
}

/* A recovery without a death is a process that wrote through what it had open before. */
static void
check_counts(void)
{
	struct rq *rq = rq_begin("storm");
	struct gate_counts counts;
	const struct kv_value *value;

	if (kv_get(rq, kv_key(rq->mem, KV_META, NULL), &value) != 0)
		wrong("cannot enter");
	gate_counts(&counts);
	total.deaths += counts.deaths;
	total.evictions += counts.evictions;
	total.recoveries += counts.recoveries;
	total.recycles += counts.recycles;
	if (counts.longest_hold > total.longest_hold)
		total.longest_hold = counts.longest_hold;
	if (counts.recoveries > counts.deaths + counts.recycles + 1)
		wrong("%llu recoveries for %llu deaths inside and %llu recycles",
		    (unsigned long long)counts.recoveries, (unsigned long long)counts.deaths,
		    (unsigned long long)counts.recycles);
	if (ledger->faults != 0)
		wrong("%llu operations failed", (unsigned long long)ledger->faults);
	ledger->faults = 0;
	kv_close();
	rq_end(&rq);
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

static void
verify(void)
{
	(void)alarm(VERIFY_S);
	check_counts();
	remove_all(settings.run);	/* nothing but the files counts */
	check_all();
	(void)alarm(0);
	total.verified++;
}

static void
verify_hangs(int signal)
{
	static const char sentence[] = "WRONG: the store does not open\n";

	(void)signal;
	if (write(STDOUT_FILENO, sentence, sizeof(sentence) - 1) == -1)
		_exit(3);
	_exit(1);
}

static void
storm(void)
{
	int i, until = 0;

	while (total.killed < option.kills && total.wrong == 0) {
		until += option.verify;
		for (i = 0; i <= option.workers; i++)
			spawn(i);
		watch(true);
		while (total.killed < until && total.killed < option.kills && total.wrong == 0) {
			nap_us(dice(2000 * (uint32_t)option.every + 1));
			release();
			bury(true);
			strike();
			watch(false);
		}
		end_all();
		verify();
	}
}

static void
report(int64_t ms)
{
	(void)printf("seed %lu: %d kills, %d stops in %lld ms, verified %d times\n", option.seed,
	    total.killed, total.stopped, (long long)ms, total.verified);
	(void)printf("reads %llu, durable %llu, passing %llu, codes %llu, redeemed %llu, too late %llu\n",
	    (unsigned long long)ledger->reads, (unsigned long long)ledger->durable,
	    (unsigned long long)ledger->passing, (unsigned long long)ledger->issued,
	    (unsigned long long)ledger->redeemed, (unsigned long long)ledger->late);
	(void)printf("deaths inside %llu, evicted %llu, recoveries %llu, recycles %llu\n",
	    (unsigned long long)total.deaths, (unsigned long long)total.evictions,
	    (unsigned long long)total.recoveries, (unsigned long long)total.recycles);
	(void)printf("longest: operation %lld ms, standstill %lld ms, hold %llu us\n",
	    (long long)total.longest_op, (long long)total.longest_still,
	    (unsigned long long)total.longest_hold);
	(void)printf("%s\n", total.wrong == 0 ? "nothing was lost" : "FAILED; the files were kept");
}

static int
number(const char *s)
{
	int64_t n;

	if (!text_number(s, &n) || n > 1000000) {
		(void)fprintf(stderr, "store_storm: %s is not a number\n", s);
		exit(2);
	}
	return (int)n;
}

static void
read_options(int argc, char **argv)
{
	int c;

	option.seed = (unsigned long)clock_now() % 1000000;
	while ((c = getopt(argc, argv, "k:w:x:s:v:c:r:")) != -1) {
		switch (c) {
		case 'k': option.kills = number(optarg); break;
		case 'w': option.workers = number(optarg); break;
		case 'x': option.every = number(optarg); break;
		case 's': option.seed = (unsigned long)number(optarg); break;
		case 'v': option.verify = number(optarg); break;
		case 'c': settings.cache_megabytes = number(optarg); break;
		case 'r': option.run = optarg; break;
		default: exit(2);
		}
	}
	if (argc != optind + 1 || option.workers < 1 || option.workers > WORKERS ||
	    option.verify < 1) {
		(void)fprintf(stderr, "usage: store_storm [-k kills] [-w workers] [-x ms] [-s seed]"
		    " [-v kills] [-c MB] [-r run] directory\n");
		exit(2);
	}
	option.directory = argv[optind];
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	int64_t start = clock_steady();

	read_options(argc, argv);
	dice_state = option.seed;
	(void)printf("seed %lu\n", option.seed);
	(void)fflush(stdout);
	settings.data = arena_printf(mem, "%s/data", option.directory);
	kv_found();
	settings.run = option.run != NULL ? option.run :
	    arena_printf(mem, "%s/run", option.directory);
	if (mkdir(option.directory, 0700) == -1 || !log_open("storm",
	    arena_printf(mem, "%s/log", option.directory), "info")) {
		(void)fprintf(stderr, "store_storm: %s: %s\n", option.directory, strerror(errno));
		return 2;
	}
	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	    0);
	if (ledger == MAP_FAILED)
		return 2;
	(void)signal(SIGALRM, verify_hangs);
	check_all();
	storm();
	report(clock_steady() - start);
	if (total.wrong == 0) {
		remove_all(settings.run);
		remove_all(option.directory);
	}
	arena_free(&mem);
	return total.wrong == 0 ? 0 : 1;
}
