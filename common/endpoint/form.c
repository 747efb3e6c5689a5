/* form - what the pages with forms share */
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "endpoint/answer.h"
#include "endpoint/call.h"
#include "endpoint/form.h"
#include "store/pool.h"
#include "web/lang.h"

bool
is_post(const struct rq *rq)
{
	return text_equal(rq->call->source.method, "POST");
}

/* The browser keeps its token from page to page, so that two open tabs both work; a sign-in changes
 * it. */
const char *
form_token(struct rq *rq)
{
	const char *held;

	if (rq->call->token != NULL)
		return rq->call->token;
	held = cookie_get(rq->mem, COOKIE_FORM, rq->call->source.cookies);
	if (held != NULL && syn_uuid(held))
		return rq->call->token = held;
	form_renew(rq);
	return rq->call->token;
}

void
form_renew(struct rq *rq)
{
	rq->call->token = random_uuid(rq->mem);
	answer_cookie(rq, COOKIE_FORM, rq->call->token, 0);
}

struct json *
form_attributes(struct rq *rq, int parameter)
{
	struct json *list = json_array(rq->mem);
	const struct param_pair *pairs;
	size_t n, i;

	n = param_family(rq, &rq->call->page->params[parameter], &rq->call->source, &pairs);
	for (i = 0; i < n; i++) {
		struct json *attribute = json_object(rq->mem);

		json_set_text(attribute, "Name", pairs[i].name);
		json_set_text(attribute, "Value", pairs[i].value);
		json_add(list, attribute);
	}
	return list;
}

const char *
form_attribute(const struct json *attributes, const char *name)
{
	return json_text(json_find(attributes, "Name", name), "Value");
}

/* How browsers help to fill in what (HTML, autofill field names). */
static const struct { const char *attribute, *type, *autocomplete, *placeholder; } inputs[] = {
	{ "email",        "email", "email",           "email_placeholder" },
	{ "phone_number", "tel",   "tel",             "phone_placeholder" },
	{ "name",         "text",  "name",            NULL },
	{ "given_name",   "text",  "given-name",      NULL },
	{ "family_name",  "text",  "family-name",     NULL },
	{ "middle_name",  "text",  "additional-name", NULL },
	{ "nickname",     "text",  "nickname",        NULL },
	{ "birthdate",    "date",  "bday",            NULL },
	{ "website",      "url",   "url",             NULL },
	{ "gender",       "text",  "sex",             NULL },
	{ "picture",      "url",   "photo",           NULL },
	{ "address",      "text",  "street-address",  NULL },
};

static struct json *
form_field(struct rq *rq, const char *attribute, const char *typed)
{
	struct json *field = json_object(rq->mem);
	size_t i, n = sizeof(inputs) / sizeof(inputs[0]);
	const char *key = arena_printf(rq->mem, "attribute_%s", attribute);
	const char *label = text_starts(attribute, "custom:") ? attribute + strlen("custom:") :
	    lang_sentence(rq->lang, key);

	for (i = 0; i < n && !text_equal(inputs[i].attribute, attribute); i++)
		continue;
	json_set_text(field, "name", attribute);
	json_set_text(field, "label", label);
	json_set_text(field, "type", i < n ? inputs[i].type : "text");
	json_set_text(field, "autocomplete", i < n ? inputs[i].autocomplete : "off");
	if (i < n && inputs[i].placeholder != NULL)
		json_set_text(field, "placeholder", lang_sentence(rq->lang, inputs[i].placeholder));
	json_set_text(field, "value", typed);
	return field;
}

struct json *
form_fields(struct rq *rq, struct words attributes, const struct json *typed)
{
	struct json *list = json_array(rq->mem);
	size_t i;

	for (i = 0; i < attributes.n; i++)
		json_add(list, form_field(rq, attributes.at[i],
		    form_attribute(typed, attributes.at[i])));
	return list;
}

void
form_name_label(const struct rq *rq, bool signing_up, struct json *model)
{
	bool email = words_have(rq->pool->username_attributes, "email");
	bool phone = words_have(rq->pool->username_attributes, "phone_number");
	bool alias = !signing_up && words_have(rq->pool->alias_attributes, "email");

	json_set_bool(model, email && phone ? "name_is_email_or_phone" : email ? "name_is_email" :
	    phone ? "name_is_phone_number" : alias ? "name_is_username_or_email" :
	    "name_is_username", true);
}

struct json *
form_rules(struct rq *rq)
{
	const struct pool *pool = rq->pool;
	const struct { bool on; const char *key; } rules[] = {
		{ pool->lower, "rule_lower" }, { pool->upper, "rule_upper" },
		{ pool->digits, "rule_digits" }, { pool->symbols, "rule_symbols" },
		{ true, "rule_length" },
	};
	const struct lang *lang = rq->lang;
	const char *least = arena_printf(rq->mem, "%lld", (long long)pool->password_least);
	struct json *list = json_array(rq->mem);
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].on)
			json_add_text(list,
			    text_fill(rq->mem, lang_sentence(lang, rules[i].key), least));
	return list;
}

/* Each scope in words; one of a resource server by its name. */
struct json *
form_scopes(struct rq *rq, const char *scope)
{
	struct words names = words_split(rq->mem, scope, ' ');
	struct json *list = json_array(rq->mem);
	size_t i;

	for (i = 0; i < names.n; i++) {
		bool own = text_equal(names.at[i], "aws.cognito.signin.user.admin");
		const char *key = arena_printf(rq->mem, "scope_%s", own ? "own" : names.at[i]);
		const char *sentence = lang_sentence(rq->lang, key);

		json_add_text(list, sentence != key ? sentence : names.at[i]);
	}
	return list;
}
