/* form - what the pages with forms share: the form token, the fields, the rules for passwords
 *
 * The form token is a value in a cookie and in the form, which another site can neither read nor
 * set (pages.md 3). */
#ifndef TARN_ENDPOINT_FORM_H
#define TARN_ENDPOINT_FORM_H

#include "base/json.h"
#include "base/rq.h"

/* Is this the form coming back, or somebody who wants to see it? */
bool is_post(const struct rq *rq);

/* The token of this browser, made and set as a cookie if it has none. */
const char *form_token(struct rq *rq);

/* After a sign-in: the next form gets a new one. */
void form_renew(struct rq *rq);

/* The members of a PREFIX parameter of this page (requiredAttributes[email]) as a list of
 * AttributeType, and the value of one of them; NULL if it is not there. */
struct json *form_attributes(struct rq *rq, int parameter);
const char *form_attribute(const struct json *attributes, const char *name);

/* A list for templates: for each attribute an object with name ("email"), label, type (of the input
 * element), autocomplete, placeholder where one helps, and value, as typed before. */
struct json *form_fields(struct rq *rq, struct words attributes, const struct json *typed);

/* Sets the member of model that chooses the label of the field for a name ("name_is_email" …): of
 * the one somebody signs in with, or of the one he signs up with. */
void form_name_label(const struct rq *rq, bool signing_up, struct json *model);

/* The sentences of the pool's password policy, as a list. */
struct json *form_rules(struct rq *rq);

/* What each of the scopes opens, in words, as a list; one of a resource server by its name. */
struct json *form_scopes(struct rq *rq, const char *scope);

#endif
