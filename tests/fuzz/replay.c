/* replay - the main of a fuzz target in an ordinary build: runs each file it is given through it
 *
 * A folder means every file in it. No file at all is a failure: a test that looked at nothing. */
#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

static size_t
replay_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0;
	FILE *copy = open_memstream((char **)&data, &size);
	int c;

	if (in == NULL || copy == NULL)
		err(1, "%s", path);
	while ((c = getc(in)) != EOF)
		(void)putc(c, copy);
	if (ferror(in) || fclose(copy) != 0)
		err(1, "%s", path);
	(void)fclose(in);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static size_t
replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t n = 0;

	if (dir == NULL)
		err(1, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		char file[4096];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		n += replay_file(file);
	}
	(void)closedir(dir);
	return n;
}

int
main(int argc, char **argv)
{
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) != 0)
			err(1, "%s", argv[i]);
		n += S_ISDIR(st.st_mode) ? replay_folder(argv[i]) : replay_file(argv[i]);
	}
	if (n == 0)
		errx(1, "nothing to replay");
	return 0;
}
