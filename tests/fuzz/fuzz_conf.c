/* fuzz_conf - a settings file is refused with a sentence, or what it sets prints and reads back */
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/conf.h"
#include "fuzz.h"

static bool
read_bytes(const void *data, size_t size)
{
	int fd = memfd_create("tarn.conf", MFD_CLOEXEC);
	struct arena *mem = arena_new();
	const char *error = NULL;
	bool good;

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	good = conf_read(arena_printf(mem, "/proc/self/fd/%d", fd), &error);
	if (good != (error == NULL))
		abort();
	(void)close(fd);
	arena_free(&mem);
	return good;
}

static char *
print(size_t *n_r)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, n_r);

	if (out == NULL)
		abort();
	conf_print(out);
	(void)fclose(out);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *before, *after;
	size_t n, m;

	if (!read_bytes(data, size))
		return 0;
	before = print(&n);
	if (!read_bytes(before, n))
		abort();
	after = print(&m);
	if (n != m || memcmp(before, after, n) != 0)
		abort();
	free(before);
	free(after);
	return 0;
}
