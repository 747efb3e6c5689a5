/* manifest - what a backup consists of: manifest.json in its directory */
#ifndef TARN_SBIN_MANIFEST_H
#define TARN_SBIN_MANIFEST_H

#include "base/json.h"
#include "store/kv.h"

struct manifest {
	const char *directory;
	const char *lineage;		/* of the store (store/schema.h) */
	int64_t schema;
	uint32_t first;			/* log that the data files need */
	struct kv_place end;		/* of the logs */
	struct json *files;		/* list of { Name, Size, Sha256 } */
};

/* *manifest_r is NULL where the directory is empty or not there. 0; REFUSED with a sentence: it
 * holds something else; FAULT. */
int manifest_read(struct rq *rq, const char *directory, struct manifest **manifest_r);

/* Takes a file that was written, its first `size` bytes (UINT64_MAX: all), in place of an entry of
 * that name. 0 or REFUSED, here and below. */
int manifest_add(struct rq *rq, struct manifest *manifest, const char *name, uint64_t size);

/* Writes it: new file, fsync, rename. */
int manifest_write(struct rq *rq, const struct manifest *manifest);

/* Copies a file of the backup, and refuses if it is not what the manifest says. */
int manifest_copy(struct rq *rq, const struct manifest *manifest, const struct json *file,
    const char *to);

#endif
