/* file - whole small files of ours, and folders */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { LONGEST_SECRET = 1024 };

static const char *
file_take(struct arena *mem, int fd, size_t most, size_t *n_r)
{
	struct arena *scratch = arena_new();
	char *s = arena_array(scratch, most + 1, 1);
	const char *copy = NULL;
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, s + len, most + 1 - len)) > 0)
		len += (size_t)n;
	if (n == 0 && len <= most) {
		copy = arena_dupn(mem, s, len);
		*n_r = len;
	} else if (n == 0) {
		errno = EFBIG;
	}
	arena_free(&scratch);
	return copy;
}

const char *
file_read(struct arena *mem, const char *path, size_t most, size_t *n_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *s;
	int saved;

	*n_r = 0;
	if (fd == -1)
		return NULL;
	s = file_take(mem, fd, most, n_r);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return s;
}

bool
file_create(const char *path, const void *data, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode), saved;
	bool good;

	if (fd == -1)
		return false;
	good = write(fd, data, n) == (ssize_t)n && fsync(fd) == 0;
	if (close(fd) == 0 && good)
		return true;
	saved = errno;
	(void)unlink(path);
	errno = saved;
	return false;
}

bool
file_make_folder(const char *path, mode_t mode)
{
	char part[PATH_MAX], *p = part;

	if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return false;
	}
	while ((p = strchr(p + 1, '/')) != NULL) {
		*p = '\0';
		if (mkdir(part, 0755) == -1 && errno != EEXIST)
			return false;
		*p = '/';
	}
	return mkdir(part, mode) == 0 || errno == EEXIST;
}

bool
file_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), saved;
	bool good;

	if (fd == -1)
		return false;
	good = fsync(fd) == 0;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return good;
}

const char *
file_secret(struct arena *mem, const char *path, const char **secret_r)
{
	char *line = arena_alloc(mem, LONGEST_SECRET);
	FILE *f = fopen(path, "re");
	struct stat st;
	bool good;

	*secret_r = line;
	if (f == NULL)
		return strerror(errno);
	(void)setvbuf(f, NULL, _IONBF, 0);	/* no copy of it stays in a buffer */
	good = fstat(fileno(f), &st) == 0 && fgets(line, LONGEST_SECRET, f) != NULL;
	(void)fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (!good || *line == '\0')
		return "holds nothing";
	return (st.st_mode & 007) != 0 ? "is open to every user" : NULL;
}
