/* op - the operations of the user pool API, one table
 *
 * The tarn command runs them in process; the HTTP API will serve the same rows. Arguments are
 * checked against the operation's shape before its function runs; the answer is projected to its
 * shape after. An operation collects its writes; who runs it applies them. */
#ifndef TARN_API_OP_H
#define TARN_API_OP_H

#include "base/json.h"
#include "base/rq.h"

/* out is an empty object to fill. 0, REFUSED (rq->refusal is an API exception) or FAULT. */
typedef int op_fn(struct rq *rq, const struct json *in, struct json *out);

enum op_caller { OP_OPEN, OP_TOKEN, OP_SIGNED };	/* idp-api.md 1.6 */

struct op {
	const char *name;		/* "CreateUserPool" */
	enum op_caller caller;
	op_fn *run;
};

/* Sorted by name; n of them. */
extern const struct op ops[];
extern const size_t n_ops;

const struct op *op_find(const char *name);

/* Checks, runs, applies (again on fresh reads when a race was lost), projects. *out_r is the answer. */
int op_run(struct rq *rq, const struct op *op, const struct json *in, struct json **out_r);

#endif
