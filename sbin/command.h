/* command - what the commands of tarn share */
#ifndef TARN_SBIN_COMMAND_H
#define TARN_SBIN_COMMAND_H

#include "base/rq.h"

enum { EXIT_USAGE = 252, EXIT_REFUSED = 254, EXIT_FAULT = 255 };

/* Runs a command with what follows its name; returns the exit status. */
typedef int command_fn(struct rq *rq, int argc, const char *const *argv);

/* Says how the command was called wrongly. Returns EXIT_USAGE. */
int usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The exit status of a step; of one that was refused says why on standard error. */
int told(const struct rq *rq, int r);

#endif
