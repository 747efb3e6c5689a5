/* fuzz_param - a form, a query and cookies through one table
 *
 * The input is cut at its first two line ends into query, cookies and form. */
#include <stdlib.h>

#include "base/text.h"
#include "web/param.h"

#include "fuzz.h"

enum { PLAIN, QUOTES, FIRST, BISCUIT, FAMILY, NPARAMS };

static const struct param table[NPARAMS] = {
	[PLAIN] = { "a", syn_line, 16, QUERY | FORM },
	[QUOTES] = { "b", syn_any, 16, QUERY | FORM | QUOTED },
	[FIRST] = { "c", syn_word, 16, QUERY | FORM | AGAIN },
	[BISCUIT] = { "d", syn_any, 16, COOKIE },
	[FAMILY] = { "e", syn_any, 16, QUERY | FORM | PREFIX | QUOTED },
};

static void
expect(bool condition)
{
	if (!condition)
		abort();
}

static void
value_is_right(const char *value)
{
	expect(value[0] != '\0' && strlen(value) <= 16 && text_is_utf8(value, strlen(value)));
}

/* The next line of the input, without its end. */
static const char *
line(struct arena *mem, const uint8_t **data, size_t *size)
{
	const uint8_t *end = memchr(*data, '\n', *size);
	size_t n = end != NULL ? (size_t)(end - *data) : *size;
	const char *s = arena_dupn(mem, *data, n);

	*data += n + (end != NULL);
	*size -= n + (end != NULL);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	struct param_source from = { .method = "POST",
		.content_type = "application/x-www-form-urlencoded" };
	const struct param_fault *fault;
	const struct param_pair *pairs;
	const char *args[NPARAMS];
	size_t n;

	from.query = line(rq->mem, &data, &size);
	from.cookies = line(rq->mem, &data, &size);
	from.form = (const char *)data;
	from.nform = size;
	param_read(rq, table, NPARAMS, &from, args, &fault);
	for (int i = 0; i < NPARAMS; i++)
		if (args[i] != NULL)
			value_is_right(args[i]);
	expect(args[FAMILY] == NULL);
	expect(args[FIRST] == NULL || syn_word(args[FIRST]));
	n = param_family(rq, &table[FAMILY], &from, &pairs);
	for (size_t i = 0; i < n; i++) {
		value_is_right(pairs[i].value);
		expect(pairs[i].name[0] != '\0' && strpbrk(pairs[i].name, "[]") == NULL);
	}
	rq_end(&rq);
	return 0;
}
