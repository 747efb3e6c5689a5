/* kv_bdb - the engine over Berkeley DB 5.3, the only file that speaks to it
 *
 * Three btrees share one transactional environment: lasting.db and passing.db hold the records by
 * their kind's promise, expiry.db is an index of those that expire. A stored value is a byte that
 * names this form, the time it expires as eight bytes, and the text. A key of the index is the time
 * and the record's key; there is nothing else in it, and where the two disagree the record is
 * right.
 *
 * All calls of the library are made inside the gate, so the environment has no lock subsystem:
 * there is never more than one transaction. A commit hands its log to the kernel
 * (DB_TXN_WRITE_NOSYNC) and gate_sync brings it to the disk; DB_TXN_NOSYNC would leave it in memory
 * that a recovery discards. Any error that is not foreseen leaves the gate dirty, which makes the
 * next one in recover. */
#include <db.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "store/gate.h"
#include "store/kv.h"
#include "store/schema.h"
#include "store/size.h"

/* From 6.0 on the licence is another one, and nothing here was tried with an older one. */
#if DB_VERSION_MAJOR != 5 || DB_VERSION_MINOR != 3
#error "Berkeley DB 5.3 is needed"
#endif

enum {
	FORM = 1,			/* first byte of every value */
	HEAD = 9,			/* bytes before the text */
	WORN = 200,			/* recoveries: three or four megabytes */
	PAGE = 64,			/* rows read or swept in one hold */
	BALLAST = 2 * SIZE_LOG,	/* what a recovery may have to write */
	LOOK_MS = 200,			/* how often the free space is looked at */
	SENTENCES = 8			/* of the library's, logged in one hold at most */
};

enum { INDEX = PASSING + 1, NFILES };

static const struct {
	const char *name;
	uint32_t flags;			/* when it is made */
} files[NFILES] = {
	[LASTING] = { "lasting.db", DB_CHKSUM },
	[PASSING] = { "passing.db", 0 },
	[INDEX] = { "expiry.db", 0 }
};

/* What this process has open. */
static struct {
	DB_ENV *env;			/* NULL: nothing */
	DB *db[NFILES];
	DB_ENV *given_up;		/* chained by their app_private */
	int worn;			/* how many */
	bool founder;			/* this process makes a store where there is none */
	bool admits;			/* and opens one of an older schema */
	char lineage[64];		/* of the store that is open */
	const char *copy;		/* a directory that this process alone uses; NULL */
	int64_t until;			/* seconds: how far its logs are replayed; 0: all */
	int retaining;			/* data/retain, locked while no log may go */
	bool quiet;			/* while an environment known to be broken is dropped */
	int sentences;			/* of the library's, logged in this hold */
	unsigned char *room;		/* for one value */
	uint32_t room_size;
	int log_fd;
	uint32_t log;			/* that log_fd is open on */
	int64_t looked;
	const char *trouble;		/* with the disk, when last looked at; NULL: none */
} my = { .log_fd = -1, .retaining = -1 };

static struct gate_engine engine;

static int
broken(const char *doing, int r)
{
	log_line(LOG_ERROR, "store: %s: %s", doing, db_strerror(r));
	return FAULT;
}

static void
on_error(const DB_ENV *env, const char *prefix, const char *sentence)
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

static const char *
in_directory(char *path, const char *directory, const char *name)
{
	if ((size_t)snprintf(path, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
		log_die("store: a path is too long");
	return path;
}

/* The disk. */

static bool
disk_is_readonly(void)
{
	struct statvfs st;

	return statvfs(conf->data, &st) == 0 && (st.f_flag & ST_RDONLY) != 0;
}

/* Bytes that may still be written. */
static uint64_t
disk_room(void)
{
	struct statvfs st;

	if (statvfs(conf->data, &st) == -1)
		return UINT64_MAX;
	return (st.f_flag & ST_RDONLY) != 0 ? 0 : (uint64_t)st.f_bavail * st.f_frsize;
}

/* NULL, or what is to be done before anything can be written. */
static const char *
disk_trouble(void)
{
	if (disk_is_readonly())
		return "the file system of the store is read-only: see the kernel's log for why, "
		    "mend it and mount it again";
	if (disk_room() < size_disk())
		return "the disk of the store is full: free some space";
	return NULL;
}

/* A file that is only there to be deleted: when others have filled the disk to the last byte, a
 * recovery needs a little of it, and without recovery there is no reading either. */
static void
ballast_drop(void)
{
	char path[PATH_MAX];

	if (unlink(in_directory(path, conf->data, "ballast")) == 0)
		log_line(LOG_WARN, "store: the disk is full: %s was deleted to recover", path);
}

static void
ballast_keep(void)
{
	char path[PATH_MAX];
	int fd;

	if (access(in_directory(path, conf->data, "ballast"), F_OK) == 0 ||
	    disk_room() < size_disk() + BALLAST)
		return;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0660)) == -1)
		return;
	if (posix_fallocate(fd, 0, BALLAST) != 0)
		(void)unlink(path);
	(void)close(fd);
}

/* Logs on disk. */

static int
open_log(uint32_t log)
{
	char path[PATH_MAX], name[32];

	(void)snprintf(name, sizeof(name), "log/log.%010u", log);
	return open(in_directory(path, conf->data, name), O_RDWR | O_CLOEXEC);
}

static void
close_log(void)
{
	if (my.log_fd != -1)
		(void)close(my.log_fd);
	my.log_fd = -1;
	my.log = 0;
}

static int
sync_log(uint32_t log)
{
	char path[PATH_MAX];

	if (my.log_fd == -1 || my.log != log) {
		close_log();
		if ((my.log_fd = open_log(log)) == -1 && errno == ENOENT)
			return REFUSED;
		if (my.log_fd == -1 ||
		    !file_sync_folder(in_directory(path, conf->data, "log")))
			return broken("cannot open a log", errno);
		my.log = log;
	}
	return fdatasync(my.log_fd) == -1 ? broken("cannot sync the log", errno) : 0;
}

/* The library takes what it finds in a log as being on disk already. */
static int
sync_newest_logs(uint32_t *newest_r)
{
	char path[PATH_MAX];
	DIR *dir = opendir(in_directory(path, conf->data, "log"));
	uint32_t newest = 0, n;
	const struct dirent *entry;
	int r = 0;

	*newest_r = 0;
	if (dir == NULL)
		return errno == ENOENT ? 0 : broken("cannot read the log directory", errno);
	while ((entry = readdir(dir)) != NULL)
		if (sscanf(entry->d_name, "log.%10u", &n) == 1 && n > newest)
			newest = n;
	(void)closedir(dir);
	*newest_r = newest;
	if (newest > 1 && (r = sync_log(newest - 1)) == REFUSED)
		r = 0;
	return r != 0 || newest == 0 ? r : sync_log(newest);
}

/* Opening and dropping. */

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
	if (my.env != NULL) {
		my.quiet = true;
		if (my.env->set_flags(my.env, DB_PANIC_ENVIRONMENT, 1) == 0) {
			my.env->app_private = my.given_up;
			my.given_up = my.env;
			my.worn++;
		}
		(void)my.env->close(my.env, 0);
		my.quiet = false;
		unmap_deleted();
	}
	my.env = NULL;
	memset(my.db, 0, sizeof(my.db));
	close_log();
}

static void
forget(void)
{
	my.env = NULL;
	memset(my.db, 0, sizeof(my.db));
	close_log();
}

static int
make_directories(void)
{
	char path[PATH_MAX];

	if (mkdir(in_directory(path, conf->run, "env"), 0750) == -1 && errno != EEXIST)
		return broken(path, errno);
	if (mkdir(in_directory(path, conf->data, "log"), 0750) == -1 && errno != EEXIST)
		return broken(path, errno);
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
	if ((r = db_env_create(&my.env, 0)) != 0)
		return r;
	env = my.env;
	env->set_errcall(env, on_error);
	env->set_msgcall(env, on_message);
	if ((r = env->set_data_dir(env, data)) != 0 ||
	    (r = env->set_create_dir(env, data)) != 0 ||
	    (r = env->set_lg_dir(env, in_directory(logs, data, "log"))) != 0 ||
	    ((flags & DB_CREATE) != 0 && (r = shape_environment(env)) != 0))
		return r;
	return env->open(env, in_directory(home, conf->run, "env"),
	    DB_INIT_MPOOL | DB_INIT_LOG | DB_INIT_TXN | DB_THREAD | flags, 0660);
}

static int
open_file(int i, uint32_t flags)
{
	DB *db;
	int r;

	if ((r = db_create(&db, my.env, 0)) != 0)
		return r;
	my.db[i] = db;
	if ((flags & DB_CREATE) != 0 && ((r = db->set_pagesize(db, 4096)) != 0 ||
	    (files[i].flags != 0 && (r = db->set_flags(db, files[i].flags)) != 0)))
		return r;
	if (disk_is_readonly())
		flags |= DB_RDONLY;
	return db->open(db, NULL, files[i].name, NULL, DB_BTREE, DB_AUTO_COMMIT | DB_THREAD | flags,
	    0660);
}

static int
open_all(uint32_t flags)
{
	int i, r;

	if ((r = open_environment(flags)) != 0)
		return r;
	for (i = 0; r == 0 && i < NFILES; i++)
		r = open_file(i, flags & DB_CREATE);
	return r;
}

/* Reading. */

static int
grow(uint32_t size)
{
	unsigned char *room = realloc(my.room, size);

	if (room == NULL)
		return ENOMEM;
	my.room = room;
	my.room_size = size;
	return 0;
}

/* The value of a key, in my.room until the next one is read. 0, DB_NOTFOUND or an error. */
static int
fetch(DB *db, const void *key, size_t n, DBT *value_r)
{
	DBT k = { .data = (void *)key, .size = (uint32_t)n };
	int r;

	do {
		*value_r = (DBT){ .data = my.room, .ulen = my.room_size, .flags = DB_DBT_USERMEM };
		r = db->get(db, NULL, &k, value_r, 0);
	} while (r == DB_BUFFER_SMALL && (r = grow(value_r->size * 2)) == 0);
	return r;
}

static DB *
file_of(const struct kv_key *key)
{
	return my.db[kv_kinds[key->kind].promise];
}

static void
put_time(unsigned char *p, int64_t ms)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (unsigned char)((uint64_t)ms >> (56 - 8 * i));
}

static int64_t
get_time(const unsigned char *p)
{
	uint64_t ms = 0;
	int i;

	for (i = 0; i < 8; i++)
		ms = ms << 8 | p[i];
	return (int64_t)ms;
}

static bool
well_formed(const DBT *value)
{
	return value->size >= HEAD && *(const unsigned char *)value->data == FORM;
}

static int64_t
expiry(const DBT *value)
{
	return get_time((const unsigned char *)value->data + 1);
}

static bool
expired(const DBT *value, int64_t now)
{
	int64_t expires = expiry(value);

	return expires != 0 && expires <= now;
}

static const struct kv_value *
copy_value(struct arena *mem, const DBT *raw)
{
	struct kv_value *value = arena_alloc(mem, sizeof(*value));

	value->n = raw->size - HEAD;
	value->text = arena_dupn(mem, (const char *)raw->data + HEAD, value->n);
	value->expires = expiry(raw);
	return value;
}

/* The schema: which programs may use these files. Written once, when they are made. */

static int
write_meta(struct arena *mem, const struct kv_key *key)
{
	const char *text = json_print(mem, schema_new(mem));
	size_t n = strlen(text);
	unsigned char *bytes = arena_array(mem, HEAD + n, 1);
	DBT k = { .data = (void *)key->data, .size = (uint32_t)key->n };
	DBT v = { .data = bytes, .size = (uint32_t)(HEAD + n) };

	bytes[0] = FORM;
	memcpy(bytes + HEAD, text, n);
	return my.db[LASTING]->put(my.db[LASTING], NULL, &k, &v, 0);
}

static int
check_meta(struct arena *mem, const DBT *raw)
{
	const char *where = my.copy != NULL ? my.copy : conf->data, *error;
	struct json *meta = NULL;
	enum schema_fit fit;

	if (well_formed(raw))
		(void)json_parse(mem, (const char *)raw->data + HEAD, raw->size - HEAD, &meta,
		    &error);
	(void)snprintf(my.lineage, sizeof(my.lineage), "%s", json_text(meta, "Lineage") ?: "");
	fit = schema_fit(meta);
	if (fit == SCHEMA_FITS || (fit == SCHEMA_OLDER && my.admits))
		return 0;
	if (fit == SCHEMA_OLDER)
		log_line(LOG_ERROR, "store: %s is of an older version (schema %lld, now %d): "
		    "tarn upgrade", where, (long long)json_int(meta, "Version", 0), SCHEMA);
	else
		log_line(LOG_ERROR, "store: %s was written by a newer version (schema %lld, this "
		    "program knows %d): use that version's programs", where,
		    (long long)json_int(meta, "Version", -1), SCHEMA);
	return REFUSED;
}

static int
shake_hands(bool create)
{
	struct arena *mem = arena_new();
	const struct kv_key *key = kv_key(mem, KV_META, NULL);
	DBT raw;
	int r = fetch(my.db[LASTING], key->data, key->n, &raw);

	if (r == DB_NOTFOUND && create && (r = write_meta(mem, key)) == 0)
		r = fetch(my.db[LASTING], key->data, key->n, &raw);
	if (r == 0)
		r = check_meta(mem, &raw);
	if (r != 0 && r != REFUSED)
		r = broken("cannot read the schema", r);
	arena_free(&mem);
	return r;
}

/* A copy. Nobody else knows of it, so its shared memory is this process's own. */

static int
open_copy_environment(void)
{
	time_t until = (time_t)my.until;
	char logs[PATH_MAX];
	DB_ENV *env;
	int r;

	if ((r = db_env_create(&my.env, 0)) != 0)
		return r;
	env = my.env;
	env->set_errcall(env, on_error);
	env->set_msgcall(env, on_message);
	if ((r = env->set_data_dir(env, my.copy)) != 0 ||
	    (r = env->set_create_dir(env, my.copy)) != 0 ||
	    (r = env->set_lg_dir(env, in_directory(logs, my.copy, "log"))) != 0 ||
	    (r = shape_environment(env)) != 0 ||
	    (until != 0 && (r = env->set_tx_timestamp(env, &until)) != 0))
		return r;
	return env->open(env, my.copy, DB_INIT_MPOOL | DB_INIT_LOG | DB_INIT_TXN | DB_THREAD |
	    DB_PRIVATE | DB_CREATE | DB_RECOVER_FATAL, 0660);
}

static int shake_hands(bool create);

static int
open_copy(struct rq *rq)
{
	int i, r;

	if ((r = open_copy_environment()) != 0) {
		drop();
		return fault(rq, "the logs in %s cannot be replayed: %s", my.copy, db_strerror(r));
	}
	for (i = 0; r == 0 && i < NFILES; i++)
		r = open_file(i, 0);
	if (r == 0 && (r = shake_hands(false)) == 0)
		return 0;
	drop();
	return r < 0 || r == REFUSED ? FAULT :
	    fault(rq, "the copy in %s cannot be opened: %s", my.copy, db_strerror(r));
}

/* What the gate asks for. */

static int
newest_log(uint32_t *log_r)
{
	DB_LOG_STAT *stat;
	int r;

	*log_r = 0;
	if ((r = my.env->log_stat(my.env, &stat, 0)) != 0)
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

	for (i = 0; i < NFILES; i++) {
		r = my.db[i]->close(my.db[i], DB_NOSYNC);
		first = first != 0 ? first : r;
	}
	r = my.env->close(my.env, 0);
	my.env = NULL;
	memset(my.db, 0, sizeof(my.db));
	return first != 0 ? first : r;
}

/* Shared memory that cannot grow to its size fails later, in the middle of something. What the old
 * one has is free soon. On the disk of the store it is that disk's room that counts. */
static int
memory_fits(void)
{
	char path[PATH_MAX], name[32];
	struct statvfs room;
	struct stat run, st;
	uint64_t have;
	int i;

	if (statvfs(conf->run, &room) == -1 || stat(conf->run, &run) == -1 ||
	    stat(conf->data, &st) == -1 || run.st_dev == st.st_dev)
		return 0;
	have = (uint64_t)room.f_bavail * room.f_frsize;
	for (i = 1; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "env/__db.%03d", i);
		if (stat(in_directory(path, conf->run, name), &st) == 0)
			have += (uint64_t)st.st_blocks * 512;
	}
	if (have >= size_memory())
		return 0;
	log_line(LOG_ERROR, "store: its shared memory may need %llu MB, and %s has %llu: mount a "
	    "larger one, or lower cache_megabytes", (unsigned long long)(size_memory() >> 20) + 1,
	    conf->run, (unsigned long long)have >> 20);
	return FAULT;
}

/* It works with any cache, but a sign-in that reads from the disk is slow. */
static void
note_cache(void)
{
	uint64_t databases = 0;
	char path[PATH_MAX];
	struct stat st;
	int i;

	for (i = 0; i < NFILES; i++)
		if (stat(in_directory(path, conf->data, files[i].name), &st) == 0)
			databases += (uint64_t)st.st_size;
	if (databases / 4 > size_cache())
		log_line(LOG_NOTE, "store: the databases have %llu MB, the cache %lld: "
		    "cache_megabytes = %llu would hold them", (unsigned long long)databases >> 20,
		    (long long)conf->cache_megabytes,
		    (unsigned long long)size_cache_wanted(databases));
}

/* Without its logs a database is not what it was: pages that were changed last are only in them. */
static int
logs_are_there(uint32_t newest)
{
	char path[PATH_MAX];

	if (newest != 0 || access(in_directory(path, conf->data, files[LASTING].name), F_OK) != 0)
		return 0;
	log_line(LOG_ERROR, "store: the log is missing: put the files back into %s/log, or restore "
	    "a backup (tarn restore)", conf->data);
	return FAULT;
}

static int
unrecovered(int r)
{
	log_line(LOG_ERROR, "store: cannot recover: %s; %s", db_strerror(r), disk_room() < BALLAST ?
	    disk_trouble() : "if that stays so, restore a backup (tarn restore)");
	return FAULT;
}

static int
recover(uint32_t *log_r)
{
	uint32_t newest;
	int r;

	*log_r = 0;
	if (make_directories() != 0 || sync_newest_logs(&newest) != 0 ||
	    logs_are_there(newest) != 0 || memory_fits() != 0)
		return FAULT;
	drop();
	if (disk_room() < BALLAST)
		ballast_drop();
	if ((r = open_all(DB_CREATE | DB_RECOVER)) != 0 || (r = newest_log(log_r)) != 0)
		return unrecovered(r);
	note_cache();
	unmap_deleted();
	if ((r = shake_hands(true)) == REFUSED && close_all() != 0)
		r = FAULT;
	return r;
}

static int
join(void)
{
	int r;

	if ((r = open_all(0)) != 0)
		return broken("cannot join", r);
	if ((r = shake_hands(false)) == REFUSED && close_all() != 0)
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
			.abandon = drop, .sync = sync_log, .forget = forget };
		return true;
	}
	log_line(LOG_ERROR, "store: the library is %s, not 5.3", version);
	return false;
}

static bool
is_there(void)
{
	char path[PATH_MAX];

	return my.founder ||
	    access(in_directory(path, conf->data, files[LASTING].name), F_OK) == 0;
}

static int
enter(struct rq *rq)
{
	my.sentences = 0;
	if (my.env == NULL && my.copy == NULL && !is_there())
		return fault(rq, "there is no store in %s: is its disk there? tarn init makes one",
		    conf->data);
	if (my.room == NULL && grow(16 << 10) != 0)
		return fault(rq, "out of memory");
	if (my.copy != NULL)
		return my.env != NULL ? 0 : open_copy(rq);
	if ((engine.version == NULL && !checked_version()) || gate_enter(&engine) != 0)
		return fault(rq, "the store cannot be entered");
	return 0;
}

/* Leaves with the result of a library call: DB_NOTFOUND is foreseen, other errors are not. */
static int
leave(struct rq *rq, int r, const char *doing)
{
	bool clean = r == 0 || r == DB_NOTFOUND;

	if (my.copy == NULL)
		gate_leave(clean);
	if (r == DB_RUNRECOVERY)
		return fault(rq, "cannot %s: if this comes again, tarn check says what is damaged",
		    doing);
	return clean ? 0 : fault(rq, "cannot %s: %s", doing, db_strerror(r));
}

static int
bdb_get(struct rq *rq, const struct kv_key *key, const struct kv_value **value_r)
{
	DBT raw;
	int r;

	*value_r = NULL;
	if (enter(rq) != 0)
		return FAULT;
	r = fetch(file_of(key), key->data, key->n, &raw);
	if (leave(rq, r, "read the store") != 0)
		return FAULT;
	if (r == DB_NOTFOUND)
		return 0;
	if (!well_formed(&raw))
		return fault(rq, "a %s of unknown form", kv_kinds[key->kind].name);
	if (!expired(&raw, rq->now))
		*value_r = copy_value(rq->mem, &raw);
	return 0;
}

/* Commits to a copy are not counted. */
static uint64_t
bdb_state(void)
{
	return my.env == NULL || my.copy != NULL ? 0 : gate_state();
}

/* Walking: a cursor that never outlives a hold. Key and value are good until the next step. */

struct walk {
	DBC *cursor;
	DBT key, value;
	uint32_t how;
	unsigned char room[1100];	/* for the key: at most 8 and 1,000 bytes */
};

/* Begins at the first key that is not before the one given, or, after, that is behind it: no key
 * comes between one and the same with a NUL. */
static int
walk_from(struct walk *w, DB *db, const void *key, size_t n, bool after)
{
	memcpy(w->room, key, n);
	w->room[n] = '\0';
	w->key = (DBT){ .data = w->room, .size = (uint32_t)n + after, .ulen = sizeof(w->room),
		.flags = DB_DBT_USERMEM };
	w->how = DB_SET_RANGE;
	return db->cursor(db, NULL, &w->cursor, 0);
}

static int
walk_on(struct walk *w)
{
	int r;

	do {
		w->value = (DBT){ .data = my.room, .ulen = my.room_size, .flags = DB_DBT_USERMEM };
		r = w->cursor->get(w->cursor, &w->key, &w->value, w->how);
	} while (r == DB_BUFFER_SMALL && (r = grow(w->value.size * 2)) == 0);
	w->how = DB_NEXT;
	return r;
}

/* Ends a walk that came to r; the end of the file is no error. */
static int
walk_end(struct walk *w, int r)
{
	int closed = w->cursor->close(w->cursor);

	return r != 0 && r != DB_NOTFOUND ? r : closed;
}

struct scan {
	struct rq *rq;
	const struct kv_key *prefix;
	const struct kv_key *last;	/* seen; NULL: none yet */
	bool done, odd;			/* at the end; met a value of unknown form */
	struct kv_row *rows;
	size_t n, most;
};

static void
scan_row(struct scan *s, const struct walk *w)
{
	struct arena *mem = s->rq->mem;
	struct kv_key *key = arena_alloc(mem, sizeof(*key));

	key->kind = s->prefix->kind;
	key->data = arena_dupn(mem, w->room, w->key.size);
	key->n = w->key.size;
	s->last = key;
	if (!well_formed(&w->value))
		s->odd = true;
	else if (!expired(&w->value, s->rq->now))
		s->rows[s->n++] = (struct kv_row){ .key = key,
		    .value = copy_value(mem, &w->value) };
}

static int
scan_page(struct scan *s)
{
	const struct kv_key *prefix = s->prefix;
	struct walk w;
	int i, r;

	r = s->last == NULL ? walk_from(&w, file_of(prefix), prefix->data, prefix->n, false) :
	    walk_from(&w, file_of(prefix), s->last->data, s->last->n, true);
	if (r != 0)
		return r;
	for (i = 0; i < PAGE && !s->done && !s->odd; i++) {
		if ((r = walk_on(&w)) != 0 || w.key.size < prefix->n ||
		    memcmp(w.room, prefix->data, prefix->n) != 0) {
			s->done = true;
		} else {
			scan_row(s, &w);
			s->done = s->n == s->most;
		}
	}
	return walk_end(&w, r);
}

/* A page of rows in each hold, going on after the last one seen. */
static int
bdb_scan(struct rq *rq, const struct kv_key *prefix, const struct kv_key *after, size_t most,
    const struct kv_row **rows_r, size_t *n_r)
{
	struct scan s = { .rq = rq, .prefix = prefix, .most = most, .done = most == 0 };

	*n_r = 0;
	*rows_r = s.rows = arena_array(rq->mem, most, sizeof(*s.rows));
	if (after != NULL && after->n >= prefix->n)
		s.last = after;
	while (!s.done && !s.odd)
		if (enter(rq) != 0 || leave(rq, scan_page(&s), "scan the store") != 0)
			return FAULT;
	if (s.odd)
		return fault(rq, "a %s of unknown form", kv_kinds[prefix->kind].name);
	*n_r = s.n;
	return 0;
}

/* Writing. */

/* Looked at before anything is written: a write that fails half way takes the reads with it, since
 * the recovery that follows fails too. */
static bool
disk_has_room(void)
{
	int64_t now = clock_steady();

	if (my.looked == 0 || now - my.looked >= LOOK_MS) {
		my.looked = now;
		my.trouble = disk_trouble();
	}
	return my.trouble == NULL;
}

/* An operation as the library takes it, made before the gate is entered. */
struct write {
	const struct kv_op *op;
	DBT key, value, index;
};

static void
prepare(struct arena *mem, const struct kv_op *op, struct write *w)
{
	unsigned char *p;

	w->op = op;
	w->key = (DBT){ .data = (void *)op->key->data, .size = (uint32_t)op->key->n };
	if (op->what != KV_OP_PUT)
		return;
	w->value = (DBT){ .data = p = arena_array(mem, HEAD + op->n, 1),
		.size = (uint32_t)(HEAD + op->n) };
	p[0] = FORM;
	put_time(p + 1, op->expires);
	memcpy(p + HEAD, op->text, op->n);
	w->index = (DBT){ .data = p = arena_array(mem, 8 + op->key->n, 1),
		.size = (uint32_t)(8 + op->key->n) };
	put_time(p, op->expires);
	memcpy(p + 8, op->key->data, op->key->n);
}

static int
expect(struct rq *rq, const struct kv_op *op, bool *holds_r)
{
	bool there;
	DBT raw;
	int r;

	*holds_r = true;
	if (op->what != KV_OP_ABSENT && op->what != KV_OP_SAME)
		return 0;
	r = fetch(file_of(op->key), op->key->data, op->key->n, &raw);
	if (r != 0 && r != DB_NOTFOUND)
		return r;
	there = r == 0 && (!well_formed(&raw) || !expired(&raw, rq->now));
	if (op->what == KV_OP_ABSENT)
		*holds_r = !there;
	else
		*holds_r = there && raw.size == HEAD + op->n &&
		    memcmp((const char *)raw.data + HEAD, op->text, op->n) == 0;
	return 0;
}

static int
write_one(DB_TXN *txn, struct write *w)
{
	DBT empty = { .size = 0 };
	DB *db = file_of(w->op->key);
	int r = 0;

	if (w->op->what == KV_OP_PUT) {
		r = db->put(db, txn, &w->key, &w->value, 0);
		if (r == 0 && w->op->expires != 0)
			r = my.db[INDEX]->put(my.db[INDEX], txn, &w->index, &empty, 0);
	} else if (w->op->what == KV_OP_DROP) {
		r = db->del(db, txn, &w->key, 0);
	}
	return r == DB_NOTFOUND ? 0 : r;
}

/* What the gate must know of a commit. */
struct receipt {
	uint64_t number;		/* 0: nothing was committed */
	bool overdue;			/* this process is to make a checkpoint */
};

static int
commit(DB_TXN *txn, uint64_t bytes, struct receipt *receipt_r)
{
	uint32_t log;
	int r;

	if ((r = txn->commit(txn, DB_TXN_WRITE_NOSYNC)) != 0 || my.copy != NULL ||
	    (r = newest_log(&log)) != 0)
		return r;
	receipt_r->number = gate_commit(log, bytes);
	receipt_r->overdue = gate_overdue();
	return 0;
}

/* One transaction. After an error it is left as it is, for recovery to undo. */
static int
write_all(struct write *writes, size_t n, struct receipt *receipt_r)
{
	uint64_t bytes = 0;
	DB_TXN *txn;
	size_t i;
	int r;

	if ((r = my.env->txn_begin(my.env, NULL, &txn, 0)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		if ((r = write_one(txn, &writes[i])) != 0)
			return r;
		bytes += writes[i].key.size + writes[i].value.size;
	}
	return commit(txn, bytes, receipt_r);
}

static int
apply_inside(struct rq *rq, struct write *writes, size_t n, bool *holds_r,
    struct receipt *receipt_r)
{
	bool any = false;
	size_t i;
	int r;

	*holds_r = true;
	for (i = 0; i < n; i++) {
		if ((r = expect(rq, writes[i].op, holds_r)) != 0 || !*holds_r)
			return r;
		any = any || writes[i].op->what == KV_OP_PUT || writes[i].op->what == KV_OP_DROP;
	}
	return any ? write_all(writes, n, receipt_r) : 0;
}

static int bdb_checkpoint(struct rq *rq);

static int
bdb_apply(struct rq *rq, const struct kv_op *ops, size_t n, bool lasting)
{
	struct write *writes = arena_array(rq->mem, n, sizeof(*writes));
	struct receipt receipt = { 0, false };
	bool holds;
	size_t i;

	if (!disk_has_room())
		return fault(rq, "nothing is written: %s", my.trouble);
	for (i = 0; i < n; i++)
		prepare(rq->mem, &ops[i], &writes[i]);
	if (enter(rq) != 0 ||
	    leave(rq, apply_inside(rq, writes, n, &holds, &receipt), "write to the store") != 0)
		return FAULT;
	if (!holds)
		return KV_BROKEN;
	if (lasting && my.copy == NULL && gate_sync(receipt.number) != 0)
		return fault(rq, "the log cannot be synced");
	if (receipt.overdue)
		(void)bdb_checkpoint(rq);	/* a failure is logged, and not of this request */
	return 0;
}

/* Housekeeping. */

static DB *
file_of_byte(char byte)
{
	int i;

	for (i = 0; i < KV_NKINDS; i++)
		if (kv_kinds[i].byte == byte)
			return my.db[kv_kinds[i].promise];
	return NULL;
}

static int
find_due(struct rq *rq, DBT *due, size_t *n_r)
{
	static const unsigned char first[8];
	struct walk w;
	int r;

	*n_r = 0;
	if ((r = walk_from(&w, my.db[INDEX], first, sizeof(first), false)) != 0)
		return r;
	while (*n_r < PAGE && (r = walk_on(&w)) == 0 && w.key.size > 8 &&
	    get_time(w.room) <= rq->now)
		due[(*n_r)++] = (DBT){ .data = arena_dupn(rq->mem, w.room, w.key.size),
			.size = w.key.size };
	return walk_end(&w, r);
}

/* The time in the record decides: one that was extended has a later entry in the index too. */
static int
sweep_one(DB_TXN *txn, int64_t now, DBT *due)
{
	DBT key = { .data = (char *)due->data + 8, .size = due->size - 8 }, raw;
	DB *db = file_of_byte(*(const char *)key.data);
	int r = DB_NOTFOUND;

	if (db != NULL)
		r = fetch(db, key.data, key.size, &raw);
	if (r == 0 && well_formed(&raw) && expired(&raw, now))
		r = db->del(db, txn, &key, 0);
	if (r != 0 && r != DB_NOTFOUND)
		return r;
	return my.db[INDEX]->del(my.db[INDEX], txn, due, 0);
}

static int
sweep_inside(struct rq *rq, size_t *n_r, struct receipt *receipt_r)
{
	DBT due[PAGE];
	DB_TXN *txn;
	size_t i;
	int r;

	if ((r = find_due(rq, due, n_r)) != 0 || *n_r == 0 ||
	    (r = my.env->txn_begin(my.env, NULL, &txn, 0)) != 0)
		return r;
	for (i = 0; i < *n_r; i++)
		if ((r = sweep_one(txn, rq->now, &due[i])) != 0)
			return r;
	return commit(txn, *n_r * 100, receipt_r);
}

static int
bdb_sweep(struct rq *rq, size_t *n_r)
{
	struct receipt receipt = { 0, false };

	*n_r = 0;
	if (!disk_has_room())
		return fault(rq, "nothing is swept: %s", my.trouble);
	if (enter(rq) != 0 ||
	    leave(rq, sweep_inside(rq, n_r, &receipt), "sweep the store") != 0) {
		*n_r = 0;
		return FAULT;
	}
	if (receipt.overdue)
		return bdb_checkpoint(rq);
	return 0;
}

static int
bdb_flush(struct rq *rq)
{
	if (enter(rq) != 0)
		return FAULT;
	gate_leave(true);
	return gate_sync(gate_newest()) == 0 ? 0 : fault(rq, "the log cannot be synced");
}

/* Writes changed pages to the kernel, a hundredth of the cache in each hold. The library syncs the
 * log before it writes a page; with the log on disk already that costs next to nothing inside. */
static int
trickle(struct rq *rq)
{
	int percent, r, written;

	for (percent = 1; percent <= 100; percent++) {
		if (bdb_flush(rq) != 0 || enter(rq) != 0)
			return FAULT;
		r = my.env->memp_trickle(my.env, percent, &written);
		if (leave(rq, r, "write pages") != 0)
			return FAULT;
	}
	return 0;
}

static int
sync_files(struct rq *rq)
{
	char path[PATH_MAX];
	int fd, i, r;

	for (i = 0; i < NFILES; i++) {
		fd = open(in_directory(path, conf->data, files[i].name), O_RDWR | O_CLOEXEC);
		r = fd == -1 ? -1 : fdatasync(fd);
		if (fd != -1)
			(void)close(fd);
		if (r == -1)
			return fault(rq, "cannot sync %s: %s", path, strerror(errno));
	}
	return 0;
}

/* Whoever copies the store has this file locked; when he dies the kernel lets go of it. */
static int
open_retain(void)
{
	char path[PATH_MAX];

	return open(in_directory(path, conf->data, "retain"), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
}

static bool
retained(void)
{
	int fd = open_retain();
	bool held = fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1;

	if (fd != -1)
		(void)close(fd);
	return held;
}

/* Is all of that log in the archive? */
static bool
archived(const char *name)
{
	char here[PATH_MAX], archive[PATH_MAX], there[PATH_MAX];
	struct stat mine, copy;

	in_directory(here, conf->data, "log");
	in_directory(archive, conf->log_archive, my.lineage);
	return stat(in_directory(there, archive, name), &copy) == 0 &&
	    stat(in_directory(archive, here, name), &mine) == 0 && copy.st_size == mine.st_size;
}

static int
remove_archived_logs(void)
{
	char logs[PATH_MAX], path[PATH_MAX], **list = NULL, **name;
	const char *base;
	int r;

	if ((r = my.env->log_archive(my.env, &list, 0)) != 0 || list == NULL)
		return r;
	in_directory(logs, conf->data, "log");
	for (name = list; r == 0 && *name != NULL; name++) {
		base = strrchr(*name, '/') != NULL ? strrchr(*name, '/') + 1 : *name;
		if (archived(base) && unlink(in_directory(path, logs, base)) == -1)
			r = errno;
	}
	free(list);
	return r;
}

static int
remove_logs(void)
{
	if (retained())
		return 0;
	return conf->log_archive == NULL || *conf->log_archive == '\0' ?
	    my.env->log_archive(my.env, NULL, DB_ARCH_REMOVE) : remove_archived_logs();
}

static int
checkpoint_inside(uint32_t flags)
{
	int r;

	gate_lengthy();
	if ((r = my.env->txn_checkpoint(my.env, 0, 0, flags)) != 0 || (r = remove_logs()) != 0)
		return r;
	gate_checkpointed();
	return 0;
}

/* The slow parts come first and outside or in small holds: the log, then the pages (never before
 * their log), then the disk. What is left for the checkpoint itself is little. */
static int
bdb_checkpoint(struct rq *rq)
{
	/* It makes room, but needs some. */
	if (disk_room() < SIZE_LOG)
		return fault(rq, "no checkpoint is made: %s", disk_trouble());
	if (trickle(rq) != 0 || sync_files(rq) != 0 ||
	    enter(rq) != 0 || leave(rq, checkpoint_inside(0), "make a checkpoint") != 0)
		return FAULT;
	gate_reap();
	ballast_keep();
	return 0;
}

/* Copying. */

static const char *
bdb_file(int i)
{
	return i < NFILES ? files[i].name : NULL;
}

static void
bdb_release(void)
{
	if (my.retaining != -1)
		(void)close(my.retaining);
	my.retaining = -1;
}

static int
mark(uint32_t *from_r)
{
	int r;

	return (r = newest_log(from_r)) != 0 ? r : checkpoint_inside(DB_FORCE);
}

static int
bdb_retain(struct rq *rq, uint32_t *from_r)
{
	bdb_release();
	if ((my.retaining = open_retain()) == -1 || flock(my.retaining, LOCK_SH) == -1)
		return fault(rq, "cannot lock %s/retain: %s", conf->data, strerror(errno));
	/* The first one is slow, but in small holds. */
	if (bdb_checkpoint(rq) != 0 || enter(rq) != 0)
		return FAULT;
	return leave(rq, mark(from_r), "make a checkpoint");
}

static int
bdb_read_piece(struct rq *rq, int fd, void *piece, size_t size, uint64_t offset, size_t *n_r)
{
	ssize_t n;

	if (enter(rq) != 0)
		return FAULT;
	n = pread(fd, piece, size, (off_t)offset);
	if (leave(rq, 0, "read") != 0)
		return FAULT;
	if (n == -1)
		return fault(rq, "cannot read a data file: %s", strerror(errno));
	*n_r = (size_t)n;
	return 0;
}

static int
find_end(struct kv_place *end)
{
	DB_LOG_STAT *stat;
	int r;

	if ((r = my.env->log_flush(my.env, NULL)) != 0 ||
	    (r = my.env->log_stat(my.env, &stat, 0)) != 0)
		return r;
	*end = (struct kv_place){ .log = stat->st_cur_file, .offset = stat->st_cur_offset };
	free(stat);
	return 0;
}

/* With the log on disk before, the flush inside has next to nothing to do. */
static int
bdb_log_end(struct rq *rq, struct kv_place *end_r)
{
	if (bdb_flush(rq) != 0 || enter(rq) != 0)
		return FAULT;
	return leave(rq, find_end(end_r), "find the end of the log");
}

static int
bdb_lineage(struct rq *rq, const char **lineage_r)
{
	if (enter(rq) != 0 || leave(rq, 0, "enter") != 0)
		return FAULT;
	*lineage_r = arena_dup(rq->mem, my.lineage);
	return 0;
}

/* Verifying. */

/* Reads the file as it is on disk, with a handle that has nothing to do with the environment. */
static int
verify_file(struct rq *rq, const char *name)
{
	char path[PATH_MAX];
	int found = 0, r;
	DB *db;

	if (enter(rq) != 0)
		return FAULT;
	if ((r = checkpoint_inside(DB_FORCE)) == 0 && (r = db_create(&db, NULL, 0)) == 0) {
		db->set_errcall(db, on_error);
		/* Ends the handle, whatever it finds. */
		found = db->verify(db, in_directory(path, conf->data, name), NULL, NULL, 0);
	}
	if (leave(rq, r, "verify a file") != 0)
		return FAULT;
	return found == 0 ? 0 : fault(rq, "%s is damaged: restore a backup (tarn restore)", name);
}

/* Reads every record of the log, which checks its checksum. */
static int
read_logs(void)
{
	DBT record = { .flags = DB_DBT_REALLOC };
	DB_LOGC *cursor;
	DB_LSN lsn;
	int closed, r;

	if ((r = my.env->log_cursor(my.env, &cursor, 0)) != 0)
		return r;
	gate_lengthy();
	r = cursor->get(cursor, &lsn, &record, DB_FIRST);
	while (r == 0)
		r = cursor->get(cursor, &lsn, &record, DB_NEXT);
	free(record.data);
	closed = cursor->close(cursor, 0);
	return r != DB_NOTFOUND ? r : closed;
}

static int
check_indexed(const struct walk *w, size_t *missing)
{
	unsigned char key[8 + sizeof(w->room)];
	DBT raw;
	int r;

	if (!well_formed(&w->value)) {
		++*missing;
		return 0;
	}
	if (expiry(&w->value) == 0)
		return 0;
	put_time(key, expiry(&w->value));
	memcpy(key + 8, w->room, w->key.size);
	r = fetch(my.db[INDEX], key, 8 + w->key.size, &raw);
	*missing += r == DB_NOTFOUND;
	return r == DB_NOTFOUND ? 0 : r;
}

/* A page of records, after *last. */
static int
verify_page(DB *db, unsigned char *last, size_t *last_n, size_t *missing, bool *done)
{
	struct walk w;
	int i, r;

	if ((r = walk_from(&w, db, last, *last_n, true)) != 0)
		return r;
	for (i = 0; r == 0 && i < PAGE; i++)
		if ((r = walk_on(&w)) == 0)
			r = check_indexed(&w, missing);
	*done = r == DB_NOTFOUND;
	memcpy(last, w.room, w.key.size);
	*last_n = w.key.size;
	return walk_end(&w, r);
}

static int
verify_index(struct rq *rq, int file)
{
	unsigned char last[1100];
	size_t last_n = 0, missing = 0;
	bool done = false;

	while (!done)
		if (enter(rq) != 0 || leave(rq, verify_page(my.db[file], last, &last_n, &missing,
		    &done), "read the store") != 0)
			return FAULT;
	return missing == 0 ? 0 :
	    fault(rq, "%zu records of %s are of unknown form or will not expire", missing,
	    files[file].name);
}

static int
bdb_verify(struct rq *rq)
{
	int i, r = 0;

	if (disk_room() < SIZE_LOG)
		return fault(rq, "nothing can be checked: %s", disk_trouble());
	for (i = 0; i < NFILES; i++)
		if (verify_file(rq, files[i].name) != 0)
			r = FAULT;
	if (enter(rq) != 0 || leave(rq, read_logs(), "read the log") != 0 ||
	    verify_index(rq, LASTING) != 0 || verify_index(rq, PASSING) != 0)
		return FAULT;
	return r;
}

static void
bdb_found(void)
{
	my.founder = true;
}

static void
bdb_admit(void)
{
	my.admits = true;
}

/* Whoever comes next recovers, and all others join the new generation and look at the schema. */
static int
bdb_renew(struct rq *rq)
{
	if (my.copy != NULL)
		return 0;
	if (enter(rq) != 0)
		return FAULT;
	gate_leave(false);
	return 0;
}

/* A copy is left as a store that needs no recovery. */
static int
close_copy(void)
{
	int r;

	if (my.env == NULL)
		return 0;
	if ((r = my.env->txn_checkpoint(my.env, 0, 0, DB_FORCE)) != 0 || (r = close_all()) != 0)
		return broken("cannot close a copy", r);
	return 0;
}

static bool
bdb_worn(void)
{
	return my.worn >= WORN;
}

static void
bdb_close(void)
{
	bdb_release();
	if (my.copy != NULL)
		(void)close_copy();
	else if (my.env != NULL && gate_enter(&engine) == 0)
		gate_leave(close_all() == 0);
	gate_close();
	close_log();
	free(my.room);
	my.room = NULL;
	my.room_size = 0;
}

static int
bdb_visit(struct rq *rq, const char *directory, int64_t until)
{
	static char path[PATH_MAX];
	int r = my.copy != NULL ? close_copy() : 0;

	bdb_close();
	my.copy = NULL;
	my.until = until;
	if (directory == NULL || r != 0)
		return r;
	if (realpath(directory, path) == NULL)
		return fault(rq, "cannot open %s: %s", directory, strerror(errno));
	my.copy = path;
	return 0;
}

const struct kv_engine kv_bdb = {
	.get = bdb_get,
	.state = bdb_state,
	.scan = bdb_scan,
	.apply = bdb_apply,
	.sweep = bdb_sweep,
	.checkpoint = bdb_checkpoint,
	.flush = bdb_flush,
	.verify = bdb_verify,
	.found = bdb_found,
	.admit = bdb_admit,
	.renew = bdb_renew,
	.close = bdb_close,
	.worn = bdb_worn,
	.file = bdb_file,
	.retain = bdb_retain,
	.release = bdb_release,
	.read_piece = bdb_read_piece,
	.log_end = bdb_log_end,
	.lineage = bdb_lineage,
	.visit = bdb_visit
};
