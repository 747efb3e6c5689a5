/* log - one line per event, as logfmt
 *
 *	ts=2026-11-20T12:00:00.123Z level=note program=token rq=6f1c… code=invalid_grant msg="…"
 *
 * No line may hold a secret. Lines go to standard error until log_open names another place. */
#ifndef TARN_BASE_LOG_H
#define TARN_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_NOTE, LOG_WARN, LOG_ERROR };

struct rq;

/* target: "stderr" or the path of a file that is appended to. least: the name of a level; lines
 * below it are not written. False: the target cannot be opened, and lines go on where they did. */
bool log_open(const char *program, const char *target, const char *least);

/* About a request; code may be NULL. */
void log_rq(const struct rq *rq, enum log_level level, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* About the program. */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Logs and ends the process with status 70 (EX_SOFTWARE). */
_Noreturn void log_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
