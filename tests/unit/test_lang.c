/* test_lang - which language a page speaks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/conf.h"
#include "web/lang.h"

static struct conf settings;
const struct conf *const conf = &settings;

static struct rq *rq;
static char dir[] = "/tmp/tarn-test-lang-XXXXXX", empty[] = "/tmp/tarn-test-lang-XXXXXX";
static const char *const codes[] = { "de", "en", "es", "es-MX", "he", "id", "pt-BR", "zh-CN",
	"zh-TW" };

static void
the_first_that_speaks_is_heard(void **state)
{
	static const struct {
		const char *parameter, *cookie, *accept, *code;
	} cases[] = {
		{ NULL, NULL, NULL, "en" },
		{ "de", "es", "pt-BR", "de" },
		{ NULL, "es", "pt-BR", "es" },
		{ NULL, NULL, "pt-BR", "pt-BR" },
		{ "xx", "es", "pt-BR", "en" },	/* pages.md 13: unknown is English */
		{ NULL, "xx", "pt-BR", "pt-BR" },
		{ NULL, "xx", "xx", "en" },
		{ NULL, "", "", "en" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(lang_choose(rq, cases[i].parameter, cases[i].cookie,
		    cases[i].accept)->code, cases[i].code);
}

static void
a_code_finds_its_nearest_language(void **state)
{
	static const struct {
		const char *code, *found;
	} cases[] = {
		{ "DE", "de" },
		{ "de-AT", "de" },
		{ "de-Latn-CH", "de" },
		{ "pt", "pt-BR" },
		{ "PT-br", "pt-BR" },
		{ "pt-PT", "pt-BR" },
		{ "zh", "zh-CN" },
		{ "zh-Hans", "zh-CN" },
		{ "zh-SG", "zh-CN" },
		{ "zh-Hant", "zh-TW" },
		{ "zh-HK", "zh-TW" },
		{ "zh-Hant-HK", "zh-TW" },
		{ "zh-hant-tw", "zh-TW" },
		{ "zh-Hans-HK", "zh-CN" },
		{ "iw", "he" },	/* RFC 5646 2.2.1: what was he and id before 1989 */
		{ "iw-IL", "he" },
		{ "in-ID", "id" },
		{ "ind", "en" },
		{ "deu", "en" },
		{ "d", "en" },
		{ "-", "en" },
		{ "en-GB", "en" },
		{ "../en", "en" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(lang_choose(rq, cases[i].code, NULL, NULL)->code,
		    cases[i].found);
}

static void
a_browser_is_taken_by_its_weights(void **state)
{
	static const struct {
		const char *accept, *code;
	} cases[] = {
		{ "de-CH,de;q=0.9,en;q=0.8", "de" },
		{ "pt-PT,pt;q=0.9,en;q=0.8", "pt-BR" },
		{ "zh-TW,zh;q=0.9,en;q=0.8", "zh-TW" },
		{ "zh-HK,zh;q=0.9,en;q=0.8", "zh-TW" },
		{ "zh-Hant,en;q=0.8", "zh-TW" },
		{ "zh,en;q=0.8", "zh-CN" },
		{ "iw,he;q=0.9,en;q=0.8", "he" },
		{ "en;q=0.8,de", "de" },
		{ "es;q=0.1,de;q=0.2", "de" },
		{ "es;q=0.25,de;q=0.249", "es" },
		{ "es,de", "es" },
		{ "fr,es;q=0.3", "es" },
		{ "fr;q=1, it;q=0.9", "en" },
		{ "es;q=0,de;q=0.1", "de" },
		{ "*", "en" },
		{ "*,de;q=0.5", "en" },
		{ " de ; q=0.5 , es ; q=0.7 ", "es" },
		{ "de;q=2,es", "es" },
		{ "de;q=x,es;q=0.1", "es" },
		{ "de;q=,es;q=0.1", "es" },
		{ "de;q=1.000,es;q=1.0", "de" },
		{ "de;q=0.0001,en", "en" },
		{ ",,,;;;q=q,", "en" },
		{ ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,de", "de" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(lang_choose(rq, NULL, NULL, cases[i].accept)->code,
		    cases[i].code);
}

static void
a_sentence_is_found_or_its_key_shows(void **state)
{
	const struct lang *lang = lang_choose(rq, "de", NULL, NULL);

	(void)state;
	assert_string_equal(lang_sentence(lang, "code"), "this is de");
	assert_string_equal(lang_sentence(lang, "missing"), "missing");
}

static void
what_a_file_lacks_is_its_wider_languages_then_english(void **state)
{
	static const struct {
		const char *code, *key, *sentence;
	} cases[] = {
		{ "es-MX", "code", "this is es-MX" },
		{ "es-MX", "own", "only in es" },
		{ "es-MX", "new", "in English" },
		{ "pt-BR", "own", "only in en" },
		{ "de", "new", "in English" },
		{ "en", "own", "only in en" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(lang_sentence(lang_choose(rq, cases[i].code, NULL, NULL),
		    cases[i].key), cases[i].sentence);
}

static void
without_english_there_is_no_program(void **state)
{
	const char *where = settings.templates;
	pid_t pid;
	int status;

	(void)state;
	settings.templates = empty;
	if ((pid = fork()) == 0) {
		(void)close(STDERR_FILENO);
		(void)lang_choose(rq, NULL, NULL, NULL);
		_exit(0);
	}
	settings.templates = where;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_SOFTWARE);
}

static int
before_each(void **state)
{
	(void)state;
	rq = rq_begin("test");
	return 0;
}

static int
after_each(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

static int
before_all(void **state)
{
	char path[128];

	(void)state;
	if (mkdtemp(dir) == NULL || mkdtemp(empty) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/lang", dir);
	if (mkdir(path, 0700) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/lang/%s.json", dir, codes[i]);
		if ((f = fopen(path, "w")) == NULL)
			return -1;
		(void)fprintf(f, "{\"code\":\"this is %s\"", codes[i]);
		if (strchr(codes[i], '-') == NULL)
			(void)fprintf(f, ",\"own\":\"only in %s\"", codes[i]);
		(void)fprintf(f, "%s}", i == 1 ? ",\"new\":\"in English\"" : "");
		(void)fclose(f);
	}
	settings.templates = dir;
	return 0;
}

static int
after_all(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		(void)snprintf(path, sizeof(path), "%s/lang/%s.json", dir, codes[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/lang", dir);
	return rmdir(path) | rmdir(dir) | rmdir(empty);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, before_each, after_each)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(without_english_there_is_no_program),	/* before any file is read */
		CASE(the_first_that_speaks_is_heard),
		CASE(a_code_finds_its_nearest_language),
		CASE(a_browser_is_taken_by_its_weights),
		CASE(a_sentence_is_found_or_its_key_shows),
		CASE(what_a_file_lacks_is_its_wider_languages_then_english),
	};

	return cmocka_run_group_tests_name("lang", tests, before_all, after_all);
}
