/* fuzz_json - what is taken as JSON prints as JSON that reads back the same, and has any shape or
 * none without harm */
#include "base/json.h"
#include "base/log.h"
#include "base/shape.h"
#include "fuzz.h"

static void
there_and_back(struct arena *mem, const struct json *value)
{
	const char *texts[] = { json_print(mem, value), json_print_slashes(mem, value),
		json_pretty(mem, value) }, *error;
	struct json *again;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!json_parse(mem, texts[i], strlen(texts[i]), &again, &error) ||
		    !json_equal(value, again))
			abort();
	}
	if (!json_equal(value, json_copy(mem, value)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const shapes[] = { "SignUp.in", "CreateUserPool.in", "Client",
		"CreateTerms.in", "SetUICustomization.in" };
	struct rq *rq;
	struct json *value;
	const char *error;
	size_t i;

	(void)log_open("fuzz", "stderr", "error");
	rq = rq_begin("fuzz");
	if (json_parse(rq->mem, (const char *)data, size, &value, &error)) {
		there_and_back(rq->mem, value);
		for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
			if (shape_check(rq, shape_find(shapes[i]), value) == 0)
				there_and_back(rq->mem,
				    shape_project(rq->mem, shape_find(shapes[i]), value));
	} else if (value != NULL || error == NULL) {
		abort();
	}
	rq_end(&rq);
	return 0;
}
