/* parsed - documents that are read again and again, parsed once per process
 *
 * What is kept is used while the store says that nothing was written anywhere since it was read
 * (kv_state), or when the text that was read again is the same to the byte. So nothing here can be
 * out of date, and nobody has to be told of a change. */
#ifndef TARN_STORE_PARSED_H
#define TARN_STORE_PARSED_H

#include "base/json.h"
#include "store/kv.h"

struct parsed;

/* Like json_parse into rq->mem: what is parsed lives at least as long as the request. state: what
 * kv_state said before the value was read, or 0. False, and a sentence, if the text is no JSON. */
bool parsed(struct rq *rq, const struct kv_key *key, const struct kv_value *value, uint64_t state,
    const struct parsed **parsed_r, const char **error_r);

/* What is kept of a record, and its value as it was read, if the store's state is still the one it
 * was read in; or NULL: the store must be asked. */
const struct parsed *parsed_still(struct rq *rq, const struct kv_key *key, uint64_t state,
    const struct json **doc_r, const struct kv_value **value_r);

/* Not to be changed (json_copy). */
const struct json *parsed_doc(const struct parsed *parsed);

/* A copy of a struct of that size that fill makes of the document: for a document that is kept it
 * is made once, so fill looks at nothing but the document. Always the same fill for one kind. */
void *parsed_struct(struct arena *mem, const struct parsed *parsed, size_t size,
    void (*fill)(struct arena *mem, const struct json *doc, void *out));

#endif
