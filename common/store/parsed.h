/* parsed - documents that every request reads and hardly anyone changes, parsed once per process
 *
 * The store is asked every time; only the parsing is spared, and only while the text is the same to
 * the byte. So nothing here can be out of date, and nobody has to be told of a change. */
#ifndef TARN_STORE_PARSED_H
#define TARN_STORE_PARSED_H

#include "base/json.h"
#include "store/kv.h"

/* Like json_parse into rq->mem: the document lives at least as long as the request, and is not to
 * be changed (json_copy). False, and a sentence, if the text is no JSON. */
bool parsed(struct rq *rq, const struct kv_key *key, const struct kv_value *value,
    const struct json **doc_r, const char **error_r);

#endif
