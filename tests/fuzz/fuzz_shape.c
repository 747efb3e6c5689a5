/* fuzz_shape - any JSON against shapes of every kind; what passes once passes again as projected */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/shape.h"

#include "fuzz.h"

static const char *const names[] = { "CreateUserPool.in", "CreateUserPoolClient.in",
	"AdminCreateUser.in", "CreateResourceServer.in", "InitiateAuth.in", "Pool", "Client",
	"Family" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	struct json *value;
	const char *error;
	size_t i;

	(void)log_open("fuzz", "stderr", "error");
	if (json_parse(rq->mem, (const char *)data, size, &value, &error))
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			const struct shape *shape = shape_find(names[i]);

			if (shape_check(rq, shape, value) != 0)
				continue;
			value = shape_project(rq->mem, shape, value);
			if (shape_check(rq, shape, value) != 0)
				abort();
		}
	rq_end(&rq);
	return 0;
}
