/* rq - one request, and the two ways a step can fail */
#include <stdarg.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/rq.h"
#include "base/text.h"

struct rq *
rq_begin(const char *program)
{
	struct arena *mem = arena_new();
	struct rq *rq = arena_alloc(mem, sizeof(*rq));

	rq->mem = mem;
	rq->program = program;
	rq->now = clock_now();
	rq->id = random_uuid(mem);
	return rq;
}

void
rq_end(struct rq **rq)
{
	struct arena *mem;

	if (*rq == NULL)
		return;
	mem = (*rq)->mem;
	*rq = NULL;
	arena_free(&mem);
}

static int __attribute__((format(printf, 4, 0)))
refuse_why(struct rq *rq, const struct refusal *how, const char *detail, const char *why,
    va_list ap)
{
	rq->refusal = how;
	rq->refusal_detail = detail == NULL ? NULL : arena_dup(rq->mem, detail);
	log_rq(rq, LOG_NOTE, how->code, "%s", arena_vprintf(rq->mem, why, ap));
	return REFUSED;
}

int
refuse(struct rq *rq, const struct refusal *how, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	(void)refuse_why(rq, how, NULL, why, ap);
	va_end(ap);
	return REFUSED;
}

int
refuse_with(struct rq *rq, const struct refusal *how, const char *detail, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	(void)refuse_why(rq, how, detail, why, ap);
	va_end(ap);
	return REFUSED;
}

int
refuse_saying(struct rq *rq, const struct refusal *how, const char *fmt, ...)
{
	const char *sentence;
	va_list ap;

	va_start(ap, fmt);
	sentence = arena_vprintf(rq->mem, fmt, ap);
	va_end(ap);
	return refuse_with(rq, how, sentence, "%s", sentence);
}

const char *
refusal_text(const struct rq *rq)
{
	if (rq->refusal == NULL || rq->refusal->message == NULL)
		return NULL;
	return text_fill(rq->mem, rq->refusal->message, rq->refusal_detail);
}

int
rq_fault(const struct rq *rq, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_rq(rq, LOG_ERROR, NULL, "%s (%s:%d)", arena_vprintf(rq->mem, fmt, ap), file, line);
	va_end(ap);
	return FAULT;
}
