/* disk - the file systems that the store and its shared memory lie on */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/rq.h"
#include "store/disk.h"

enum { LOOK_MS = 200 };			/* how often the free space is looked at */

const char *
disk_path(char *path, const char *directory, const char *name)
{
	if ((size_t)snprintf(path, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
		log_die("store: a path is too long");
	return path;
}

bool
disk_readonly(void)
{
	struct statvfs st;

	return statvfs(conf->data, &st) == 0 && (st.f_flag & ST_RDONLY) != 0;
}

uint64_t
disk_room(void)
{
	struct statvfs st;

	if (statvfs(conf->data, &st) == -1)
		return UINT64_MAX;
	return (st.f_flag & ST_RDONLY) != 0 ? 0 : (uint64_t)st.f_bavail * st.f_frsize;
}

const char *
disk_trouble(void)
{
	if (disk_readonly())
		return "the file system of the store is read-only: see the kernel's log for why, "
		    "mend it and mount it again";
	if (disk_room() < size_disk())
		return "the disk of the store is full: free some space";
	return NULL;
}

const char *
disk_trouble_lately(void)
{
	static const char *trouble;
	static int64_t looked;
	int64_t now = clock_steady();

	if (looked == 0 || now - looked >= LOOK_MS) {
		looked = now;
		trouble = disk_trouble();
	}
	return trouble;
}

void
disk_drop_ballast(void)
{
	char path[PATH_MAX];

	if (unlink(disk_path(path, conf->data, "ballast")) == 0)
		log_line(LOG_WARN, "store: the disk is full: %s was deleted to recover", path);
}

void
disk_keep_ballast(void)
{
	char path[PATH_MAX];
	int fd;

	if (access(disk_path(path, conf->data, "ballast"), F_OK) == 0 ||
	    disk_room() < size_disk() + DISK_BALLAST)
		return;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0660)) == -1)
		return;
	if (posix_fallocate(fd, 0, DISK_BALLAST) != 0)
		(void)unlink(path);
	(void)close(fd);
}

/* What the old shared memory has is free soon. On the disk of the store it is that disk's room that
 * counts. */
int
disk_takes_memory(void)
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
		if (stat(disk_path(path, conf->run, name), &st) == 0)
			have += (uint64_t)st.st_blocks * 512;
	}
	if (have >= size_memory())
		return 0;
	log_line(LOG_ERROR, "store: its shared memory may need %llu MB, and %s has %llu: mount a "
	    "larger one, or lower cache_megabytes", (unsigned long long)(size_memory() >> 20) + 1,
	    conf->run, (unsigned long long)have >> 20);
	return FAULT;
}
