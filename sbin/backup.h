/* backup - copies of the whole store, taken while it is in use: tarn backup, tarn restore
 *
 * A backup is a directory: the data files, log/ with the logs they need, manifest.json, and
 * master.key if it was asked for. The manifest is written last and says of each file how many of
 * its bytes belong to the backup and what their SHA-256 is; what is there beyond them does not
 * count. So a backup that is added to is at any moment the old one or the new one. */
#ifndef TARN_SBIN_BACKUP_H
#define TARN_SBIN_BACKUP_H

#include <stdbool.h>

#include "base/rq.h"

/* Into a directory that does not exist, is empty, or holds an earlier backup of this store, to
 * which the logs since then are added. 0, REFUSED with a sentence, or FAULT; here and below. */
int backup_make(struct rq *rq, const char *directory, bool with_master_key);

struct restoration {
	const char *from;	/* the backup */
	bool roll;	/* go on with archived logs, to the second `until` or (0) to their end */
	int64_t until;
	bool replace;	/* the store that is there */
};

/* Makes the store of the settings from a backup. No program may be using it. */
int backup_restore(struct rq *rq, const struct restoration *what);

#endif
