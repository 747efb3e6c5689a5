/* fuzz_lang - the lang parameter, the cookie and Accept-Language: one line of the input each */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "web/lang.h"

#include "fuzz.h"

static struct conf settings;
const struct conf *const conf = &settings;

static const char *const codes[] = { "de", "en", "pt-BR", "zh-CN", "zh-TW" };

static void
make_languages(void)
{
	static char dir[] = "/tmp/tarn-fuzz-lang-XXXXXX";
	char path[64];
	size_t i;

	if (mkdtemp(dir) == NULL || snprintf(path, sizeof(path), "%s/lang", dir) < 0 ||
	    mkdir(path, 0700) == -1)
		abort();
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		FILE *file;

		(void)snprintf(path, sizeof(path), "%s/lang/%s.json", dir, codes[i]);
		file = fopen(path, "w");
		if (file == NULL || fputs("{\"direction\":\"ltr\"}", file) == EOF ||
		    fclose(file) == EOF)
			abort();
	}
	settings.templates = dir;
}

/* They are read at the first call. */
static void
remove_languages(void)
{
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/lang/%s.json", settings.templates, codes[i]);
		(void)remove(path);
	}
	(void)snprintf(path, sizeof(path), "%s/lang", settings.templates);
	(void)remove(path);
	(void)remove(settings.templates);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	struct words lines = words_split(rq->mem, arena_dupn(rq->mem, data, size), '\n');
	const struct lang *lang;
	bool first = settings.templates == NULL;
	size_t i;

	if (first)
		make_languages();
	lang = lang_choose(rq, lines.n > 0 ? lines.at[0] : NULL, lines.n > 1 ? lines.at[1] : NULL,
	    lines.n > 2 ? lines.at[2] : NULL);
	if (first)
		remove_languages();
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(lang->code, codes[i]) == 0) {
			rq_end(&rq);
			return 0;
		}
	abort();
}
