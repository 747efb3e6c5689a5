/* fuzz_dpop - a proof of possession, from its text to the key in it */
#include "base/arena.h"
#include "base/rq.h"
#include "oidc/dpop.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	struct proof proof;

	/* The request and the time of the example in RFC 9449 4.1, which is in the corpus. */
	rq->now = INT64_C(1562262616000);
	rq->method = "POST";
	rq->host = "server.example.com";
	rq->path = "/token";
	(void)dpop_read(rq, arena_dupn(rq->mem, data, size), NULL, &proof);
	rq_end(&rq);
	return 0;
}
