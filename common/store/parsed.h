/* parsed - documents that are read again and again, parsed once per process
 *
 * The store is asked every time; only the parsing is spared, and only while the text is the same to
 * the byte. So nothing here can be out of date, and nobody has to be told of a change. */
#ifndef TARN_STORE_PARSED_H
#define TARN_STORE_PARSED_H

#include "base/json.h"
#include "store/kv.h"

struct parsed;

/* Like json_parse into rq->mem: what is parsed lives at least as long as the request. False, and a
 * sentence, if the text is no JSON. */
bool parsed(struct rq *rq, const struct kv_key *key, const struct kv_value *value,
    const struct parsed **parsed_r, const char **error_r);

/* Not to be changed (json_copy). */
const struct json *parsed_doc(const struct parsed *parsed);

/* A copy of a struct of that size that fill makes of the document: for a document that is kept it
 * is made once, so fill looks at nothing but the document. Always the same fill for one kind. */
void *parsed_struct(struct arena *mem, const struct parsed *parsed, size_t size,
    void (*fill)(struct arena *mem, const struct json *doc, void *out));

#endif
