/* log - one line per event, as logfmt */
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rq.h"

enum { LINE = 4096 };	/* at most PIPE_BUF, so that the lines of many processes do not mix */

static struct {
	const char *program;
	int fd;
	enum log_level least;
} out = { "tarn", STDERR_FILENO, LOG_INFO };

static const char *const names[] = { "debug", "info", "note", "warn", "error" };

bool
log_open(const char *program, const char *target, const char *least)
{
	int fd = STDERR_FILENO;
	enum log_level level;

	out.program = program;
	for (level = LOG_DEBUG; level <= LOG_ERROR; level++)
		if (strcmp(least, names[level]) == 0)
			out.least = level;
	if (strcmp(target, "stderr") != 0 &&
	    (fd = open(target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)) == -1)
		return false;
	out.fd = fd;
	return true;
}

/* The message is data from anywhere: quotes are escaped and control characters shown as '?', so
 * that nobody can forge a second line or a field. */
static size_t
log_quote(char *line, size_t used, const char *s)
{
	line[used++] = '"';
	for (; *s != '\0' && used < LINE - 4; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			line[used++] = '\\';
		line[used++] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
	}
	line[used++] = '"';
	return used;
}

static void __attribute__((format(printf, 4, 0)))
log_write(const struct rq *rq, enum log_level level, const char *code, const char *fmt, va_list ap)
{
	char line[LINE], text[LINE / 2];
	struct timespec ts;
	struct tm tm;
	size_t used;
	int n;

	if (level < out.least)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	(void)gmtime_r(&ts.tv_sec, &tm);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	n = snprintf(line, sizeof(line) / 2,
	    "ts=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ level=%s program=%s pid=%ld%s%s%s%s msg=",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    ts.tv_nsec / 1000000, names[level], rq != NULL ? rq->program : out.program,
	    (long)getpid(), rq != NULL ? " rq=" : "", rq != NULL ? rq->id : "",
	    code != NULL ? " code=" : "", code != NULL ? code : "");
	used = log_quote(line, (size_t)n < LINE / 2 ? (size_t)n : LINE / 2 - 1, text);
	line[used++] = '\n';
	if (write(out.fd, line, used) == -1)
		return;	/* nowhere left to complain */
}

void
log_rq(const struct rq *rq, enum log_level level, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(rq, level, code, fmt, ap);
	va_end(ap);
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(NULL, level, NULL, fmt, ap);
	va_end(ap);
}

void
log_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(NULL, LOG_ERROR, NULL, fmt, ap);
	va_end(ap);
	_exit(EX_SOFTWARE);
}
