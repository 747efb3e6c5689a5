/* fuzz_metadata - aws_client_metadata: what is taken is an object of texts, and is taken again */
#include <stdlib.h>

#include "base/log.h"
#include "oidc/metadata.h"
#include "oidc/refusals.h"

#include "fuzz.h"

static void
expect(bool so)
{
	if (!so)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	const char *text = arena_dupn(rq->mem, data, size);
	const struct json *metadata, *again;
	struct json_member m;
	int r;

	(void)log_open("fuzz", "stderr", "error");
	r = metadata_read(rq, text, &metadata);
	expect(r == 0 || (r == REFUSED && rq->refusal == &invalid_request && metadata == NULL));
	if (r == 0) {
		for (m = json_first(metadata); m.name != NULL; m = json_next(m))
			expect(json_as_text(m.value) != NULL);
		expect(metadata_read(rq, json_print(rq->mem, metadata), &again) == 0);
		expect(json_equal(metadata, again));
	}
	rq_end(&rq);
	return 0;
}
