/* form - the form token: a value in a cookie and in the form, which another site can neither read nor
 * set (pages.md 3) */
#ifndef TARN_ENDPOINT_FORM_H
#define TARN_ENDPOINT_FORM_H

#include "base/json.h"
#include "base/rq.h"

/* The token of this browser, made and set as a cookie if it has none. */
const char *form_token(struct rq *rq);

/* After a sign-in: the next form gets a new one. */
void form_renew(struct rq *rq);

/* The members of a PREFIX parameter of this page (requiredAttributes[email]) as a list of
 * AttributeType. */
struct json *form_attributes(struct rq *rq, int parameter);

#endif
