/* metadata - what a client tells the pool's hooks: aws_client_metadata */
#include <string.h>

#include "oidc/metadata.h"
#include "oidc/refusals.h"

int
metadata_read(struct rq *rq, const char *text, const struct json **metadata_r)
{
	struct json *metadata;
	struct json_member m;
	const char *error;

	*metadata_r = NULL;
	if (text == NULL) {
		*metadata_r = json_object(rq->mem);
		return 0;
	}
	if (!json_parse(rq->mem, text, strlen(text), &metadata, &error))
		return refuse(rq, &invalid_request, "aws_client_metadata: %s", error);
	if (json_type(metadata) != JSON_OBJECT)
		return refuse(rq, &invalid_request, "aws_client_metadata is no object");
	for (m = json_first(metadata); m.name != NULL; m = json_next(m))
		if (json_type(m.value) != JSON_TEXT)
			return refuse(rq, &invalid_request,
			    "aws_client_metadata: a member is no text");
	*metadata_r = metadata;
	return 0;
}
