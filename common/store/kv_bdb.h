/* kv_bdb - what the three files of the engine share, and nobody else includes
 *
 * kv_bdb.c has the records: reading, writing, sweeping. kv_bdb_open.c has the environment: how it
 * is opened and recovered, the way in and out. kv_bdb_care.c has what keeps it well: checkpoints,
 * copies, verification. All calls of the library are made in these three, inside the gate. */
#ifndef TARN_STORE_KV_BDB_H
#define TARN_STORE_KV_BDB_H

#include <db.h>

#include "store/kv.h"

/* The data files: those of the two promises, and the index. */
enum { BDB_INDEX = PASSING + 1, BDB_NFILES };

/* What this process has open. */
extern struct bdb {
	DB_ENV *env;			/* NULL: nothing */
	DB *db[BDB_NFILES];
	const char *copy;		/* a directory that this process alone uses; NULL */
	char lineage[64];		/* of the store that is open */
} bdb;

/* Goes in, with everything open: 0, or FAULT: not inside. Leaves with the result of a library call;
 * DB_NOTFOUND is foreseen: 0. Anything else is FAULT: cannot do what it was `doing`. */
int bdb_enter(struct rq *rq);
int bdb_leave(struct rq *rq, int r, const char *doing);

/* Logs what the library says of a failure while `doing`. FAULT. */
int bdb_broken(const char *doing, int r);
void bdb_on_error(const DB_ENV *env, const char *prefix, const char *sentence);

/* Inside, here and below. The log that is written to: 0 or an error of the library. */
int bdb_newest_log(uint32_t *log_r);

/* May this program use the store that was opened? create: of one that is new it writes the schema.
 * 0, REFUSED or FAULT. */
int bdb_check_schema(bool create);

/* Has each record of a file that expires its entry in the index? 0 or FAULT. Enters by itself. */
int bdb_verify_index(struct rq *rq, int file);

/* For the table of the engine (struct kv_engine). */
void bdb_found(void);
int bdb_renew(struct rq *rq);
void bdb_close(void);
bool bdb_worn(void);
int bdb_visit(struct rq *rq, const char *directory, int64_t until);
int bdb_flush(struct rq *rq);
int bdb_checkpoint(struct rq *rq);
int bdb_verify(struct rq *rq);
const char *bdb_file(int i);
int bdb_retain(struct rq *rq, uint32_t *from_r);
int bdb_read_piece(struct rq *rq, int fd, void *piece, size_t size, uint64_t offset, size_t *n_r);
int bdb_log_end(struct rq *rq, struct kv_place *end_r);
int bdb_lineage(struct rq *rq, const char **lineage_r);

#endif
