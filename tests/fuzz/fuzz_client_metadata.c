/* fuzz_client_metadata - the body of a registration: what is refused has a reason that a client may
 * see; what is taken is said again as it was taken, and taken again */
#include <stdlib.h>

#include "api/client_metadata.h"
#include "base/log.h"
#include "oidc/refusals.h"

#include "fuzz.h"

static void
expect(bool so)
{
	if (!so)
		abort();
}

static void
again(struct rq *rq, const struct json *members, const struct json *said)
{
	const struct json *members2, *said2;
	struct json *client = json_copy(rq->mem, members), *written;

	written = client_metadata_write(rq, client, said);
	if (!json_has(members, "AllowedOAuthScopes"))
		json_drop(written, "scope");
	if (!json_has(members, "TokenEndpointAuthMethod"))
		json_drop(written, "token_endpoint_auth_method");
	expect(client_metadata_read(rq, written, &members2, &said2) == 0);
	expect(json_equal(members, members2) && json_equal(said, said2));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	const struct json *members, *said;
	struct json *metadata;
	const char *error;
	int r;

	(void)log_open("fuzz", "stderr", "error");
	if (json_parse(rq->mem, (const char *)data, size, &metadata, &error) &&
	    json_type(metadata) == JSON_OBJECT) {
		r = client_metadata_read(rq, metadata, &members, &said);
		expect(r == 0 || (r == REFUSED && refusal_text(rq) != NULL &&
		    (rq->refusal == &invalid_client_metadata ||
		    rq->refusal == &invalid_redirect_uri)));
		if (r == 0)
			again(rq, members, said);
	}
	rq_end(&rq);
	return 0;
}
