/* size - how large things must be, from the settings: shared memory, its tables, room on the disk
 *
 * The figures behind the formulas were measured with Berkeley DB 5.3: fourteen mutexes and about a
 * kilobyte of the log's table for each process that has three databases open, also for one that
 * died; 450 mutexes for each megabyte of cache in pages of four kilobytes; a quarter more than was
 * asked for where a cache is smaller than 500 MB. */
#ifndef TARN_STORE_SIZE_H
#define TARN_STORE_SIZE_H

#include <stdint.h>

enum { SIZE_LOG = 4 << 20, SIZE_LOG_BUFFER = 256 << 10 };

/* Attachments of processes, living or dead, for which there must be room at the same time. */
uint32_t size_attachments(void);

/* What the library is asked for. */
uint32_t size_mutexes(void);
uint32_t size_log_table(void);
uint64_t size_cache(void);

/* All of the shared memory, in bytes, when it has grown to its full size. */
uint64_t size_memory(void);

/* What must be free on the disk before anything is written: three logs, and every page of the
 * cache. */
uint64_t size_disk(void);

/* The cache that these databases would like, in megabytes: all of it and a quarter. */
uint64_t size_cache_wanted(uint64_t databases);

#endif
