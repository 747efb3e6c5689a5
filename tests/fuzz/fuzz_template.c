/* fuzz_template - a template that anybody might have written, with values that are an attack
 *
 * Whatever renders holds no tag and no link that only the values could have brought. */
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "web/template.h"

#include "fuzz.h"

static const char model[] = "{\"a\":\"<evil x='\\\" onevil=\",\"b\":\"javascript:evil()\","
	"\"c\":[{\"a\":\"1\"},{}],\"d\":{\"e\":{\"f\":true}},\"g\":false,\"h\":-1}";
static const char sentences[] = "{\"s\":\"<evil>\",\"u\":\"%s\"}";

static const struct json *
parsed(struct arena *mem, const char *text)
{
	struct json *value;
	const char *error;

	if (!json_parse(mem, text, strlen(text), &value, &error))
		abort();
	return value;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool quiet;
	struct rq *rq = rq_begin("fuzz");
	const char *text = arena_dupn(rq->mem, data, size);
	struct buf *page = buf_new(rq->mem, 512 * 1024), *mail = buf_new(rq->mem, 512 * 1024);
	const struct json *values = parsed(rq->mem, model), *said = parsed(rq->mem, sentences);

	if (!quiet && !log_open("fuzz", "/dev/null", "error"))
		abort();
	quiet = true;
	if (template_render_text(rq, text, true, values, said, page) == 0 &&
	    strcasestr(text, "evil") == NULL && strchr(text, '<') == NULL &&
	    strpbrk(page->s, "<") != NULL)
		abort();
	if (buf_over(page) || page->len > 512 * 1024)
		abort();
	(void)template_render_text(rq, text, false, values, said, mail);
	rq_end(&rq);
	return 0;
}
