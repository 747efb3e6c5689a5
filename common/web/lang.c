/* lang - the language of a page: templates/lang/{code}.json (pages.md 12) */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "web/lang.h"

enum { MOST_LANGS = 64, LONGEST_FILE = 256 * 1024, MOST_RANGES = 32 };

/* Read once, before the first page; kept as long as the process. */
static struct {
	struct arena *mem;
	struct lang at[MOST_LANGS];
	struct json *files[MOST_LANGS];	/* the sentences of each */
	size_t n;
	const struct lang *english;
} langs;

static const struct lang *
lang_exact(const char *code, size_t n)
{
	size_t i;

	for (i = 0; i < langs.n; i++)
		if (strlen(langs.at[i].code) == n && strncasecmp(langs.at[i].code, code, n) == 0)
			return &langs.at[i];
	return NULL;
}

static void
lang_add(const char *dir, const char *file)
{
	struct arena *mem = langs.mem;
	const char *path = arena_printf(mem, "%s/%s", dir, file), *text, *error;
	struct lang *lang = &langs.at[langs.n];
	struct json *json;
	size_t n;

	if (langs.n == MOST_LANGS)
		log_die("%s: more than %d languages", dir, MOST_LANGS);
	if ((text = file_read(mem, path, LONGEST_FILE, &n)) == NULL)
		log_die("%s: %s", path, strerror(errno));
	if (!json_parse(mem, text, n, &json, &error))
		log_die("%s: %s", path, error);
	if (json_type(json) != JSON_OBJECT)
		log_die("%s: not an object", path);
	lang->code = arena_dupn(mem, file, strlen(file) - strlen(".json"));
	lang->sentences = langs.files[langs.n++] = json;
}

static void
lang_borrow(struct json *file, const struct json *from)
{
	struct json_member m;

	for (m = json_first(from); m.name != NULL; m = json_next(m))
		if (json_get(file, m.name) == NULL)
			json_set(file, m.name, m.value);
}

/* What a file lacks comes from the language without its region, then from English: it may be older
 * than the templates, or have only what it says otherwise. */
static void
lang_complete(size_t i)
{
	const char *code = langs.at[i].code;
	const struct lang *wider = lang_exact(code, strcspn(code, "-"));

	if (wider != NULL && wider != &langs.at[i])
		lang_borrow(langs.files[i], wider->sentences);
	if (&langs.at[i] != langs.english)
		lang_borrow(langs.files[i], langs.english->sentences);
}

static void
lang_load(void)
{
	struct dirent **names;
	const char *dir;
	size_t at;
	int i, n;

	langs.mem = arena_new();
	dir = arena_printf(langs.mem, "%s/lang", conf->templates);
	if ((n = scandir(dir, &names, NULL, alphasort)) == -1)
		log_die("%s: %s", dir, strerror(errno));
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.' && text_ends(names[i]->d_name, ".json"))
			lang_add(dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	if ((langs.english = lang_exact("en", 2)) == NULL)
		log_die("%s/en.json: the English sentences are missing", dir);
	for (at = 0; at < langs.n; at++)
		lang_complete(at);
}

static bool
range_within(const char *range, const char *wider)
{
	size_t n = strlen(wider);

	return strncasecmp(range, wider, n) == 0 && (range[n] == '\0' || range[n] == '-');
}

/* Chinese is written in two ways, and its regions and scripts say which; Hebrew and Indonesian have
 * older codes that browsers and Java still send (RFC 5646 2.2.1, deprecated subtags). */
static const struct lang *
lang_other_name(const char *range)
{
	static const struct { const char *range, *code; } names[] = {
		{ "zh-Hant", "zh-TW" }, { "zh-HK", "zh-TW" }, { "zh-MO", "zh-TW" },
		{ "iw", "he" }, { "in", "id" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (range_within(range, names[i].range))
			return lang_exact(names[i].code, strlen(names[i].code));
	return NULL;
}

/* RFC 4647 3.4 lookup: the range, then without its last subtag, and so on; then any region of the
 * same language. NULL if there is none. */
static const struct lang *
lang_lookup(const char *range)
{
	size_t n = strlen(range), i;
	const struct lang *lang;

	if ((lang = lang_exact(range, n)) != NULL || (lang = lang_other_name(range)) != NULL)
		return lang;
	while (n > 0) {
		if ((lang = lang_exact(range, n)) != NULL)
			return lang;
		while (n > 0 && range[--n] != '-')
			;
	}
	n = strcspn(range, "-");
	for (i = 0; i < langs.n; i++)
		if (strncasecmp(langs.at[i].code, range, n) == 0 && langs.at[i].code[n] == '-')
			return &langs.at[i];
	return NULL;
}

/* RFC 9110 12.4.2: the weight in thousandths; 1000 without one, 0 if it is none. */
static int
weight(const char *s)
{
	int q, unit = 100;

	s += strspn(s, " \t");
	if (*s != ';')
		return 1000;
	s += 1 + strspn(s + 1, " \t");
	if ((*s != 'q' && *s != 'Q') || s[1] != '=' || (s[2] != '0' && s[2] != '1'))
		return 0;
	q = (s[2] - '0') * 1000;
	if (s[3] == '.')
		for (s += 4; *s >= '0' && *s <= '9' && unit > 0; s++, unit /= 10)
			q += (*s - '0') * unit;
	return q <= 1000 ? q : 1000;
}

/* RFC 9110 12.5.4: the language of the heaviest range that there is; of equals the first. */
static const struct lang *
lang_accepted(struct arena *mem, const char *accept)
{
	struct words ranges = words_split(mem, accept, ',');
	const struct lang *best = NULL;
	int most = 0;
	size_t i;

	for (i = 0; i < ranges.n && i < MOST_RANGES; i++) {
		const char *s = ranges.at[i] + strspn(ranges.at[i], " \t");
		size_t n = strcspn(s, " \t;");
		const struct lang *lang = lang_lookup(arena_dupn(mem, s, n));
		int q = weight(s + n);

		if (n == 1 && *s == '*')
			lang = langs.english;
		if (lang != NULL && q > most) {
			best = lang;
			most = q;
		}
	}
	return best;
}

const struct lang *
lang_choose(struct rq *rq, const char *parameter, const char *cookie, const char *accept)
{
	const struct lang *lang = NULL;

	if (langs.english == NULL)
		lang_load();
	if (parameter != NULL)	/* pages.md 13: an unknown code asks for English, not for a guess */
		lang = lang_lookup(parameter);
	else if (cookie == NULL || (lang = lang_lookup(cookie)) == NULL)
		lang = accept != NULL ? lang_accepted(rq->mem, accept) : NULL;
	return lang != NULL ? lang : langs.english;
}

const char *
lang_sentence(const struct lang *lang, const char *key)
{
	const char *sentence = json_text(lang->sentences, key);

	return sentence != NULL ? sentence : key;
}
