/* store_churn - codes come, are redeemed or expire, and are swept: the store stays as large as what
 * lives in it
 *
 *	store_churn [-n codes] [-l living] directory
 *
 * A code is issued each millisecond of a time of its own, lives for as many as -l says, and half of
 * them are redeemed before. Each twentieth of the way the largest sizes of databases and log are
 * printed. The directory is made, and removed unless something was wrong. Exit status: 0 when the
 * databases were, at the end, at most a tenth larger than after the first quarter, and the log at
 * most twice as large (it is a few files); 1 otherwise. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/rq.h"
#include "base/text.h"
#include "store/kv.h"

enum { STEPS = 20, BATCH = 64 };

static struct conf settings = { .cache_megabytes = 32 };
const struct conf *const conf = &settings;

static const int64_t first = INT64_C(1800000000000);

/* Spread over the file as digests are. */
static const struct kv_key *
code_key(struct rq *rq, uint64_t n)
{
	uint64_t a = (n + 1) * UINT64_C(0x9e3779b97f4a7c15), b = a * UINT64_C(0xbf58476d1ce4e5b9);

	return kv_key(rq->mem, KV_CODE, "us-east-1_aaaaaaaaa",
	    arena_printf(rq->mem, "%016llx%016llx%011llu", (unsigned long long)(a ^ a >> 29),
	    (unsigned long long)(b ^ b >> 32), (unsigned long long)n), NULL);
}

/* The codes from n on; and of those of half a life ago every other one is redeemed. */
static int
issue(struct rq *rq, uint64_t n, uint64_t living)
{
	static const char text[] = "{\"ClientId\":\"0123456789abcdefghijklmnop\",\"Username\":"
	    "\"00000000-0000-4000-8000-000000000000\",\"Sub\":\"00000000-0000-4000-8000-000000000000\","
	    "\"Scope\":\"openid email profile\",\"AuthTime\":1800000000,\"Created\":1800000000000,"
	    "\"Expires\":1800000000000,\"RedirectUri\":\"https://app.example.com/callback\"}";
	int i, r = 0;

	for (i = 0; r == 0 && i < BATCH; i++, n++) {
		rq->now = first + (int64_t)n;
		kv_expect_absent(rq, code_key(rq, n));
		kv_put(rq, code_key(rq, n), text, rq->now + (int64_t)living);
		if (n % 2 == 0 && n >= living / 2)
			kv_drop(rq, code_key(rq, n - living / 2));
		r = kv_apply(rq);
	}
	return r;
}

struct sizes {
	int64_t databases, log;		/* bytes */
};

static int64_t
size_of(struct arena *mem, const char *folder)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	int64_t all = 0;
	struct stat st;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (stat(arena_printf(mem, "%s/%s", folder, entry->d_name), &st) == 0 &&
		    S_ISREG(st.st_mode))
			all += st.st_size;
	if (dir != NULL)
		(void)closedir(dir);
	return all;
}

static void
measure(struct arena *mem, struct sizes *largest)
{
	int64_t databases = size_of(mem, settings.data);
	int64_t log = size_of(mem, arena_printf(mem, "%s/log", settings.data));

	largest->databases = databases > largest->databases ? databases : largest->databases;
	largest->log = log > largest->log ? log : largest->log;
}

static int
sweep(struct rq *rq)
{
	size_t n;
	int r;

	do
		r = kv_sweep(rq, &n);
	while (r == 0 && n == BATCH);
	return r;
}

static int
step(uint64_t from, uint64_t to, uint64_t living, struct sizes *largest)
{
	struct rq *rq;
	int r = 0;

	for (; r == 0 && from < to; from += BATCH) {
		rq = rq_begin("churn");
		if ((r = issue(rq, from, living)) == 0)
			r = sweep(rq);
		if (from / BATCH % 16 == 0)
			measure(rq->mem, largest);
		rq_end(&rq);
	}
	return r;
}

static bool
is_flat(int64_t then, int64_t now)
{
	return now <= then + then / 10;
}

static bool
churn(uint64_t codes, uint64_t living)
{
	struct sizes sizes[STEPS] = { { 0, 0 } };
	uint64_t each = (codes / STEPS + BATCH - 1) / BATCH * BATCH;
	int64_t start = clock_steady();
	int i;

	for (i = 0; i < STEPS; i++) {
		if (step(each * (unsigned)i, each * (unsigned)(i + 1), living, &sizes[i]) != 0)
			return false;
		(void)printf("%10llu codes: databases %lld kB, log %lld kB, after %lld s\n",
		    (unsigned long long)each * (unsigned)(i + 1),
		    (long long)sizes[i].databases / 1024, (long long)sizes[i].log / 1024,
		    (long long)(clock_steady() - start) / 1000);
		(void)fflush(stdout);
	}
	return is_flat(sizes[STEPS / 4].databases, sizes[STEPS - 1].databases) &&
	    sizes[STEPS - 1].log <= 2 * sizes[STEPS / 4].log;
}

static void
remove_all(struct arena *mem, const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);
	const char *inner;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
			continue;
		inner = arena_printf(mem, "%s/%s", path, entry->d_name);
		if (unlink(inner) == -1)
			remove_all(mem, inner);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	int64_t codes = 400000, living = 20000;
	bool good;
	int c;

	while ((c = getopt(argc, argv, "n:l:")) != -1)
		if (c == '?' || !text_number(optarg, c == 'n' ? &codes : &living))
			return 2;
	if (argc != optind + 1 || living < 1 || codes < 8 * living) {
		(void)fprintf(stderr, "usage: store_churn [-n codes] [-l living] directory\n"
		    "More codes than eight times the living.\n");
		return 2;
	}
	settings.data = arena_printf(mem, "%s/data", argv[optind]);
	settings.run = arena_printf(mem, "%s/run", argv[optind]);
	kv_found();
	if (mkdir(argv[optind], 0700) == -1) {
		(void)fprintf(stderr, "store_churn: %s: %s\n", argv[optind], strerror(errno));
		return 2;
	}
	good = churn((uint64_t)codes, (uint64_t)living);
	(void)printf("%s\n", good ? "it stays as large as what lives in it" :
	    "FAILED; the files were kept");
	kv_close();
	if (good)
		remove_all(mem, argv[optind]);
	arena_free(&mem);
	return good ? 0 : 1;
}
