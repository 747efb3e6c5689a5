/* store - commands about the store as a whole */
#ifndef TARN_SBIN_STORE_H
#define TARN_SBIN_STORE_H

#include "sbin/command.h"

command_fn store_backup, store_restore, store_upgrade, store_export, store_import,
    store_import_users;

/* Publishes the documents of all pools. 0 or FAULT. */
int store_publish(struct rq *rq);

#endif
