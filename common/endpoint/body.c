/* body - requests that bring JSON rather than a form */
#include <string.h>
#include <strings.h>

#include "endpoint/body.h"
#include "endpoint/call.h"

static bool
is_json(const char *content_type)
{
	static const char json[] = "application/json";

	return content_type != NULL && strcspn(content_type, "; \t") == sizeof(json) - 1 &&
	    strncasecmp(content_type, json, sizeof(json) - 1) == 0;
}

int
body_object(struct rq *rq, size_t longest, const struct refusal *wrong,
    const struct json **object_r)
{
	const struct param_source *from = &rq->call->source;
	struct json *value;
	const char *error;

	*object_r = NULL;
	if (!is_json(from->content_type))
		return refuse_with(rq, wrong, "The Content-Type is application/json.",
		    "not application/json");
	if (from->nform > longest)
		return refuse_with(rq, wrong, "The body is too long.", "%zu bytes", from->nform);
	if (!json_parse(rq->mem, from->form, from->nform, &value, &error))
		return refuse_with(rq, wrong, error, "%s", error);
	if (json_type(value) != JSON_OBJECT)
		return refuse_with(rq, wrong, "The body is no JSON object.", "no object");
	*object_r = value;
	return 0;
}
