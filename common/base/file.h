/* file - whole small files of ours, and folders; whatever fails leaves errno */
#ifndef TARN_BASE_FILE_H
#define TARN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"

/* The contents, NUL-terminated. NULL and errno if it cannot be read; EFBIG: more than most. */
const char *file_read(struct arena *mem, const char *path, size_t most, size_t *n_r);

/* A file that is new, and on disk when this returns true; its name is not (file_sync_folder). What
 * was written of it is removed where that fails. */
bool file_create(const char *path, const void *data, size_t n, mode_t mode);

/* The folder, and those above it (0755) where they are missing. */
bool file_make_folder(const char *path, mode_t mode);

/* The names in a folder to disk: what was created or renamed there. */
bool file_sync_folder(const char *path);

/* The first line of a file with a password or token, 1,023 bytes at most. What is wrong with it
 * (who is neither owner nor of its group must not reach it), or NULL. */
const char *file_secret(struct arena *mem, const char *path, const char **secret_r);

#endif
