/* kv_bdb_open - the engine over Berkeley DB 5.3: its environment, opened, recovered, dropped */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/gate.h"
#include "store/kv_bdb.h"
#include "store/logs.h"
#include "store/size.h"

/* From 6.0 on the licence is another one, and nothing here was tried with an older one. */
#if DB_VERSION_MAJOR != 5 || DB_VERSION_MINOR != 3
#error "Berkeley DB 5.3 is needed"
#endif

enum {
	WORN = 200,			/* recoveries: three or four megabytes */
	SENTENCES = 8			/* of the library's, logged in one hold at most */
};

static const struct {
	const char *name;
	uint32_t flags;			/* when it is made */
} files[BDB_NFILES] = {
	[LASTING] = { "lasting.db", DB_CHKSUM },
	[PASSING] = { "passing.db", 0 },
	[BDB_INDEX] = { "expiry.db", 0 }
};

struct bdb bdb;

static struct {
	DB_ENV *given_up;		/* chained by their app_private */
	int worn;			/* how many */
	bool founder;			/* this process makes a store where there is none */
	int64_t until;			/* seconds: how far a copy's logs are replayed; 0: all */
	bool quiet;			/* while an environment known to be broken is dropped */
	int sentences;			/* of the library's, logged in this hold */
} my;

static struct gate_engine engine;

const char *
bdb_file(int i)
{
	return i < BDB_NFILES ? files[i].name : NULL;
}

int
bdb_broken(const char *doing, int r)
{
	log_line(LOG_ERROR, "store: %s: %s", doing, db_strerror(r));
	return FAULT;
}

void
bdb_on_error(const DB_ENV *env, const char *prefix, const char *sentence)
{
	(void)env;
	(void)prefix;
	/* A full disk has a sentence for each page. */
	if (!my.quiet && my.sentences++ < SENTENCES)
		log_line(LOG_WARN, "store: %s", sentence);
}

static void
on_message(const DB_ENV *env, const char *sentence)
{
	(void)env;
	log_line(LOG_DEBUG, "store: %s", sentence);
}

/*
 * Opening and dropping.
 */

/* Mappings of memory that recovery has replaced: the library leaks them with the handle. */
static void
unmap_deleted(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to;
	const char *path;
	char line[PATH_MAX + 128];

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		path = strstr(line, "/env/__db.");
		if (path != NULL && strstr(path, " (deleted)") != NULL &&
		    sscanf(line, "%lx-%lx", &from, &to) == 2)
			(void)munmap((void *)from, to - from);
	}
	if (maps != NULL)
		(void)fclose(maps);
}

/* Closing handles of memory that cannot be trusted may wait in it for ever. With the panic flag set
 * the library only closes descriptors; the handles themselves are given up, seventeen kilobytes for
 * each recovery, until the process retires. */
static void
drop(void)
{
	if (bdb.env != NULL) {
		my.quiet = true;
		if (bdb.env->set_flags(bdb.env, DB_PANIC_ENVIRONMENT, 1) == 0) {
			bdb.env->app_private = my.given_up;
			my.given_up = bdb.env;
			my.worn++;
		}
		(void)bdb.env->close(bdb.env, 0);
		my.quiet = false;
		unmap_deleted();
	}
	bdb.env = NULL;
	memset(bdb.db, 0, sizeof(bdb.db));
	logs_close();
}

static void
forget(void)
{
	bdb.env = NULL;
	memset(bdb.db, 0, sizeof(bdb.db));
	logs_close();
}

static int
make_directories(void)
{
	char path[PATH_MAX];

	if (mkdir(disk_path(path, conf->run, "env"), 0750) == -1 && errno != EEXIST)
		return bdb_broken(path, errno);
	if (mkdir(disk_path(path, conf->data, "log"), 0750) == -1 && errno != EEXIST)
		return bdb_broken(path, errno);
	return 0;
}

/* How the shared memory is made; joining takes it as it is. */
static int
shape_environment(DB_ENV *env)
{
	uint64_t cache = size_cache();
	int r;

	if ((r = env->set_cachesize(env, (uint32_t)(cache >> 30),
	    (uint32_t)(cache & ((1u << 30) - 1)), 1)) != 0 ||
	    (r = env->set_lg_bsize(env, SIZE_LOG_BUFFER)) != 0 ||
	    (r = env->set_lg_max(env, SIZE_LOG)) != 0 ||
	    (r = env->set_lg_regionmax(env, size_log_table())) != 0 ||
	    (r = env->mutex_set_increment(env, size_mutexes())) != 0)
		return r;
	return 0;
}

static int
open_environment(uint32_t flags)
{
	char data[PATH_MAX], home[PATH_MAX], logs[PATH_MAX];
	DB_ENV *env;
	int r;

	if (realpath(conf->data, data) == NULL)
		return errno;
	if ((r = db_env_create(&bdb.env, 0)) != 0)
		return r;
	env = bdb.env;
	env->set_errcall(env, bdb_on_error);
	env->set_msgcall(env, on_message);
	if ((r = env->set_data_dir(env, data)) != 0 ||
	    (r = env->set_create_dir(env, data)) != 0 ||
	    (r = env->set_lg_dir(env, disk_path(logs, data, "log"))) != 0 ||
	    ((flags & DB_CREATE) != 0 && (r = shape_environment(env)) != 0))
		return r;
	return env->open(env, disk_path(home, conf->run, "env"),
	    DB_INIT_MPOOL | DB_INIT_LOG | DB_INIT_TXN | DB_THREAD | flags, 0660);
}

static int
open_file(int i, uint32_t flags)
{
	DB *db;
	int r;

	if ((r = db_create(&db, bdb.env, 0)) != 0)
		return r;
	bdb.db[i] = db;
	if ((flags & DB_CREATE) != 0 && ((r = db->set_pagesize(db, 4096)) != 0 ||
	    (files[i].flags != 0 && (r = db->set_flags(db, files[i].flags)) != 0)))
		return r;
	if (disk_readonly())
		flags |= DB_RDONLY;
	return db->open(db, NULL, bdb_file(i), NULL, DB_BTREE, DB_AUTO_COMMIT | DB_THREAD | flags,
	    0660);
}

static int
open_all(uint32_t flags)
{
	int i, r;

	if ((r = open_environment(flags)) != 0)
		return r;
	for (i = 0; r == 0 && i < BDB_NFILES; i++)
		r = open_file(i, flags & DB_CREATE);
	return r;
}

/*
 * A copy. Nobody else knows of it, so its shared memory is this process's own.
 */

static int
open_copy_environment(void)
{
	time_t until = (time_t)my.until;
	char logs[PATH_MAX];
	DB_ENV *env;
	int r;

	if ((r = db_env_create(&bdb.env, 0)) != 0)
		return r;
	env = bdb.env;
	env->set_errcall(env, bdb_on_error);
	env->set_msgcall(env, on_message);
	if ((r = env->set_data_dir(env, bdb.copy)) != 0 ||
	    (r = env->set_create_dir(env, bdb.copy)) != 0 ||
	    (r = env->set_lg_dir(env, disk_path(logs, bdb.copy, "log"))) != 0 ||
	    (r = shape_environment(env)) != 0 ||
	    (until != 0 && (r = env->set_tx_timestamp(env, &until)) != 0))
		return r;
	return env->open(env, bdb.copy, DB_INIT_MPOOL | DB_INIT_LOG | DB_INIT_TXN | DB_THREAD |
	    DB_PRIVATE | DB_CREATE | DB_RECOVER_FATAL, 0660);
}

static int
open_copy(struct rq *rq)
{
	int i, r;

	if ((r = open_copy_environment()) != 0) {
		drop();
		return fault(rq, "the logs in %s cannot be replayed: %s", bdb.copy, db_strerror(r));
	}
	for (i = 0; r == 0 && i < BDB_NFILES; i++)
		r = open_file(i, 0);
	if (r == 0 && (r = bdb_check_schema(false)) == 0)
		return 0;
	drop();
	return r < 0 || r == REFUSED ? FAULT :
	    fault(rq, "the copy in %s cannot be opened: %s", bdb.copy, db_strerror(r));
}

/*
 * What the gate asks for.
 */

int
bdb_newest_log(uint32_t *log_r)
{
	DB_LOG_STAT *stat;
	int r;

	*log_r = 0;
	if ((r = bdb.env->log_stat(bdb.env, &stat, 0)) != 0)
		return r;
	*log_r = stat->st_cur_file;
	free(stat);
	return 0;
}

/* In order, of an environment that is sound. */
static int
close_all(void)
{
	int i, r = 0, first = 0;

	for (i = 0; i < BDB_NFILES; i++) {
		r = bdb.db[i]->close(bdb.db[i], DB_NOSYNC);
		first = first != 0 ? first : r;
	}
	r = bdb.env->close(bdb.env, 0);
	bdb.env = NULL;
	memset(bdb.db, 0, sizeof(bdb.db));
	return first != 0 ? first : r;
}

/* It works with any cache, but a sign-in that reads from the disk is slow. */
static void
note_cache(void)
{
	uint64_t databases = 0;
	char path[PATH_MAX];
	struct stat st;
	int i;

	for (i = 0; i < BDB_NFILES; i++)
		if (stat(disk_path(path, conf->data, bdb_file(i)), &st) == 0)
			databases += (uint64_t)st.st_size;
	if (databases / 4 > size_cache())
		log_line(LOG_NOTE, "store: the databases have %llu MB, the cache %lld: "
		    "cache_megabytes = %llu would hold them", (unsigned long long)databases >> 20,
		    (long long)conf->cache_megabytes,
		    (unsigned long long)size_cache_wanted(databases));
}

/* Without its logs a database is not what it was: pages that were changed last are only in them. */
static int
has_its_log(uint32_t newest)
{
	char path[PATH_MAX];

	if (newest != 0 || access(disk_path(path, conf->data, bdb_file(LASTING)), F_OK) != 0)
		return 0;
	log_line(LOG_ERROR, "store: the log is missing: put the files back into %s/log, or restore "
	    "a backup (tarn restore)", conf->data);
	return FAULT;
}

static int
unrecovered(int r)
{
	log_line(LOG_ERROR, "store: cannot recover: %s; %s", db_strerror(r),
	    disk_room() < DISK_BALLAST ? disk_trouble() :
	    "if that stays so, restore a backup (tarn restore)");
	return FAULT;
}

static int
recover(uint32_t *log_r)
{
	uint32_t newest;
	int r;

	*log_r = 0;
	if (make_directories() != 0 || logs_sync_newest(&newest) != 0 ||
	    has_its_log(newest) != 0 || disk_takes_memory() != 0)
		return FAULT;
	drop();
	if (disk_room() < DISK_BALLAST)
		disk_drop_ballast();
	if ((r = open_all(DB_CREATE | DB_RECOVER)) != 0 || (r = bdb_newest_log(log_r)) != 0)
		return unrecovered(r);
	note_cache();
	unmap_deleted();
	if ((r = bdb_check_schema(true)) == REFUSED && close_all() != 0)
		r = FAULT;
	return r;
}

static int
join(void)
{
	int r;

	if ((r = open_all(0)) != 0)
		return bdb_broken("cannot join", r);
	if ((r = bdb_check_schema(false)) == REFUSED && close_all() != 0)
		r = FAULT;
	return r;
}

static bool
checked_version(void)
{
	int major, minor;
	const char *version = db_version(&major, &minor, NULL);

	if (major == 5 && minor == 3) {
		engine = (struct gate_engine){ .version = version, .recover = recover, .join = join,
			.abandon = drop, .sync = logs_sync, .forget = forget };
		return true;
	}
	log_line(LOG_ERROR, "store: the library is %s, not 5.3", version);
	return false;
}

/*
 * In and out.
 */

static bool
is_there(void)
{
	char path[PATH_MAX];

	return my.founder ||
	    access(disk_path(path, conf->data, bdb_file(LASTING)), F_OK) == 0;
}

int
bdb_enter(struct rq *rq)
{
	my.sentences = 0;
	if (bdb.env == NULL && bdb.copy == NULL && !is_there())
		return fault(rq, "there is no store in %s: is its disk there? tarn init makes one",
		    conf->data);
	if (bdb.copy != NULL)
		return bdb.env != NULL ? 0 : open_copy(rq);
	if ((engine.version == NULL && !checked_version()) || gate_enter(&engine) != 0)
		return fault(rq, "the store cannot be entered");
	return 0;
}

int
bdb_leave(struct rq *rq, int r, const char *doing)
{
	bool clean = r == 0 || r == DB_NOTFOUND;

	if (bdb.copy == NULL)
		gate_leave(clean);
	if (r == DB_RUNRECOVERY)
		return fault(rq, "cannot %s: if this comes again, tarn check says what is damaged",
		    doing);
	return clean ? 0 : fault(rq, "cannot %s: %s", doing, db_strerror(r));
}

void
bdb_found(void)
{
	my.founder = true;
}

/* Whoever comes next recovers, and all others join the new generation and look at the schema. */
int
bdb_renew(struct rq *rq)
{
	if (bdb.copy != NULL)
		return 0;
	if (bdb_enter(rq) != 0)
		return FAULT;
	gate_leave(false);
	return 0;
}

bool
bdb_worn(void)
{
	return my.worn >= WORN;
}

/* A copy is left as a store that needs no recovery. */
static int
close_copy(void)
{
	int r;

	if (bdb.env == NULL)
		return 0;
	if ((r = bdb.env->txn_checkpoint(bdb.env, 0, 0, DB_FORCE)) != 0 || (r = close_all()) != 0)
		return bdb_broken("cannot close a copy", r);
	return 0;
}

void
bdb_close(void)
{
	logs_release();
	if (bdb.copy != NULL)
		(void)close_copy();
	else if (bdb.env != NULL && gate_enter(&engine) == 0)
		gate_leave(close_all() == 0);
	gate_close();
	logs_close();
}

int
bdb_visit(struct rq *rq, const char *directory, int64_t until)
{
	static char path[PATH_MAX];
	int r = bdb.copy != NULL ? close_copy() : 0;

	bdb_close();
	bdb.copy = NULL;
	my.until = until;
	if (directory == NULL || r != 0)
		return r;
	if (realpath(directory, path) == NULL)
		return fault(rq, "cannot open %s: %s", directory, strerror(errno));
	bdb.copy = path;
	return 0;
}
