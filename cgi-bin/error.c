/* NAME         error - the error page
 * ANSWERS TO   GET /error (oauth.md 2 of the contract)
 * READS        domain pool
 * WRITES       nothing
 * HANDS OVER   nothing
 * SETTINGS     limit_domain limit_share limit_source scheme templates trusted_proxies
 *              worker_requests workers
 *
 * What a person sees when a request cannot be sent back to the client. Of the query only errors
 * that we make ourselves are shown in words: the address can be typed by anybody. */
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/endpoint.h"

enum { ERROR, CLIENT_ID, REDIRECT_URI, NPARAMS };

static const struct param params[NPARAMS] = {
	[ERROR]	       = { "error",        syn_line,  128, QUERY | AGAIN },
	[CLIENT_ID]    = { "client_id",    syn_line,  128, QUERY | AGAIN },
	[REDIRECT_URI] = { "redirect_uri", syn_line, 2048, QUERY | AGAIN },
};

#define NO_LOGOUT_URI "Required String parameter 'redirect_uri' is not present"

/* Each with its sentence in templates/lang. */
static const struct { const char *error, *sentence; } known[] = {
	{ "redirect_mismatch", "error_redirect_mismatch" },
	{ "Required parameters missing", "error_parameters_missing" },
	{ NO_LOGOUT_URI, "error_no_logout_uri" },
	{ "server_error", "error_server" },
};

/* /logout without an address hands its own query over (oauth.md 2). */
static const char *
error_code(struct rq *rq)
{
	if (arg(rq, ERROR) == NULL && arg(rq, CLIENT_ID) != NULL && arg(rq, REDIRECT_URI) == NULL)
		return NO_LOGOUT_URI;
	return arg(rq, ERROR);
}

static int
error(struct rq *rq)
{
	struct json *model = json_object(rq->mem), *sentence;
	const char *code = error_code(rq);
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!text_equal(known[i].error, code))
			continue;
		sentence = json_object(rq->mem);
		json_set_bool(sentence, known[i].sentence, true);
		json_set(model, "explanation", sentence);
	}
	json_set_text(model, "request_id", rq->id);
	return answer_page(rq, 400, "error", model);
}

static const struct page pages[] = {
	{ "/error", GET, params, NPARAMS, error, STYLE_JSON, LATE | OPEN },
	{ .path = NULL },
};

static const struct program program = {
	.name = "error", .what = "the error page", .pages = pages,
	.reads = "domain pool", .writes = "", .sets = "XSRF-TOKEN lang", .hands_over = "",
};

int
main(int argc, char **argv)
{
	return endpoint_main(&program, argc, argv);
}
