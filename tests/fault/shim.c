/* shim - a library to preload: the disk, the memory and the store of one program fail as told
 *
 *	FAULT=kind:n:how	the n-th event of that kind goes wrong. Kinds: store (a call of the
 *				store's library), write, sync, alloc. How: fail, or kill: the process
 *				dies in the act.
 *	FAULT_MARK=file		made when that has happened
 *	FAULT_DATA=folder	what is on the disk of which the following say
 *	FAULT_FULL=file		while that file exists it has no room but that of a deleted ballast
 *	FAULT_READONLY=file	while that file exists it is read-only
 *	FAULT_SHADOW=folder	each of its files is copied here when it is synced: what a power cut
 *				leaves of it at any moment
 *
 * The programs know nothing of this. Sync means fsync and fdatasync; write means whatever changes a
 * file, apart from standard output and error. */
#include <db.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum kind { STORE, WRITE, SYNC, ALLOC, NKINDS };

static const char *const kinds[NKINDS] = { "store", "write", "sync", "alloc" };

static struct {
	bool ready;
	int kind;		/* NKINDS: none */
	unsigned long n, seen;
	bool kill;
	const char *mark, *full, *readonly, *data, *shadow;
} plan = { .kind = NKINDS };

#define REAL(name, type, ...) \
	static type (*real)(__VA_ARGS__); \
	if (real == NULL) \
		*(void **)&real = dlsym(RTLD_NEXT, name)

static void __attribute__((constructor))
read_plan(void)
{
	const char *fault = getenv("FAULT"), *colon;
	int i;

	plan.mark = getenv("FAULT_MARK");
	plan.full = getenv("FAULT_FULL");
	plan.readonly = getenv("FAULT_READONLY");
	plan.data = getenv("FAULT_DATA");
	plan.shadow = getenv("FAULT_SHADOW");
	for (i = 0; fault != NULL && i < NKINDS; i++)
		if ((colon = strchr(fault, ':')) != NULL &&
		    strncmp(fault, kinds[i], (size_t)(colon - fault)) == 0) {
			plan.n = strtoul(colon + 1, NULL, 10);
			plan.kill = strstr(colon + 1, ":kill") != NULL;
			plan.kind = i;
		}
	plan.ready = true;
}

/* Is it this one? */
static bool
strikes(enum kind kind)
{
	int fd, saved = errno;

	if (!plan.ready || plan.kind != (int)kind || ++plan.seen != plan.n)
		return false;
	if (plan.mark != NULL && (fd = open(plan.mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) != -1)
		(void)close(fd);
	if (plan.kill)
		(void)raise(SIGKILL);
	errno = saved;
	return true;
}

/*
 * Memory.
 */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

static void *
no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *
malloc(size_t n)
{
	return strikes(ALLOC) ? no_memory() : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return strikes(ALLOC) ? no_memory() : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t n)
{
	return strikes(ALLOC) ? no_memory() : __libc_realloc(old, n);
}

/*
 * Files.
 */

static bool
is_so(const char *file)
{
	return file != NULL && access(file, F_OK) == 0;
}

static bool
has_ballast(void)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/ballast", plan.data);
	return access(path, F_OK) == 0;
}

static bool
path_of(int fd, char *path)
{
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Of the disk that is full or whose power is cut; its path behind the folder. */
static const char *
on_disk(int fd, char *path)
{
	size_t n = plan.data != NULL ? strlen(plan.data) : 0;

	if (n == 0 || !path_of(fd, path) || strncmp(path, plan.data, n) != 0 || path[n] != '/')
		return NULL;
	return path + n + 1;
}

/* 0, or why a write up to that end of the file cannot be. */
static int
refused(int fd, off_t end)
{
	char path[PATH_MAX];
	struct stat st;

	if (fd < 3)
		return 0;
	if (strikes(WRITE))
		return plan.n % 2 == 0 ? EIO : ENOSPC;
	if (is_so(plan.readonly) && on_disk(fd, path) != NULL)
		return EROFS;
	if (is_so(plan.full) && has_ballast() && on_disk(fd, path) != NULL && fstat(fd, &st) == 0 &&
	    end > st.st_size)
		return ENOSPC;
	return 0;
}

static off_t
here(int fd)
{
	struct stat st;

	if ((fcntl(fd, F_GETFL) & O_APPEND) != 0 && fstat(fd, &st) == 0)
		return st.st_size;
	return lseek(fd, 0, SEEK_CUR);
}

ssize_t
write(int fd, const void *data, size_t n)
{
	REAL("write", ssize_t, int, const void *, size_t);
	int error = refused(fd, here(fd) + (off_t)n);

	return error != 0 ? (errno = error, -1) : real(fd, data, n);
}

ssize_t
pwrite(int fd, const void *data, size_t n, off_t at)
{
	REAL("pwrite", ssize_t, int, const void *, size_t, off_t);
	int error = refused(fd, at + (off_t)n);

	return error != 0 ? (errno = error, -1) : real(fd, data, n, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t n, off_t at)
{
	return pwrite(fd, data, n, at);
}

int
ftruncate(int fd, off_t n)
{
	REAL("ftruncate", int, int, off_t);
	int error = refused(fd, n);

	return error != 0 ? (errno = error, -1) : real(fd, n);
}

int
ftruncate64(int fd, off_t n)
{
	return ftruncate(fd, n);
}

int
statvfs(const char *restrict path, struct statvfs *restrict st)
{
	REAL("statvfs", int, const char *, struct statvfs *);
	int r = real(path, st);

	if (r == -1 || plan.data == NULL || strcmp(path, plan.data) != 0)
		return r;
	if (is_so(plan.full))
		st->f_bavail = st->f_bfree = has_ballast() ? 0 : (8 << 20) / st->f_frsize;
	if (is_so(plan.readonly))
		st->f_flag |= ST_RDONLY;
	return r;
}

int
statvfs64(const char *restrict path, struct statvfs64 *restrict st)
{
	return statvfs(path, (struct statvfs *)st);
}

int
open(const char *path, int flags, ...)
{
	REAL("open", int, const char *, int, ...);
	size_t n = plan.data != NULL ? strlen(plan.data) : 0;
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (n > 0 && (flags & O_ACCMODE) != O_RDONLY && strncmp(path, plan.data, n) == 0 &&
	    path[n] == '/' && is_so(plan.readonly)) {
		errno = EROFS;
		return -1;
	}
	return real(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open(path, flags, mode);
}

/*
 * The power cut.
 */

static void
copy(const char *from, const char *to)
{
	static char piece[1 << 16];
	char fresh[2 * PATH_MAX];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", to) >= sizeof(fresh))
		abort();
	out = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while (in != -1 && out != -1 && (n = read(in, piece, sizeof(piece))) > 0)
		if (write(out, piece, (size_t)n) != n)
			abort();
	(void)close(in);
	(void)close(out);
	if (rename(fresh, to) == -1)
		abort();
}

/* One process at a time: a copy must not be overtaken by an older one. */
static void
reaches_disk(int fd)
{
	char path[PATH_MAX], to[PATH_MAX + 256], guard[PATH_MAX];
	const char *name;
	struct stat st;
	int lock;

	if (plan.shadow == NULL || (name = on_disk(fd, path)) == NULL || fstat(fd, &st) == -1 ||
	    !S_ISREG(st.st_mode) || st.st_nlink == 0)
		return;
	(void)snprintf(to, sizeof(to), "%s/%s", plan.shadow, name);
	(void)snprintf(guard, sizeof(guard), "%s.lock", plan.shadow);
	lock = open(guard, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock == -1 || flock(lock, LOCK_EX) == -1)
		abort();
	copy(path, to);
	(void)close(lock);
}

static int
sync_with(int (*real)(int), int fd)
{
	int r;

	if (strikes(SYNC)) {
		errno = EIO;
		return -1;
	}
	if ((r = real(fd)) == 0)
		reaches_disk(fd);
	return r;
}

int
fsync(int fd)
{
	REAL("fsync", int, int);

	return sync_with(real, fd);
}

int
fdatasync(int fd)
{
	REAL("fdatasync", int, int);

	return sync_with(real, fd);
}

/*
 * The store's library: its methods are replaced in each handle it makes.
 */

#define METHOD(type, name, parameters, arguments) \
	static int (*type##_##name)parameters; \
	static int \
	our_##type##_##name parameters \
	{ \
		return strikes(STORE) ? EIO : type##_##name arguments; \
	}

/* Once: the library uses cursors again that were closed. */
#define TAKE(handle, type, name) \
	do { \
		if ((handle)->name != our_##type##_##name) \
			type##_##name = (handle)->name; \
		(handle)->name = our_##type##_##name; \
	} while (0)

METHOD(txn, commit, (DB_TXN *txn, u_int32_t flags), (txn, flags))
METHOD(dbc, get, (DBC *dbc, DBT *key, DBT *value, u_int32_t flags), (dbc, key, value, flags))
METHOD(db, get, (DB *db, DB_TXN *txn, DBT *key, DBT *value, u_int32_t flags),
    (db, txn, key, value, flags))
METHOD(db, put, (DB *db, DB_TXN *txn, DBT *key, DBT *value, u_int32_t flags),
    (db, txn, key, value, flags))
METHOD(db, del, (DB *db, DB_TXN *txn, DBT *key, u_int32_t flags), (db, txn, key, flags))
METHOD(db, open, (DB *db, DB_TXN *txn, const char *file, const char *name, DBTYPE type,
    u_int32_t flags, int mode), (db, txn, file, name, type, flags, mode))
METHOD(env, open, (DB_ENV *env, const char *home, u_int32_t flags, int mode),
    (env, home, flags, mode))
METHOD(env, log_stat, (DB_ENV *env, DB_LOG_STAT **stat, u_int32_t flags), (env, stat, flags))
METHOD(env, txn_checkpoint, (DB_ENV *env, u_int32_t kb, u_int32_t min, u_int32_t flags),
    (env, kb, min, flags))

static int (*env_txn_begin)(DB_ENV *, DB_TXN *, DB_TXN **, u_int32_t);
static int (*db_cursor)(DB *, DB_TXN *, DBC **, u_int32_t);

static int
our_txn_begin(DB_ENV *env, DB_TXN *parent, DB_TXN **txn_r, u_int32_t flags)
{
	int r = strikes(STORE) ? EIO : env_txn_begin(env, parent, txn_r, flags);

	if (r == 0)
		TAKE(*txn_r, txn, commit);
	return r;
}

static int
our_cursor(DB *db, DB_TXN *txn, DBC **cursor_r, u_int32_t flags)
{
	int r = strikes(STORE) ? EIO : db_cursor(db, txn, cursor_r, flags);

	if (r == 0)
		TAKE(*cursor_r, dbc, get);
	return r;
}

int
db_env_create(DB_ENV **env_r, u_int32_t flags)
{
	REAL("db_env_create", int, DB_ENV **, u_int32_t);
	int r = strikes(STORE) ? EIO : real(env_r, flags);

	if (r != 0)
		return r;
	TAKE(*env_r, env, open);
	TAKE(*env_r, env, log_stat);
	TAKE(*env_r, env, txn_checkpoint);
	env_txn_begin = (*env_r)->txn_begin;
	(*env_r)->txn_begin = our_txn_begin;
	return 0;
}

int
db_create(DB **db_r, DB_ENV *env, u_int32_t flags)
{
	REAL("db_create", int, DB **, DB_ENV *, u_int32_t);
	int r = strikes(STORE) ? EIO : real(db_r, env, flags);

	if (r != 0)
		return r;
	TAKE(*db_r, db, open);
	TAKE(*db_r, db, get);
	TAKE(*db_r, db, put);
	TAKE(*db_r, db, del);
	db_cursor = (*db_r)->cursor;
	(*db_r)->cursor = our_cursor;
	return 0;
}
