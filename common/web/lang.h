/* lang - the language of a page: templates/lang/{code}.json (pages.md 12)
 *
 * A file is one JSON object of sentences, those of en.json; its name is the language's code (RFC
 * 5646). "%s" in a sentence is where its value goes, once where English has it once. The member
 * "direction" is "ltr" or "rtl"; from right to left, values stand between U+2068 (a name) or U+2066
 * (an address, a number) and U+2069, so that their signs do not jump (UAX 9). What a file lacks is
 * taken from the language without its region, then from English. Files are read once per process.
 */
#ifndef TARN_WEB_LANG_H
#define TARN_WEB_LANG_H

#include "base/json.h"
#include "base/rq.h"

struct lang {
	const char *code;		/* "en", "pt-BR": a file that exists */
	const struct json *sentences;	/* lives as long as the process */
};

/* By the lang parameter, the lang cookie, Accept-Language (RFC 9110 12.5.4), then English; each may
 * be NULL. Never NULL: without the English file the process ends at start. */
const struct lang *lang_choose(struct rq *rq, const char *parameter, const char *cookie,
    const char *accept);

/* A sentence; the key itself where there is none. */
const char *lang_sentence(const struct lang *lang, const char *key);

#endif
