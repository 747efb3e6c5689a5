/* fuzz_archive - the lines of an archive, and the records in them */
#include <stdio.h>

#include "base/log.h"
#include "sbin/archive.h"
#include "sbin/portable.h"

#include "fuzz.h"

static void
read_records(struct rq *rq, struct archive *archive)
{
	struct portable_set *set = portable_set_new(rq);
	struct portable portable;
	const struct json *line;
	const char *missing;

	while (archive_next(rq, archive, rq->mem, &line) == 0 && line != NULL)
		if (portable_read(rq, line, true, &portable) == 0)
			portable_refer(rq, set, portable.kind, portable.key, portable.doc,
			    &missing);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in = size > 0 ? fmemopen((void *)data, size, "r") : NULL;
	struct archive_head head;
	struct archive *archive;
	struct rq *rq;

	if (in == NULL)
		return 0;
	(void)log_open("fuzz", "stderr", "error");
	rq = rq_begin("fuzz");
	if (archive_open(rq, in, NULL, &head, &archive) == 0)
		read_records(rq, archive);
	(void)fclose(in);
	rq_end(&rq);
	return 0;
}
