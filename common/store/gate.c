/* gate - one process at a time inside the engine, and what to do when it dies there */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rq.h"
#include "store/gate.h"

enum {
	TRY_MS = 200,			/* between two looks at whether anybody enters */
	STILL_MS = 800,			/* inside, before a holder is evicted */
	LENGTHY_MS = 30 * 1000,		/* before one is that has a reason */
	LEADER_MS = 500,		/* patience with whoever syncs for all */
	FOLLOW_MS = 20,
	LOOK_MS = 1000,	/* how often a process looks whether its gate is still there */
	VACATE_MS = 2 * LOOK_MS,	/* after which users of a vanished gate have noticed */
	ATTACH_MS = 10 * 1000,
	HOLD_US = 50 * 1000,		/* a hold that deserves a line in the log */
	CHECKPOINT_COMMITS = 8000,	/* twice what tarnd lets pass */
	CHECKPOINT_BYTES = 4 << 20
};

/* Changes whenever struct shared does. */
#define MAGIC UINT64_C(0x7461726e67617405)

/* A process as one number: its id and when it started, because ids come back. 0: nobody. */
enum { PID_BITS = 22 };			/* the kernel's PID_MAX_LIMIT */
static const uint64_t SOMEBODY = 1;	/* who was inside is not known */

struct slot {
	_Atomic uint64_t who;
	_Atomic uint64_t generation;	/* of the engine's memory it has open; 0: none */
};

/* The gate file. */
struct shared {
	_Atomic uint64_t magic;		/* stored last */
	char boot[40], version[128];
	uint64_t pid_namespace;
	uint64_t dev, ino;		/* of data/lock: which store this is */
	pthread_mutex_t mutex;		/* the gate */
	pthread_mutex_t leader;		/* held by whoever syncs */
	_Atomic uint32_t epoch;		/* futex: counts syncs */
	_Atomic uint32_t log;		/* the log that the newest commit went to */
	_Atomic uint64_t inside;
	_Atomic uint64_t entries;
	_Atomic int64_t entered;	/* the last entry, microseconds */
	_Atomic bool lengthy;		/* this hold takes long, as announced */
	_Atomic uint64_t generation;
	_Atomic uint64_t distrusted;	/* a generation in which a sync failed */
	_Atomic uint64_t committed, synced;
	_Atomic uint64_t commits, bytes;	/* since the last checkpoint */
	_Atomic uint64_t leaked;	/* attachments of dead processes */
	_Atomic uint64_t syncs, checkpoints, deaths, evictions, recycles, recoveries, longest;
	struct slot slots[GATE_SLOTS];
};

static struct {
	struct shared *shared;		/* NULL: not attached */
	int users;			/* data/lock, shared-locked while attached */
	uint64_t me;
	struct slot *slot;
	uint64_t generation;		/* that the engine has open; 0: none */
	dev_t dev;
	ino_t ino;
	int64_t looked;			/* when the gate file was last seen in its place */
	int64_t entered;		/* microseconds */
	bool lengthy;
	const struct gate_engine *engine;
} my = { .users = -1 };

static int64_t
steady_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
nap(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 5 * 1000 * 1000 }, NULL);
}

static bool
read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd != -1) {
		n = read(fd, text, size - 1);
		(void)close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* The process of that id as it is now; 0 when there is none, or only what is left of one. */
static uint64_t
who_is(pid_t pid, char *state_r)
{
	char path[64], text[1024];
	const char *p;
	unsigned long long start;

	*state_r = 'X';
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (!read_file(path, text, sizeof(text)))
		return 0;
	/* The name in the second field may hold anything, so count from its last parenthesis; the
	 * start is field 22 (proc(5)). */
	if ((p = strrchr(text, ')')) == NULL ||
	    sscanf(p + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d"
	    " %*d %llu", state_r, &start) != 2)
		return 0;
	return *state_r == 'Z' || *state_r == 'X' ? 0 : (uint64_t)start << PID_BITS | (uint64_t)pid;
}

static pid_t
who_pid(uint64_t who)
{
	return (pid_t)(who & ((1u << PID_BITS) - 1));
}

static bool
who_lives(uint64_t who)
{
	char state;

	if (kill(who_pid(who), 0) == -1 && errno == ESRCH)
		return false;
	return who_is(who_pid(who), &state) == who;
}

/*
 * Attaching.
 */

static int
open_in(const char *directory, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd == -1 && errno == ENOENT && file_make_folder(directory, 0750))
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd == -1 && errno == EROFS)		/* enough for a lock, and then for reading */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		log_line(LOG_ERROR, "store: cannot open %s: %s%s", path, strerror(errno),
		    errno == EACCES ? ": it belongs to the user whom the programs run as" : "");
	return fd;
}

/* Waits for the lock, but not for ever: its holder may be stopped. */
static bool
lock_file(int fd, int how, int64_t ms)
{
	int64_t until = clock_steady() + ms;

	while (flock(fd, how | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (clock_steady() >= until)
			return false;
		nap();
	}
	return true;
}

/* What must be the same for all that share a gate. */
struct place {
	char boot[40], version[128];
	uint64_t pid_namespace, dev, ino;
};

static int
find_place(const struct gate_engine *engine, struct place *place)
{
	struct stat st;
	char state;

	memset(place, 0, sizeof(*place));
	(void)snprintf(place->version, sizeof(place->version), "%s", engine->version);
	if (!read_file("/proc/sys/kernel/random/boot_id", place->boot, sizeof(place->boot)) ||
	    stat("/proc/self/ns/pid", &st) == -1 || (my.me = who_is(getpid(), &state)) == 0) {
		log_line(LOG_ERROR, "store: /proc is not readable: %s", strerror(errno));
		return FAULT;
	}
	place->pid_namespace = st.st_ino;
	return 0;
}

static bool
fresh(const struct shared *g, const struct place *place)
{
	return atomic_load(&g->magic) == 0 || strcmp(g->boot, place->boot) != 0;
}

static bool
fits(const struct shared *g, const struct place *place)
{
	return !fresh(g, place) && atomic_load(&g->magic) == MAGIC &&
	    strcmp(g->version, place->version) == 0 &&
	    g->pid_namespace == place->pid_namespace &&
	    g->dev == place->dev && g->ino == place->ino;
}

/* Is this the gate of a store in another directory, and somebody attached to it? His lock on that
 * store's file is none on ours. Two stores in one shared memory lose each other's writes. */
static bool
anothers(const struct shared *g, const struct place *place)
{
	uint64_t who;
	int i;

	if (fresh(g, place) || atomic_load(&g->magic) != MAGIC ||
	    (g->dev == place->dev && g->ino == place->ino))
		return false;
	for (i = 0; i < GATE_SLOTS; i++)
		if ((who = atomic_load(&g->slots[i].who)) != 0 && who_lives(who))
			return true;
	return false;
}

static void
make_mutex(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attr;

	(void)pthread_mutexattr_init(&attr);
	(void)pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	(void)pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	(void)pthread_mutex_init(mutex, &attr);
	(void)pthread_mutexattr_destroy(&attr);
}

static void
make_gate(struct shared *g, const struct place *place)
{
	atomic_store(&g->magic, 0);
	memset((char *)g + sizeof(g->magic), 0, sizeof(*g) - sizeof(g->magic));
	memcpy(g->boot, place->boot, sizeof(g->boot));
	memcpy(g->version, place->version, sizeof(g->version));
	g->pid_namespace = place->pid_namespace;
	g->dev = place->dev;
	g->ino = place->ino;
	make_mutex(&g->mutex);
	make_mutex(&g->leader);
	atomic_store(&g->inside, SOMEBODY);
	atomic_store(&g->magic, MAGIC);
}

/* A gate that is new, or of another boot or build, is made when nobody is attached to this one or
 * to one that had its place. Users of a gate that was deleted are given the time to notice. */
static int
settle(struct shared *g, int fd, const struct place *place)
{
	bool alone;

	if (!lock_file(fd, LOCK_EX, ATTACH_MS)) {
		log_line(LOG_ERROR,
		    "store: the gate is being made by a process that does not finish");
		return FAULT;
	}
	if (anothers(g, place)) {
		log_line(LOG_ERROR, "store: %s is in use by programs with another data directory "
		    "than %s", conf->run, conf->data);
		return FAULT;
	}
	if (!fits(g, place)) {
		alone = lock_file(my.users, LOCK_EX, VACATE_MS);
		if (!alone && !fresh(g, place)) {
			log_line(LOG_ERROR,
			    "store: in use by programs of another version or container");
			return FAULT;
		}
		make_gate(g, place);
	}
	return lock_file(my.users, LOCK_SH, ATTACH_MS) ? 0 : FAULT;
}

static bool
in_place(void)
{
	char path[PATH_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/gate", conf->run);
	return stat(path, &st) == 0 && st.st_ino == my.ino && st.st_dev == my.dev;
}

static struct shared *
map_gate(int fd)
{
	struct shared *g;
	struct stat st;

	if (fstat(fd, &st) == -1 ||
	    (st.st_size < (off_t)sizeof(*g) && ftruncate(fd, sizeof(*g)) == -1))
		return NULL;
	my.dev = st.st_dev;
	my.ino = st.st_ino;
	g = mmap(NULL, sizeof(*g), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return g == MAP_FAILED ? NULL : g;
}

static struct slot *
claim_slot(struct shared *g)
{
	uint64_t nobody;
	int i;

	for (i = 0; i < GATE_SLOTS; i++) {
		nobody = 0;
		if (atomic_load(&g->slots[i].who) == 0 &&
		    atomic_compare_exchange_strong(&g->slots[i].who, &nobody, my.me)) {
			atomic_store(&g->slots[i].generation, 0);
			return &g->slots[i];
		}
	}
	return NULL;
}

/* Ends the attachment without a word to the engine. */
static void
detach(void)
{
	if (my.shared != NULL)
		(void)munmap(my.shared, sizeof(*my.shared));
	if (my.users != -1)
		(void)close(my.users);
	my.shared = NULL;
	my.users = -1;
	my.slot = NULL;
	my.generation = 0;
}

/* A child inherits mappings and locks, but it is not the process that its parent is in there. */
static void
forked(void)
{
	if (my.shared == NULL)
		return;
	detach();
	my.engine->forget();
}

static int
attach_to(int fd, struct place *place)
{
	struct shared *g = map_gate(fd);
	struct stat st;

	if (g == NULL) {
		log_line(LOG_ERROR, "store: cannot map the gate: %s", strerror(errno));
		return FAULT;
	}
	my.shared = g;
	if ((my.users = open_in(conf->data, "lock")) == -1 || fstat(my.users, &st) == -1)
		return FAULT;
	place->dev = st.st_dev;
	place->ino = st.st_ino;
	/* The common way in holds no lock that a stopped process could keep from others. */
	if (!lock_file(my.users, LOCK_SH, VACATE_MS + ATTACH_MS) || !fits(g, place)) {
		(void)flock(my.users, LOCK_UN);
		if (settle(g, fd, place) != 0)
			return FAULT;
	}
	if ((my.slot = claim_slot(g)) == NULL) {
		gate_reap();
		my.slot = claim_slot(g);
	}
	if (my.slot == NULL)
		log_line(LOG_ERROR, "store: more than %d processes use it", GATE_SLOTS);
	/* Until the slot was claimed, whoever makes the gate of another store saw nobody here. */
	return my.slot == NULL || !fits(g, place) ? FAULT : 0;
}

/* Commands run by root would leave files behind that the programs cannot open. */
static int
check_owner(void)
{
	struct stat st;

	if (geteuid() != 0 || stat(conf->data, &st) == -1 || st.st_uid == 0)
		return 0;
	log_line(LOG_ERROR, "store: %s belongs to user %lu: run this as that user", conf->data,
	    (unsigned long)st.st_uid);
	return FAULT;
}

static int
attach(const struct gate_engine *engine)
{
	static bool registered;
	struct place place;
	int fd, r;

	if (check_owner() != 0 || find_place(engine, &place) != 0 ||
	    (fd = open_in(conf->run, "gate")) == -1)
		return FAULT;
	my.engine = engine;
	r = attach_to(fd, &place);
	(void)flock(fd, LOCK_UN);	/* of settle; a mapping would keep it beyond close */
	(void)close(fd);
	if (r == 0 && !in_place()) {
		log_line(LOG_WARN, "store: the gate was replaced while this process came in");
		r = FAULT;
	}
	if (r != 0) {
		detach();
		return FAULT;
	}
	my.looked = clock_steady();
	if (!registered && pthread_atfork(NULL, NULL, forked) == 0)
		registered = true;
	return 0;
}

/* Two gates at once would be the end of the data. Should something delete the file, every process
 * notices within a second, before it enters again, and a new gate waits for that (settle). */
static void
look(void)
{
	int64_t now = clock_steady();

	if (now - my.looked < LOOK_MS)
		return;
	if (!in_place())
		log_die("store: the gate file was removed while in use");
	my.looked = now;
}

/*
 * Entering.
 */

/* The thread that holds a robust mutex, as its futex word says: the kernel's robust futex list
 * defines that word, so it is right even where `inside` is not yet or no longer set. */
static uint32_t
holder_word(const struct shared *g)
{
	return (uint32_t)__atomic_load_n(&g->mutex.__data.__lock, __ATOMIC_SEQ_CST);
}

/* The mutex belongs to a process that does not exist: the file was copied from elsewhere. */
static void
revive(struct shared *g, uint32_t word, uint64_t entries)
{
	int fd = open_in(conf->run, "gate");

	if (fd != -1 && lock_file(fd, LOCK_EX, TRY_MS) && holder_word(g) == word &&
	    atomic_load(&g->entries) == entries) {
		log_line(LOG_WARN, "store: the gate was held by a process that is not there");
		make_mutex(&g->mutex);
		atomic_store(&g->inside, SOMEBODY);
		atomic_fetch_add(&g->entries, 1);
	}
	if (fd != -1)
		(void)close(fd);
}

/* Only a process with a slot is killed, and only if it is still the one that took the slot: the
 * file says what a process id means, and ids come back. A long hold is a reason to wait, and so is
 * a disk that keeps the holder (it would not die before the disk lets it go, and then it moves on
 * by itself); neither is for a process that was stopped. */
static bool
evictable(const struct shared *g, pid_t pid)
{
	int64_t held = (steady_us() - atomic_load(&g->entered)) / 1000;
	uint64_t who;
	char state;
	int i;

	if (held < STILL_MS || (who = who_is(pid, &state)) == 0)
		return false;
	if (held < LENGTHY_MS && state != 'T' && state != 't' &&
	    (state == 'D' || atomic_load(&g->lengthy)))
		return false;
	for (i = 0; i < GATE_SLOTS; i++)
		if (atomic_load(&g->slots[i].who) == who)
			return true;
	return false;
}

/* A holder that does not move is stopped: by a debugger, by a frozen group. */
static void
evict(struct shared *g, uint64_t entries)
{
	uint32_t word = holder_word(g);
	pid_t pid = (pid_t)(word & FUTEX_TID_MASK);
	int fd;

	if (pid == 0 || (word & FUTEX_OWNER_DIED) != 0)
		return;
	if ((fd = pidfd_open(pid, 0)) == -1) {
		if (errno == ESRCH)
			revive(g, word, entries);
		return;
	}
	if (!evictable(g, pid) || atomic_load(&g->entries) != entries ||
	    (holder_word(g) & FUTEX_TID_MASK) != (uint32_t)pid) {
		(void)close(fd);
		return;
	}
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) == 0) {
		atomic_fetch_add(&g->evictions, 1);
		log_line(LOG_WARN, "store: process %ld did not move inside, killed", (long)pid);
	} else {
		log_line(LOG_ERROR, "store: process %ld does not move inside: %s", (long)pid,
		    strerror(errno));
	}
	(void)close(fd);
}

static int
lock_wait(struct shared *g)
{
	uint64_t entries = atomic_load(&g->entries), seen;
	struct timespec ts;
	int r;

	for (;;) {
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
		ts.tv_nsec += TRY_MS * 1000000L;
		ts.tv_sec += ts.tv_nsec / 1000000000L;
		ts.tv_nsec %= 1000000000L;
		if ((r = pthread_mutex_clocklock(&g->mutex, CLOCK_MONOTONIC, &ts)) != ETIMEDOUT)
			return r;
		seen = entries;
		entries = atomic_load(&g->entries);
		if (entries == seen)
			evict(g, entries);
	}
}

static int
lock(struct shared *g)
{
	int r = pthread_mutex_trylock(&g->mutex);

	if (r == EBUSY)
		r = lock_wait(g);
	if (r == EOWNERDEAD) {
		(void)pthread_mutex_consistent(&g->mutex);
		atomic_fetch_add(&g->deaths, 1);
		r = 0;
	}
	if (r != 0)
		log_line(LOG_ERROR, "store: cannot enter: %s", strerror(r));
	return r == 0 ? 0 : FAULT;
}

static void
joined(uint64_t generation)
{
	my.generation = generation;
	atomic_store(&my.slot->generation, generation);
}

static int
recover(struct shared *g)
{
	uint64_t generation = atomic_fetch_add(&g->generation, 1) + 1;
	int64_t start = clock_steady();
	uint32_t log = 0;
	int r;

	gate_lengthy();
	joined(0);
	if ((r = my.engine->recover(&log)) == FAULT)
		return FAULT;
	atomic_store(&g->leaked, 0);
	atomic_store(&g->log, log);
	atomic_store(&g->synced, atomic_load(&g->committed));
	atomic_store(&g->commits, 0);
	atomic_store(&g->bytes, 0);
	atomic_fetch_add(&g->recoveries, 1);
	joined(generation);
	log_line(LOG_INFO, "store: recovered in %lld ms, generation %llu",
	    (long long)(clock_steady() - start), (unsigned long long)generation);
	return r;
}

static int
admit(struct shared *g, bool dirty)
{
	uint64_t generation = atomic_load(&g->generation);
	int r;

	if (!dirty && atomic_load(&g->leaked) >= GATE_LEAKED) {
		atomic_fetch_add(&g->recycles, 1);
		dirty = true;
	}
	if (dirty)
		return recover(g);
	if (my.generation == generation)
		return 0;
	my.engine->abandon();
	joined(0);
	if ((r = my.engine->join()) == FAULT)
		return recover(g);
	joined(generation);
	return r;
}

int
gate_enter(const struct gate_engine *engine)
{
	struct shared *g;
	bool dirty;
	int r;

	if (my.shared == NULL && attach(engine) != 0)
		return FAULT;
	g = my.shared;
	look();
	if (lock(g) != 0)
		return FAULT;
	my.entered = steady_us();
	my.lengthy = false;
	atomic_store(&g->entered, my.entered);
	atomic_store(&g->lengthy, false);
	atomic_fetch_add(&g->entries, 1);
	dirty = atomic_load(&g->inside) != 0;
	atomic_store(&g->inside, my.me);
	if ((r = admit(g, dirty)) == 0)
		return 0;
	if (r == REFUSED)
		joined(0);
	gate_leave(r == REFUSED);
	return FAULT;
}

void
gate_leave(bool clean)
{
	struct shared *g = my.shared;
	int64_t held = steady_us() - my.entered;

	if (!my.lengthy && held > (int64_t)atomic_load(&g->longest))
		atomic_store(&g->longest, (uint64_t)held);
	atomic_store(&g->lengthy, false);
	if (clean)
		atomic_store(&g->inside, 0);
	(void)pthread_mutex_unlock(&g->mutex);
	if (!my.lengthy && held > HOLD_US)
		log_line(LOG_WARN, "store: the gate was held for %lld ms", (long long)held / 1000);
}

void
gate_lengthy(void)
{
	my.lengthy = true;
	atomic_store(&my.shared->lengthy, true);
}

/*
 * Commits and the disk.
 */

uint64_t
gate_commit(uint32_t log, uint64_t bytes)
{
	struct shared *g = my.shared;

	/* In this order: who reads the number first and then the log gets one that holds it. */
	atomic_store(&g->log, log);
	atomic_fetch_add(&g->commits, 1);
	atomic_fetch_add(&g->bytes, bytes);
	return atomic_fetch_add(&g->committed, 1) + 1;
}

bool
gate_overdue(void)
{
	struct shared *g = my.shared;

	if (atomic_load(&g->commits) < CHECKPOINT_COMMITS &&
	    atomic_load(&g->bytes) < CHECKPOINT_BYTES)
		return false;
	/* Claimed; should this process die first, the next one is due as much later. */
	atomic_store(&g->commits, 0);
	atomic_store(&g->bytes, 0);
	return true;
}

void
gate_checkpointed(void)
{
	atomic_store(&my.shared->commits, 0);
	atomic_store(&my.shared->bytes, 0);
	atomic_fetch_add(&my.shared->checkpoints, 1);
}

uint64_t
gate_newest(void)
{
	return my.shared == NULL ? 0 : atomic_load(&my.shared->committed);
}

/* A recovery may undo a commit that was distrusted, so the generation is part of it; and who is or
 * died inside may have written what is not counted yet. */
uint64_t
gate_state(void)
{
	enum { COMMITS = 40 };	/* bits: a thousand a second for thirty years */
	struct shared *g = my.shared;

	if (g == NULL)
		return 0;
	look();
	if (my.generation == 0 || my.generation != atomic_load(&g->generation) ||
	    atomic_load(&g->inside) != 0)
		return 0;
	return my.generation << COMMITS |
	    (atomic_load(&g->committed) & ((UINT64_C(1) << COMMITS) - 1));
}

static void
raise_to(_Atomic uint64_t *number, uint64_t to)
{
	uint64_t now = atomic_load(number);

	while (now < to && !atomic_compare_exchange_weak(number, &now, to))
		continue;
}

/* A sync that failed may succeed the next time without the data (the kernel drops the pages), so
 * there is no next time: the engine must read its log again first. */
static int
distrust(struct shared *g, uint64_t generation)
{
	atomic_store(&g->distrusted, generation);
	if (lock(g) != 0)
		return FAULT;
	if (atomic_load(&g->generation) == generation)
		atomic_store(&g->inside, my.me);
	(void)pthread_mutex_unlock(&g->mutex);
	return FAULT;
}

static int
sync_all(struct shared *g)
{
	uint64_t generation = atomic_load(&g->generation);
	uint64_t target = atomic_load(&g->committed);
	uint32_t log = atomic_load(&g->log);
	int r = my.engine->sync(log);

	/* A log that is gone was synced and closed before its successor began. */
	if (r == REFUSED && log != atomic_load(&g->log))
		return 0;
	if (r != 0)
		return distrust(g, generation);
	raise_to(&g->synced, target);
	atomic_fetch_add(&g->syncs, 1);
	return 0;
}

static int
lead(struct shared *g)
{
	int r = sync_all(g);

	atomic_fetch_add(&g->epoch, 1);
	(void)pthread_mutex_unlock(&g->leader);
	(void)syscall(SYS_futex, &g->epoch, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	return r;
}

int
gate_sync(uint64_t number)
{
	const struct timespec wait = { .tv_nsec = FOLLOW_MS * 1000000L };
	struct shared *g = my.shared;
	int64_t start = clock_steady();
	uint32_t epoch;
	int r;

	for (;;) {
		epoch = atomic_load(&g->epoch);
		if (atomic_load(&g->synced) >= number)
			return 0;
		if (atomic_load(&g->distrusted) == my.generation)
			return FAULT;
		if ((r = pthread_mutex_trylock(&g->leader)) == EOWNERDEAD)
			r = pthread_mutex_consistent(&g->leader);
		if (r == 0 && lead(g) != 0)
			return FAULT;
		if (r == 0)
			continue;
		/* Somebody else leads; but that one may be stopped. */
		(void)syscall(SYS_futex, &g->epoch, FUTEX_WAIT, epoch, &wait, NULL, 0);
		if (clock_steady() - start > LEADER_MS && sync_all(g) != 0)
			return FAULT;
	}
}

/*
 * Reaping, closing, counting.
 */

void
gate_reap(void)
{
	struct shared *g = my.shared;
	uint64_t generation, who;
	int i;

	for (i = 0; g != NULL && i < GATE_SLOTS; i++) {
		who = atomic_load(&g->slots[i].who);
		if (who == 0 || who_lives(who))
			continue;
		generation = atomic_load(&g->slots[i].generation);
		if (atomic_compare_exchange_strong(&g->slots[i].who, &who, 0) &&
		    generation == atomic_load(&g->generation))
			atomic_fetch_add(&g->leaked, 1);
	}
}

void
gate_close(void)
{
	if (my.shared == NULL)
		return;
	if (my.slot != NULL)
		atomic_store(&my.slot->who, 0);
	detach();
}

void
gate_counts(struct gate_counts *counts_r)
{
	const struct shared *g = my.shared;

	memset(counts_r, 0, sizeof(*counts_r));
	if (g == NULL)
		return;
	counts_r->entries = g->entries;
	counts_r->commits = g->committed;
	counts_r->syncs = g->syncs;
	counts_r->checkpoints = g->checkpoints;
	counts_r->deaths = g->deaths;
	counts_r->evictions = g->evictions;
	counts_r->recycles = g->recycles;
	counts_r->recoveries = g->recoveries;
	counts_r->longest_hold = g->longest;
}
