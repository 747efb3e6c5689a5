/* moving - everything out of one installation and into another: tarn export, tarn import */
#ifndef TARN_SBIN_MOVING_H
#define TARN_SBIN_MOVING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rq.h"

struct moved {
	size_t records;		/* in the archive */
	size_t there;		/* of an import: were there already, and the same */
	size_t stray;		/* of an export: lead nowhere, and were left out */
	size_t made;		/* of an import: secrets of clients that are new */
};

/* Writes an archive of the store as it is at one moment. passphrase NULL: without secrets. The file
 * must be new. 0, REFUSED with a sentence, or FAULT; here and below. */
int export_store(struct rq *rq, const char *file, const char *passphrase, struct moved *moved_r);

/* Reads one, all of it before anything is written; then writes piece by piece, each whole or not at
 * all: an import that was interrupted is begun again. Other records with the same key are refused,
 * or, replace, replaced. */
int import_store(struct rq *rq, const char *file, const char *passphrase, bool replace,
    struct moved *moved_r);

#endif
