/* store - what the store costs: reads, commits by promise, and what requests ask of a pool
 *
 *	store conf engine SECONDS
 *	store conf requests POOL CLIENT USERS ROUNDS
 *
 * The second asks for users u0@example.com and so on at random. Prints lines: what, number a second
 * (or, of requests, nothing), median and 99th percentile in microseconds. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "api/op.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/random.h"
#include "crypto/password.h"
#include "store/client.h"
#include "store/grants.h"
#include "store/throttle.h"
#include "store/user.h"

enum { MOST = 1 << 20, WRITERS = 8, DAY = 24 * 3600 * 1000 };

/* Durations of one kind, in nanoseconds; shared with children. */
struct times {
	size_t n;
	uint32_t at[MOST];
};

static int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static struct times *
times_new(void)
{
	struct times *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (t == MAP_FAILED)
		err(1, "mmap");
	return t;
}

static void
times_add(struct times *t, int64_t since)
{
	if (t->n < MOST)
		t->at[t->n++] = (uint32_t)(now_ns() - since);
}

static int
ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
times_print(const char *what, struct times *t, double seconds)
{
	qsort(t->at, t->n, sizeof(t->at[0]), ascending);
	if (t->n == 0)
		errx(1, "%s: nothing was measured", what);
	(void)printf("%s\t%.0f\t%.1f\t%.1f\n", what, seconds > 0 ? (double)t->n / seconds : 0,
	    t->at[t->n / 2] / 1000.0, t->at[t->n * 99 / 100] / 1000.0);
}

static void
must(int r, const char *what)
{
	if (r != 0)
		errx(1, "%s failed (%d)", what, r);
}

/*
 * The engine: what is read, and written by many processes at once.
 */

typedef void step_fn(struct rq *rq, uint64_t i);

static const struct kv_key *
bench_key(struct rq *rq, enum kv_kind kind, uint64_t i)
{
	return kv_key(rq->mem, kind, "bench", arena_printf(rq->mem, "%ld-%llu", (long)getpid(),
	    (unsigned long long)i), NULL);
}

static void
step_read(struct rq *rq, uint64_t i)
{
	const struct kv_value *value;

	(void)i;
	must(kv_get(rq, kv_key(rq->mem, KV_META, NULL), &value), "a read");
}

static void
step_lasting(struct rq *rq, uint64_t i)
{
	kv_put(rq, bench_key(rq, KV_REFRESH, i), "{\"Family\":\"bench\"}", rq->now + DAY);
	must(kv_apply(rq), "a commit");
}

static void
step_passing(struct rq *rq, uint64_t i)
{
	kv_put(rq, bench_key(rq, KV_THROTTLE, i), "{\"Failures\":1,\"Last\":1}", rq->now + DAY);
	must(kv_apply(rq), "a commit");
}

/* What was written is taken away again. */
static void
clean(enum kv_kind kind, uint64_t n)
{
	struct rq *rq = rq_begin("bench");
	uint64_t i;

	for (i = 0; i < n; i++) {
		kv_drop(rq, bench_key(rq, kind, i));
		if (i % 500 == 499 || i + 1 == n) {
			must(kv_apply(rq), "cleaning");
			rq_end(&rq);
			rq = rq_begin("bench");
		}
	}
	rq_end(&rq);
}

static void
steps(step_fn *step, struct times *times, int64_t until)
{
	struct rq *rq;
	uint64_t i;
	int64_t t;

	for (i = 0; (t = now_ns()) < until; i++) {
		rq = rq_begin("bench");
		step(rq, i);
		rq_end(&rq);
		times_add(times, t);
	}
	if (step != step_read)
		clean(step == step_lasting ? KV_REFRESH : KV_THROTTLE, i);
	kv_close();
}

static void
engine(const char *what, step_fn *step, int processes, int64_t seconds)
{
	struct times *each[WRITERS], *all = times_new();
	int64_t until = now_ns() + seconds * 1000000000;
	int i;

	for (i = 0; i < processes; i++) {
		each[i] = times_new();
		if (fork() == 0) {
			steps(step, each[i], until);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		continue;
	for (i = 0; i < processes; i++) {
		size_t n = each[i]->n < MOST - all->n ? each[i]->n : MOST - all->n;

		memcpy(all->at + all->n, each[i]->at, n * sizeof(all->at[0]));
		all->n += n;
		(void)munmap(each[i], sizeof(*each[i]));
	}
	times_print(what, all, (double)seconds);
	(void)munmap(all, sizeof(*all));
}

/*
 * Requests: what each asks of the store, without signatures.
 */

struct ask {
	const char *pool, *client;
	uint32_t users;
	const char *code, *family;	/* of the sign-in before */
	char email[64];			/* of who is asked for */
};

/* Who comes; the documents that every request reads. */
static const struct pool *
begin(struct rq *rq, const struct ask *ask, const struct client **client_r)
{
	const struct pool *pool;

	must(pool_get(rq, ask->pool, &pool), "the pool");
	must(client_get(rq, ask->pool, ask->client, client_r), "the client");
	if (pool == NULL || *client_r == NULL)
		errx(1, "no such pool or client");
	return pool;
}

static struct grant
new_grant(struct rq *rq, const struct ask *ask, const struct user *user)
{
	return (struct grant){ .id = ask->family, .client = ask->client,
		.username = user->username, .sub = user->sub, .scope = "openid",
		.auth_time = rq->now / 1000, .created = rq->now, .expires = rq->now + DAY };
}

static void
ask_sign_in(struct rq *rq, struct ask *ask)
{
	const struct credential *credential;
	const struct client *client;
	const struct pool *pool = begin(rq, ask, &client);
	struct throttle throttle;
	const struct user *user;
	struct session session;
	struct code code;

	must(user_find(rq, pool, ask->email, false, &user), "the user");
	if (user == NULL)
		errx(1, "there is no %s", ask->email);
	must(throttle_get(rq, ask->pool, user->username, &throttle), "the throttle");
	must(credential_get(rq, ask->pool, user->sub, &credential), "the credential");
	session = (struct session){ .username = user->username, .sub = user->sub,
		.auth_time = rq->now / 1000 };
	code = (struct code){ .grant = new_grant(rq, ask, user),
		.redirect_uri = "https://app.example.com/" };
	must(session_put(rq, ask->pool, random_token(rq->mem), &session, rq->now + DAY), "");
	must(code_put(rq, ask->pool, ask->code, &code), "the code");
	must(kv_apply(rq), "signing in");
}

/* What somebody waits for: the hash, too. */
static void
ask_whole_sign_in(struct rq *rq, struct ask *ask)
{
	struct ask other = *ask;

	other.code = random_token(rq->mem);
	(void)password_verify(rq, NULL, "the work is the same");
	ask_sign_in(rq, &other);
}

static void
ask_token(struct rq *rq, struct ask *ask)
{
	const struct client *client;
	const struct pool *pool = begin(rq, ask, &client);
	const struct code *code;
	const struct user *user;

	must(code_take(rq, ask->pool, ask->code, &code), "the code");
	must(user_get(rq, pool, code->grant.username, &user), "the user");
	must(family_put_refreshable(rq, ask->pool, &code->grant, random_token(rq->mem)), "");
	must(kv_apply(rq), "the exchange");
}

static void
ask_userinfo(struct rq *rq, struct ask *ask)
{
	const struct client *client;
	const struct pool *pool = begin(rq, ask, &client);
	const struct grant *family;
	const struct user *user;

	must(family_get(rq, ask->pool, ask->family, &family), "the family");
	must(user_get(rq, pool, family->username, &user), "the user");
}

static const struct op *
operation(const char *name)
{
	size_t i;

	for (i = 0; i < n_ops; i++)
		if (strcmp(ops[i].name, name) == 0)
			return &ops[i];
	errx(1, "no operation %s", name);
}

static void
list(struct rq *rq, struct ask *ask, const char *filter, size_t least)
{
	struct json *in = json_object(rq->mem), *out;

	json_set_text(in, "UserPoolId", ask->pool);
	json_set_text(in, "Filter", filter);
	must(op_run(rq, operation("ListUsers"), in, &out), "the list");
	if (json_count(json_get(out, "Users")) < least)
		errx(1, "the list is too short");
}

static void
ask_list(struct rq *rq, struct ask *ask)
{
	list(rq, ask, NULL, 60);
}

static void
ask_find(struct rq *rq, struct ask *ask)
{
	list(rq, ask, arena_printf(rq->mem, "email = \"%s\"", ask->email), 1);
}

static const struct {
	const char *what;
	void (*run)(struct rq *rq, struct ask *ask);
	uint32_t every;			/* in how many rounds once */
} asks[] = {
	{ "sign-in", ask_whole_sign_in, 20 },
	{ "sign-in, the store's part", ask_sign_in, 1 },
	{ "token", ask_token, 1 },
	{ "userinfo", ask_userinfo, 1 },
	{ "list-users, 60", ask_list, 4 },
	{ "list-users, one by e-mail", ask_find, 4 },
};
enum { NASKS = sizeof(asks) / sizeof(asks[0]) };

static void
requests(struct ask *ask, uint32_t rounds)
{
	struct times *times[NASKS];
	struct rq *names = rq_begin("bench"), *rq;
	uint32_t i, j;
	int64_t t;

	for (j = 0; j < NASKS; j++)
		times[j] = times_new();
	for (i = 0; i < rounds; i++) {
		ask->code = random_token(names->mem);
		ask->family = random_uuid(names->mem);
		(void)snprintf(ask->email, sizeof(ask->email), "u%u@example.com",
		    random_below(ask->users));
		for (j = 0; j < NASKS; j++) {
			if (i % asks[j].every != 0)
				continue;
			rq = rq_begin("bench");
			t = now_ns();
			asks[j].run(rq, ask);
			if (i >= rounds / 10)	/* the first ones find cold memory */
				times_add(times[j], t);
			rq_end(&rq);
		}
	}
	for (j = 0; j < NASKS; j++)
		times_print(asks[j].what, times[j], 0);
	rq_end(&names);
	kv_close();
}

int
main(int argc, char **argv)
{
	const char *error;
	int64_t seconds;

	if (argc < 4 || !conf_read(argv[1], &error))
		errx(64, "usage: store CONF engine SECONDS | requests POOL CLIENT USERS ROUNDS");
	(void)log_open("bench", "stderr", "error");
	if (strcmp(argv[2], "engine") == 0) {
		seconds = strtol(argv[3], NULL, 10);
		engine("reads, 1 process", step_read, 1, seconds);
		engine("reads, 8 processes", step_read, WRITERS, seconds);
		engine("lasting commits, 1 process", step_lasting, 1, seconds);
		engine("lasting commits, 8 processes", step_lasting, WRITERS, seconds);
		engine("passing commits, 1 process", step_passing, 1, seconds);
		engine("passing commits, 8 processes", step_passing, WRITERS, seconds);
	} else if (argc == 7) {
		struct ask ask = { .pool = argv[3], .client = argv[4],
			.users = (uint32_t)strtoul(argv[5], NULL, 10) };

		requests(&ask, (uint32_t)strtoul(argv[6], NULL, 10));
	}
	return 0;
}
