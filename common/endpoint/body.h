/* body - requests that bring JSON rather than a form */
#ifndef TARN_ENDPOINT_BODY_H
#define TARN_ENDPOINT_BODY_H

#include "base/json.h"
#include "base/rq.h"

/* The object that came as application/json, of at most `longest` bytes. Refuses as `wrong` says,
 * whose message has a %s. 0 or REFUSED. */
int body_object(struct rq *rq, size_t longest, const struct refusal *wrong,
    const struct json **object_r);

#endif
