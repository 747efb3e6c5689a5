/* logs - the files of the store's log, in {data}/log: to the disk, and who still needs them */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rq.h"
#include "store/disk.h"
#include "store/logs.h"

static struct {
	int fd;				/* of the log that was brought to the disk last; -1: none */
	uint32_t log;			/* its number */
	int retain;			/* the lock; -1: not ours */
} mine = { .fd = -1, .retain = -1 };

static int
cannot(const char *doing)
{
	log_line(LOG_ERROR, "store: cannot %s: %s", doing, strerror(errno));
	return FAULT;
}

bool
logs_in(const char *directory, uint32_t *first_r, uint32_t *last_r)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	uint32_t n;

	*first_r = *last_r = 0;
	if (dir == NULL)
		return errno == ENOENT;
	while ((entry = readdir(dir)) != NULL) {
		if (sscanf(entry->d_name, "log.%10u", &n) != 1)
			continue;
		*first_r = *first_r == 0 || n < *first_r ? n : *first_r;
		*last_r = n > *last_r ? n : *last_r;
	}
	(void)closedir(dir);
	return true;
}

static int
open_log(uint32_t log)
{
	char path[PATH_MAX], name[32];

	(void)snprintf(name, sizeof(name), "log/log.%010u", log);
	return open(disk_path(path, conf->data, name), O_RDWR | O_CLOEXEC);
}

void
logs_close(void)
{
	if (mine.fd != -1)
		(void)close(mine.fd);
	mine.fd = -1;
	mine.log = 0;
}

int
logs_sync(uint32_t log)
{
	char path[PATH_MAX];

	if (mine.fd == -1 || mine.log != log) {
		logs_close();
		if ((mine.fd = open_log(log)) == -1 && errno == ENOENT)
			return REFUSED;
		if (mine.fd == -1 || !file_sync_folder(disk_path(path, conf->data, "log")))
			return cannot("open a log");
		mine.log = log;
	}
	return fdatasync(mine.fd) == -1 ? cannot("sync the log") : 0;
}

int
logs_sync_newest(uint32_t *newest_r)
{
	char path[PATH_MAX];
	uint32_t first;
	int r = 0;

	if (!logs_in(disk_path(path, conf->data, "log"), &first, newest_r))
		return cannot("read the log directory");
	if (*newest_r > 1 && (r = logs_sync(*newest_r - 1)) == REFUSED)
		r = 0;
	return r != 0 || *newest_r == 0 ? r : logs_sync(*newest_r);
}

static int
open_retain(void)
{
	char path[PATH_MAX];

	return open(disk_path(path, conf->data, "retain"), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
}

bool
logs_retain(void)
{
	logs_release();
	mine.retain = open_retain();
	return mine.retain != -1 && flock(mine.retain, LOCK_SH) == 0;
}

void
logs_release(void)
{
	if (mine.retain != -1)
		(void)close(mine.retain);
	mine.retain = -1;
}

bool
logs_retained(void)
{
	int fd = open_retain();
	bool held = fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1;

	if (fd != -1)
		(void)close(fd);
	return held;
}

bool
logs_archived(const char *lineage, const char *name)
{
	char here[PATH_MAX], archive[PATH_MAX], there[PATH_MAX];
	struct stat ours, copy;

	disk_path(here, conf->data, "log");
	disk_path(archive, conf->log_archive, lineage);
	return stat(disk_path(there, archive, name), &copy) == 0 &&
	    stat(disk_path(archive, here, name), &ours) == 0 && copy.st_size == ours.st_size;
}
