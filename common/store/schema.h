/* schema - which version of the records a store holds, and how an older one becomes of this one
 *
 * The meta record says the version that wrote the records and the oldest one that may read them.
 * Members that may be absent need no new version. What does is a row of the table in schema.c: from
 * which version, what it does, and the function that collects the writes. All steps and the new
 * meta record are applied at once, so a store is of one version or of the other. */
#ifndef TARN_STORE_SCHEMA_H
#define TARN_STORE_SCHEMA_H

#include "base/json.h"
#include "base/rq.h"

/* What this program writes, and the newest it reads. */
enum { SCHEMA = 2 };

/* The meta document of a new store. Its lineage names this store's history: a copy that goes its
 * own way from some moment on (a restored backup) gets another, so that the logs of the two are
 * never taken for each other's. */
struct json *schema_new(struct arena *mem);
const char *schema_lineage(struct arena *mem);

enum schema_fit { SCHEMA_FITS, SCHEMA_OLDER, SCHEMA_NEWER };

/* May this program use a store with this meta document? NULL is no document: that of a store whose
 * version nobody knows. */
enum schema_fit schema_fit(const struct json *meta);

/* Upgrades the store, or, dry, does nothing; either way says each step to `tell` first. *from_r:
 * the version it was of. 0, KV_BROKEN (somebody else upgraded it meanwhile) or FAULT. */
int schema_upgrade(struct rq *rq, bool dry, void (*tell)(int64_t from, const char *what),
    int64_t *from_r);

#endif
