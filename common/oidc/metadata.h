/* metadata - what a client tells the pool's hooks: aws_client_metadata (oauth.md 3; triggers.md) */
#ifndef TARN_OIDC_METADATA_H
#define TARN_OIDC_METADATA_H

#include "base/json.h"
#include "base/rq.h"

/* A JSON object whose members are texts. NULL: an empty one. Refuses invalid_request. */
int metadata_read(struct rq *rq, const char *text, const struct json **metadata_r);

#endif
