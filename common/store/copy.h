/* copy - the store as files elsewhere: what backups and the archive of logs are made of
 *
 * Copies go on while the store is in use. A log in a copy is a beginning of the store's log of that
 * number, and only ever grows. Everything is on disk when a function returns 0. REFUSED comes with
 * copy_refused and a sentence for the operator. */
#ifndef TARN_STORE_COPY_H
#define TARN_STORE_COPY_H

#include "store/kv.h"

extern const struct refusal copy_refused;
#define copy_refuse(rq, ...) refuse_saying((rq), &copy_refused, __VA_ARGS__)

/* "log.0000000007" */
const char *copy_log_name(struct arena *mem, uint32_t log);

/* The lowest and highest numbered log in a directory; 0: there is none. 0 or FAULT. */
int copy_logs_in(struct rq *rq, const char *directory, uint32_t *first_r, uint32_t *last_r);

/* Bytes `from` to `until` of an open file go to the end of another, which is cut there first.
 * 0 or REFUSED. */
int copy_bytes(struct rq *rq, int in, const char *to, uint64_t from, uint64_t until);

/* The data files, after kv_retain, into a directory that has none. */
int copy_data(struct rq *rq, const char *directory);

/* The logs from one place to another into a directory that has those before. One that the store
 * has no longer comes from the archive. */
int copy_logs(struct rq *rq, const char *directory, struct kv_place from, struct kv_place until);

/* The directory in the archive for logs of that lineage; NULL: there is no archive. */
const char *copy_archive_of(struct rq *rq, const char *lineage);

/* Brings the archive, if there is one, up to the end of the log. */
int copy_archive(struct rq *rq);

/* Removes a directory of files and of directories of files, if it is there. */
void copy_remove(struct rq *rq, const char *directory);

/* fsync of a directory. 0 or REFUSED. */
int copy_sync(struct rq *rq, const char *directory);

#endif
