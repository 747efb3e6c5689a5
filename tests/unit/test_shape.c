/* test_shape - the table of data shapes: checking, projecting, binding */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/shape.h"

#define ONE "1 validation error detected: "
#define TWO "2 validation errors detected: "
#define FAILED " failed to satisfy constraint: Member must "

static struct rq *rq;

static int
begin(void **state)
{
	(void)state;
	assert_true(log_open("test", "stderr", "error"));
	rq = rq_begin("test");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	rq_end(&rq);
	return 0;
}

static struct json *
parsed(const char *s)
{
	struct json *value;
	const char *error;

	if (!json_parse(rq->mem, s, strlen(s), &value, &error))
		fail_msg("%s: %s", s, error);
	return value;
}

/* "" if s fits, else the name of the refusal, a blank and its text. */
static const char *
verdict(const char *shape, const char *s)
{
	int r = shape_check(rq, shape_find(shape), parsed(s));

	if (r == 0)
		return "";
	assert_int_equal(r, REFUSED);
	assert_int_equal(rq->refusal->status, 400);
	return arena_printf(rq->mem, "%s %s", rq->refusal->code, refusal_text(rq));
}

static void
every_shape_is_found_by_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < shape_table_n; i++)
		assert_ptr_equal(shape_find(shape_table[i].name), &shape_table[i]);
	assert_null(shape_find(""));
	assert_null(shape_find("CreateGroup"));
	assert_null(shape_find("zzz"));
	assert_non_null(shape_find("CreateGroup.in"));
	assert_non_null(shape_find("UserType"));
	assert_non_null(shape_find("Family"));
}

static void
members_say_what_the_model_says(void **state)
{
	const struct shape_member *m = shape_member(shape_find("CreateUserPoolClient.in"),
	    "CallbackURLs");

	(void)state;
	assert_int_equal(m->type, SHAPE_LIST);
	assert_int_equal(m->of, SHAPE_TEXT);
	assert_int_equal(m->max, 100);
	assert_int_equal(m->of_min, 1);
	assert_int_equal(m->of_max, 1024);
	assert_non_null(m->pattern);
	m = shape_member(shape_find("UserType"), "Attributes");
	assert_ptr_equal(m->shape, shape_find("AttributeType"));
	assert_int_equal(m->min, -1);
	m = shape_member(shape_find("CreateTerms.in"), "Links");
	assert_string_equal(m->pattern, "^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+$");
	assert_int_equal(strncmp(m->key_pattern, "^cognito:", 9), 0);
	assert_null(shape_member(shape_find("UserType"), "Nothing"));
}

static void
no_body_and_an_empty_body_differ(void **state)
{
	(void)state;
	assert_true(shape_find("AdminAddUserToGroup.out")->no_body);
	assert_false(shape_find("AdminConfirmSignUp.out")->no_body);
	assert_int_equal(shape_find("AdminConfirmSignUp.out")->n, 0);
}

static void
arguments_that_fit_are_taken(void **state)
{
	static const char *const cases[][2] = {
		{ "SignUp.in", "{\"ClientId\":\"abc\",\"Username\":\"jo\","
		    "\"Password\":\"in side\"}" },
		{ "SignUp.in", "{\"ClientId\":\"abc\",\"Username\":\"jo\",\"Unknown\":[1],"
		    "\"SecretHash\":null,\"UserAttributes\":[{\"Name\":\"email\","
		    "\"Value\":\"a@b\"}]}" },
		{ "CreateUserPool.in", "{\"PoolName\":\"My pool\",\"UserPoolTags\":{\"a\":\"\"},"
		    "\"SigningAlgorithm\":\"ES256\",\"Policies\":{\"PasswordPolicy\":{"
		    "\"MinimumLength\":6}}}" },
		{ "CreateUserPoolDomain.in",
		    "{\"UserPoolId\":\"us-east-1_a\",\"Domain\":\"auth.localhost:8080\"}" },
		{ "CreateGroup.in", "{\"UserPoolId\":\"us-east-1_a\",\"GroupName\":\"g\","
		    "\"Precedence\":2.0}" },
		{ "CompleteWebAuthnRegistration.in",
		    "{\"AccessToken\":\"a\",\"Credential\":{\"x\":[]}}" },
		{ "ListUserPools.in", "{\"MaxResults\":60}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(verdict(cases[i][0], cases[i][1]), "");
}

static void
each_broken_constraint_is_told_as_the_contract_says(void **state)
{
	static const char *const cases[][3] = {
		{ "ForgotPassword.in", "{\"Username\":\"jo\"}",
		    ONE "Value null at 'clientId'" FAILED "not be null" },
		{ "ForgotPassword.in", "{\"Username\":\"jo\",\"ClientId\":null}",
		    ONE "Value null at 'clientId'" FAILED "not be null" },
		{ "InitiateAuth.in", "{\"ClientId\":\"a\",\"AuthFlow\":\"X\"}",
		    ONE "Value 'X' at 'authFlow'" FAILED "satisfy enum value set: [USER_SRP_AUTH, "
		    "REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, "
		    "USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]" },
		{ "ListUserPools.in", "{\"MaxResults\":0}",
		    ONE "Value '0' at 'maxResults'" FAILED "have value greater than or equal "
		    "to 1" },
		{ "ListUserPools.in", "{\"MaxResults\":61}",
		    ONE "Value '61' at 'maxResults'" FAILED "have value less than or equal to 60" },
		{ "AdminUpdateUserAttributes.in", "{\"UserPoolId\":\"r_a\",\"Username\":\"jo\","
		    "\"UserAttributes\":[{\"Name\":\"ok\"},{\"Name\":\"\"}]}",
		    TWO "Value '' at 'userAttributes.2.member.name'" FAILED
		    "have length greater than or equal to 1; "
		    "Value '' at 'userAttributes.2.member.name'" FAILED
		    "satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\t\\n\\r "
		    "]+" },
		{ "CreateUserPoolClient.in", "{\"UserPoolId\":\"r_a\",\"ClientName\":\"n\","
		    "\"AllowedOAuthFlows\":[\"code\",\"x\"]}",
		    ONE "Value 'x' at 'allowedOAuthFlows.2.member'" FAILED
		    "satisfy enum value set: [code, implicit, client_credentials, "
		    "device_code, token_exchange]" },
		{ "CreateUserPool.in", "{\"PoolName\":\"n\",\"Schema\":[]}",
		    ONE "Value at 'schema'" FAILED "have length greater than or equal to 1" },
		{ "CreateUserPool.in",
		    "{\"PoolName\":\"n\",\"Policies\":{\"PasswordPolicy\":{\"MinimumLength\":5}}}",
		    ONE "Value '5' at 'policies.passwordPolicy.minimumLength'" FAILED
		    "have value greater than or equal to 6" },
		{ "CreateUserPool.in", "{\"PoolName\":\"n\",\"UserPoolTags\":{\"\":\"v\"}}",
		    ONE "Value at 'userPoolTags' failed to satisfy constraint: Map keys must "
		    "satisfy constraint: [Member must have length less than or equal to 128, "
		    "Member must have length greater than or equal to 1]" },
		{ "CreateTerms.in", "{\"UserPoolId\":\"r_a\",\"TermsName\":\"terms-of-use\","
		    "\"TermsSource\":\"LINK\",\"Enforcement\":\"NONE\",\"ClientId\":\"c\","
		    "\"Links\":{\"cognito:default\":\"\"}}",
		    TWO "Value '' at 'links' failed to satisfy constraint: Map value must satisfy "
		    "constraint: [Member must have length greater than or equal to 1]; "
		    "Value '' at 'links' failed to satisfy constraint: Map value must satisfy "
		    "constraint: [Member must satisfy regular expression pattern: "
		    "^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+$]" },
		{ "Client", "{\"UserPoolId\":\"r_a\",\"ClientId\":\"a\",\"ClientName\":\"n\","
		    "\"LastModifiedDate\":1.5,\"CreationDate\":1,\"ClientSecret\":\"s\"}",
		    ONE "Value at 'clientSecret'" FAILED "be null" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(verdict(cases[i][0], cases[i][1]),
		    arena_printf(rq->mem, "InvalidParameterException %s", cases[i][2]));
}

static void
a_sensitive_value_is_never_told(void **state)
{
	static const char *const cases[][2] = {
		{ "SignUp.in", "{\"ClientId\":\"a\",\"Username\":\"jo\","
		    "\"Password\":\" hunter2\"}" },
		{ "SignUp.in", "{\"ClientId\":\"hunter2-\",\"Username\":\"jo\"}" },
		{ "SignUp.in", "{\"ClientId\":\"a\",\"Username\":\"hunter2 \"}" },
		{ "RevokeToken.in", "{\"Token\":\"hunter2 \",\"ClientId\":\"a\"}" },
		{ "GetUser.in", "{\"AccessToken\":\"hunter2 \"}" },
		{ "ConfirmSignUp.in",
		    "{\"ClientId\":\"a\",\"Username\":\"jo\",\"ConfirmationCode\":\"hunter2 \"}" },
		{ "CreateTerms.in", "{\"Links\":{\"hunter2\":\"x\"}}" },
		{ "VerifySoftwareToken.in", "{\"UserCode\":\"hunter2\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *s = verdict(cases[i][0], cases[i][1]);

		assert_string_not_equal(s, "");
		assert_null(strstr(s, "hunter2"));
		assert_non_null(strstr(s, "Value at '"));
	}
}

static void
a_long_value_is_not_told_either(void **state)
{
	char name[400], *s;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	s = arena_printf(rq->mem, "{\"PoolName\":\"%s\"}", name);
	assert_string_equal(verdict("CreateUserPool.in", s),
	    "InvalidParameterException " ONE "Value at 'poolName'" FAILED
	    "have length less than or equal to 128");
}

static void
length_counts_characters_and_not_bytes(void **state)
{
	char name[2 * 128 + 1];

	(void)state;
	for (size_t i = 0; i < 128; i++)
		memcpy(name + 2 * i, "\xc3\xa9", 2);
	name[256] = '\0';
	assert_string_equal(verdict("GetGroup.in", arena_printf(rq->mem,
	    "{\"UserPoolId\":\"r_a\",\"GroupName\":\"%s\"}", name)), "");
	assert_non_null(strstr(verdict("GetGroup.in", arena_printf(rq->mem,
	    "{\"UserPoolId\":\"r_a\",\"GroupName\":\"%sx\"}", name)), "less than or equal to 128"));
}

static void
at_most_ten_faults_are_told(void **state)
{
	const char *s = verdict("AdminUpdateUserAttributes.in",
	    "{\"UserPoolId\":\"r_a\",\"Username\":"
	    "\"jo\",\"UserAttributes\":[{},{},{},{},{},{},{},{},{},{},{},{}]}");
	int n = 0;

	(void)state;
	assert_non_null(strstr(s, " 10 validation errors detected: "));
	for (; (s = strstr(s, "Value null")) != NULL; s++)
		n++;
	assert_int_equal(n, 10);
}

static void
a_wrong_json_type_is_no_validation_error(void **state)
{
	static const char *const cases[][3] = {
		{ "SignUp.in", "[]", "Start of list can not be converted to a Structure" },
		{ "SignUp.in", "null", "NULL_VALUE can not be converted to a Structure" },
		{ "SignUp.in", "{\"ClientId\":1}",
		    "NUMBER_VALUE can not be converted to a String (at 'clientId')" },
		{ "SignUp.in", "{\"ClientId\":\"a\",\"UserAttributes\":{}}",
		    "Start of structure or map can not be converted to a List (at "
		    "'userAttributes')" },
		{ "SignUp.in", "{\"ClientId\":\"a\",\"UserAttributes\":[\"x\"]}",
		    "STRING_VALUE can not be converted to a Structure (at "
		    "'userAttributes.1.member')" },
		{ "SignUp.in", "{\"ClientId\":\"a\",\"UserAttributes\":[null]}",
		    "NULL_VALUE can not be converted to a Structure (at "
		    "'userAttributes.1.member')" },
		{ "SignUp.in", "{\"ClientMetadata\":{\"a\":true}}",
		    "BOOLEAN_VALUE can not be converted to a String (at 'clientMetadata')" },
		{ "ListUserPools.in", "{\"MaxResults\":\"5\"}",
		    "STRING_VALUE can not be converted to an Integer (at 'maxResults')" },
		{ "ListUserPools.in", "{\"MaxResults\":1.5}",
		    "NUMBER_VALUE can not be converted to an Integer (at 'maxResults')" },
		{ "ListUserPools.in", "{\"MaxResults\":1e999}",
		    "NUMBER_VALUE can not be converted to an Integer (at 'maxResults')" },
		{ "AdminSetUserPassword.in", "{\"Permanent\":\"true\"}",
		    "STRING_VALUE can not be converted to a Boolean (at 'permanent')" },
		{ "SetUICustomization.in", "{\"UserPoolId\":\"r_a\",\"ImageFile\":\"?\"}",
		    "STRING_VALUE can not be converted to a Blob (at 'imageFile')" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(verdict(cases[i][0], cases[i][1]),
		    arena_printf(rq->mem, "SerializationException %s", cases[i][2]));
}

static void
projecting_leaves_what_the_shape_names(void **state)
{
	const struct json *in = parsed("{\"UserPoolId\":\"r_a\",\"x\":1,\"ClientSecret\":\"s\","
	    "\"RefreshTokenRotation\":{\"Feature\":\"ENABLED\",\"x\":1},\"ClientName\":null,"
	    "\"ClientSecrets\":[{\"Sealed\":\"s\",\"x\":1}],\"CallbackURLs\":[\"u\"]}");

	(void)state;
	assert_true(json_equal(shape_project(rq->mem, shape_find("Client"), in),
	    parsed("{\"UserPoolId\":\"r_a\",\"CallbackURLs\":[\"u\"],"
	    "\"RefreshTokenRotation\":{\"Feature\":\"ENABLED\"},"
	    "\"ClientSecrets\":[{\"Sealed\":\"s\"}]}")));
	assert_int_equal(json_count(shape_project(rq->mem, shape_find("Client"), NULL)), 0);
}

struct bound {
	const char *name, *missing;
	int64_t length, none;
	bool symbols, rotation, off, on;
	struct words flows, no_flows;
	const struct json *policy;
};

static void
binding_fills_a_struct_by_its_table(void **state)
{
	static const struct bind table[] = {
		{ "Name", BIND_TEXT, offsetof(struct bound, name) },
		{ "A.B.Missing", BIND_TEXT, offsetof(struct bound, missing) },
		{ "Policies.PasswordPolicy.MinimumLength", BIND_INT,
		    offsetof(struct bound, length) },
		{ "Name.None", BIND_INT, offsetof(struct bound, none) },
		{ "Policies.PasswordPolicy.RequireSymbols", BIND_BOOL,
		    offsetof(struct bound, symbols) },
		{ "Rotation", BIND_BOOL, offsetof(struct bound, rotation) },
		{ "Off", BIND_TRUE, offsetof(struct bound, off) },
		{ "On", BIND_TRUE, offsetof(struct bound, on) },
		{ "Flows", BIND_WORDS, offsetof(struct bound, flows) },
		{ "NoFlows", BIND_WORDS, offsetof(struct bound, no_flows) },
		{ "Policies.PasswordPolicy", BIND_JSON, offsetof(struct bound, policy) },
		{ NULL, BIND_TEXT, 0 }
	};
	struct bound out;

	(void)state;
	memset(&out, 0xff, sizeof(out));
	shape_bind(rq->mem, table, parsed("{\"Name\":\"n\",\"Off\":false,\"Flows\":[\"code\","
	    "\"x\"],"
	    "\"Policies\":{\"PasswordPolicy\":{\"MinimumLength\":12,\"RequireSymbols\":true}}}"),
	    &out);
	assert_string_equal(out.name, "n");
	assert_null(out.missing);
	assert_int_equal(out.length, 12);
	assert_int_equal(out.none, 0);
	assert_true(out.symbols);
	assert_false(out.rotation);
	assert_false(out.off);
	assert_true(out.on);
	assert_int_equal(out.flows.n, 2);
	assert_int_equal(out.no_flows.n, 0);
	assert_int_equal(json_count(out.policy), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_is_found_by_its_name),
		cmocka_unit_test(members_say_what_the_model_says),
		cmocka_unit_test(no_body_and_an_empty_body_differ),
		cmocka_unit_test(arguments_that_fit_are_taken),
		cmocka_unit_test(each_broken_constraint_is_told_as_the_contract_says),
		cmocka_unit_test(a_sensitive_value_is_never_told),
		cmocka_unit_test(a_long_value_is_not_told_either),
		cmocka_unit_test(length_counts_characters_and_not_bytes),
		cmocka_unit_test(at_most_ten_faults_are_told),
		cmocka_unit_test(a_wrong_json_type_is_no_validation_error),
		cmocka_unit_test(projecting_leaves_what_the_shape_names),
		cmocka_unit_test(binding_fills_a_struct_by_its_table),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
