/* fuzz_args - a command line is arguments of the right types, or a sentence says why not
 *
 * The first line of an input names the shape, each further line is one word. */
#include <stdlib.h>

#include "api/args.h"
#include "base/log.h"
#include "base/rq.h"
#include "base/text.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	struct words lines = words_split(rq->mem, arena_dupn(rq->mem, data, size), '\n');
	const struct shape *shape = lines.n > 0 ? shape_find(lines.at[0]) : NULL;
	const char *error;
	struct json *in;
	bool good;

	(void)log_open("fuzz", "stderr", "error");
	if (shape == NULL)
		shape = shape_find("CreateUserPool.in");
	if (lines.n > 1) {
		good = args_parse(rq->mem, shape, (int)lines.n - 1, lines.at + 1, &in, &error);
		if (good != (error == NULL))
			abort();
		if (good)
			(void)shape_check(rq, shape, in);
	}
	rq_end(&rq);
	return 0;
}
