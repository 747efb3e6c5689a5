/* lang - the language of a page: templates/lang/{code}.json (pages.md 12) */
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

/* A sentence; the key itself where the language lacks it. */
const char *lang_sentence(const struct lang *lang, const char *key);

#endif
