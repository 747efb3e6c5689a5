/* disk - the file systems that the store and its shared memory lie on */
#ifndef TARN_STORE_DISK_H
#define TARN_STORE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "store/size.h"

/* What a recovery may have to write, in bytes. */
enum { DISK_BALLAST = 2 * SIZE_LOG };

/* directory/name in path, which has room for PATH_MAX; it is returned. */
const char *disk_path(char *path, const char *directory, const char *name);

/* Is the file system of the data mounted read-only? */
bool disk_readonly(void);

/* Bytes that may still be written there; where that cannot be known, without end. */
uint64_t disk_room(void);

/* NULL, or what is to be done before anything can be written. Lately: as it was at most 200 ms
 * ago. */
const char *disk_trouble(void);
const char *disk_trouble_lately(void);

/* The ballast is a file that is only there to be deleted: when others have filled the disk to the
 * last byte, a recovery needs a little of it, and without recovery there is no reading either. */
void disk_keep_ballast(void);
void disk_drop_ballast(void);

/* Has the shared memory room to grow to its full size? Where it has not, something fails later, in
 * the middle. 0 or FAULT. */
int disk_takes_memory(void);

#endif
