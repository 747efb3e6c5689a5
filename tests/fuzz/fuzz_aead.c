/* fuzz_aead - what comes back in a cookie as sealed text; and what we seal opens again as it was */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "crypto/aead.h"

#include "fuzz.h"

static struct conf settings;
const struct conf *const conf = &settings;

static void
make_key(struct rq *rq)
{
	static char path[] = "/tmp/tarn-fuzz-aead-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1 || close(fd) == -1 || unlink(path) == -1 || aead_create_file(rq, path) != 0)
		abort();
	settings.master_key = path;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	const char *text = arena_dupn(rq->mem, data, size);
	unsigned char *opened;
	size_t n;

	(void)log_open("fuzz", "stderr", "error");
	if (settings.master_key == NULL)
		make_key(rq);
	if (aead_open(rq, "fuzz", text, &opened, &n) != REFUSED)
		abort();
	(void)unlink(settings.master_key);	/* it was read at the first call */
	if (aead_seal(rq, "fuzz", data, size, &text) != 0 ||
	    aead_open(rq, "fuzz", text, &opened, &n) != 0 || n != size ||
	    (size > 0 && memcmp(opened, data, size) != 0))
		abort();
	rq_end(&rq);
	return 0;
}
