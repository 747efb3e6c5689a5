/* fuzz_filter - whatever is no filter is refused; one that is says the same when written again */
#include <stdlib.h>

#include "api/filter.h"
#include "base/buf.h"
#include "base/log.h"

#include "fuzz.h"

static const char *
written(struct arena *mem, const struct filter *filter)
{
	struct buf *b = buf_new(mem, 1 << 20);
	const char *p;

	buf_printf(b, " %s\t%s \"", filter->name, filter->prefix ? "^=" : "=");
	for (p = filter->value; *p != '\0'; p++)
		buf_printf(b, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
	buf_text(b, "\" ");
	return b->s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	/* as the shape has it */
	const char *s = arena_dupn(rq->mem, data, size > 256 ? 256 : size);
	struct filter filter, again;

	(void)log_open("fuzz", "stderr", "error");
	if (filter_parse(rq, s, &filter) == 0 && filter.name != NULL &&
	    (filter_parse(rq, written(rq->mem, &filter), &again) != 0 ||
	    strcmp(filter.name, again.name) != 0 || strcmp(filter.value, again.value) != 0 ||
	    filter.prefix != again.prefix))
		abort();
	rq_end(&rq);
	return 0;
}
