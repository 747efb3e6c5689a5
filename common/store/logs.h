/* logs - the files of the store's log, in {data}/log: to the disk, and who still needs them */
#ifndef TARN_STORE_LOGS_H
#define TARN_STORE_LOGS_H

#include <stdbool.h>
#include <stdint.h>

/* The lowest and highest numbered log in a directory; 0: there is none, or no directory. False and
 * errno if it cannot be read. */
bool logs_in(const char *directory, uint32_t *first_r, uint32_t *last_r);

/* Brings a log to the disk. REFUSED: it is not there. FAULT, logged: it may not be on disk. It
 * stays open for the next time, until logs_close. */
int logs_sync(uint32_t log);
void logs_close(void);

/* The newest log and the one before it: the library takes what it finds there as being on disk
 * already. *newest_r: 0 where there is none. 0 or FAULT. */
int logs_sync_newest(uint32_t *newest_r);

/* Whoever copies the store locks {data}/retain, and no log is removed meanwhile; when he dies the
 * kernel lets go of it. False and errno if it cannot be locked. */
bool logs_retain(void);
void logs_release(void);

/* Does anybody copy the store, or can that not be known? */
bool logs_retained(void);

/* Is all of the log of that name in the archive for the lineage? */
bool logs_archived(const char *lineage, const char *name);

#endif
