/* file - a whole small file of ours */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

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
