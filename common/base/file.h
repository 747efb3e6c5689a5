/* file - a whole small file of ours */
#ifndef TARN_BASE_FILE_H
#define TARN_BASE_FILE_H

#include <stddef.h>

#include "base/arena.h"

/* The contents, NUL-terminated. NULL and errno if it cannot be read; EFBIG: more than most. */
const char *file_read(struct arena *mem, const char *path, size_t most, size_t *n_r);

#endif
