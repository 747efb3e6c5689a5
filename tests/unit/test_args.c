/* test_args - command lines as the AWS command line takes them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/args.h"
#include "base/text.h"

static struct arena *mem;

static int
begin(void **state)
{
	(void)state;
	mem = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&mem);
	return 0;
}

/* Words of the line, separated by |; what they say, with ' for ", or the sentence that refuses. */
static const char *
parse(const char *operation, const char *line)
{
	const struct shape *shape = shape_find(arena_printf(mem, "%s.in", operation));
	struct words words = words_split(mem, line, '|');
	const char *error;
	struct json *in;
	char *s, *p;

	assert_non_null(shape);
	if (!args_parse(mem, shape, (int)words.n, words.at, &in, &error))
		return error;
	s = arena_dup(mem, json_print(mem, in));
	for (p = s; *p != '\0'; p++)
		if (*p == '"')
			*p = '\'';
	return s;
}

static void
names_are_spelled_as_the_aws_command_line_spells_them(void **state)
{
	static const char *const cases[][2] = {
		{ "UserPoolId", "user-pool-id" },
		{ "CallbackURLs", "callback-urls" },
		{ "DefaultRedirectURI", "default-redirect-uri" },
		{ "AllowedOAuthFlowsUserPoolClient", "allowed-o-auth-flows-user-pool-client" },
		{ "AllowedOAuthScopes", "allowed-o-auth-scopes" },
		{ "AdminSetUserMFAPreference", "admin-set-user-mfa-preference" },
		{ "SMSMfaSettings", "sms-mfa-settings" },
		{ "IdTokenValidity", "id-token-validity" },
		{ "UserPoolTags", "user-pool-tags" },
		{ "Filter", "filter" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(args_spell(mem, cases[i][0]), cases[i][1]);
}

static const struct {
	const char *operation, *line, *json;
} understood[] = {
	{ "GetGroup", "--group-name|g|--user-pool-id|p",
	    "{'GroupName':'g','UserPoolId':'p'}" },
	{ "GetGroup", "--group-name=a=b|--user-pool-id=p",
	    "{'GroupName':'a=b','UserPoolId':'p'}" },
	{ "ListUserPools", "--max-results|10", "{'MaxResults':10}" },
	{ "AdminSetUserPassword",
	    "--permanent|--password|--x|--user-pool-id|p|--username|u",
	    "{'Permanent':true,'Password':'--x','UserPoolId':'p','Username':'u'}" },
	{ "AdminSetUserPassword",
	    "--no-permanent|--password|x|--user-pool-id|p|--username|u",
	    "{'Permanent':false,'Password':'x','UserPoolId':'p','Username':'u'}" },
	{ "CreateUserPool", "--pool-name|x|--username-attributes|email|phone_number",
	    "{'PoolName':'x','UsernameAttributes':['email','phone_number']}" },
	{ "CreateUserPool", "--pool-name|x|--username-attributes|[\"email\"]",
	    "{'PoolName':'x','UsernameAttributes':['email']}" },
	{ "CreateUserPool", "--pool-name|x|--user-pool-tags|a=1,b=two words",
	    "{'PoolName':'x','UserPoolTags':{'a':'1','b':'two words'}}" },
	{ "CreateUserPool", "--pool-name|x|--user-pool-tags|{\"a\":\"1\"}",
	    "{'PoolName':'x','UserPoolTags':{'a':'1'}}" },
	{ "CreateUserPool", "--pool-name|x|--username-configuration|CaseSensitive=false",
	    "{'PoolName':'x','UsernameConfiguration':{'CaseSensitive':false}}" },
	{ "CreateUserPool", "--pool-name|x|--policies|"
	    "PasswordPolicy={MinimumLength=10,RequireSymbols=false}",
	    "{'PoolName':'x','Policies':{'PasswordPolicy':{'MinimumLength':10,"
	    "'RequireSymbols':false}}}" },
	{ "CreateUserPool", "--pool-name|x|--policies|"
	    "SignInPolicy={AllowedFirstAuthFactors=[PASSWORD,EMAIL_OTP]}",
	    "{'PoolName':'x','Policies':{'SignInPolicy':{'AllowedFirstAuthFactors':"
	    "['PASSWORD','EMAIL_OTP']}}}" },
	{ "CreateUserPool", "--pool-name|x|--account-recovery-setting|"
	    "RecoveryMechanisms=[{Priority=1,Name=verified_email},{Priority=2,"
	    "Name=admin_only}]",
	    "{'PoolName':'x','AccountRecoverySetting':{'RecoveryMechanisms':"
	    "[{'Priority':1,'Name':'verified_email'},{'Priority':2,"
	    "'Name':'admin_only'}]}}" },
	{ "CreateUserPool", "--pool-name|x|--user-attribute-update-settings|"
	    "AttributesRequireVerificationBeforeUpdate=email,phone_number",
	    "{'PoolName':'x','UserAttributeUpdateSettings':"
	    "{'AttributesRequireVerificationBeforeUpdate':['email','phone_number']}}" },
	{ "AdminUpdateUserAttributes", "--user-pool-id|p|--username|u|--user-attributes|"
	    "Name=email,Value=a@b.c|Name=address,Value=\"1, \\\"High\\\" "
	    "St\"|Name=nickname,Value={x}",
	    "{'UserPoolId':'p','Username':'u','UserAttributes':["
	    "{'Name':'email','Value':'a@b.c'},{'Name':'address','Value':'1, \\'High\\' "
	    "St'},{'Name':'nickname','Value':'{x}'}]}" },
	{ "AdminUpdateUserAttributes", "--user-pool-id|p|--username|u|--user-attributes|"
	    "[{\"Name\":\"a\",\"Value\":\"b\"}]",
	    "{'UserPoolId':'p','Username':'u','UserAttributes':[{'Name':'a',"
	    "'Value':'b'}]}" },
	{ "GetGroup", "--cli-input-json|{\"GroupName\":\"a\","
	    "\"UserPoolId\":\"p\"}|--group-name|b",
	    "{'GroupName':'b','UserPoolId':'p'}" },
};

static void
every_type_of_option_becomes_its_json(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(understood) / sizeof(understood[0]); i++)
		assert_string_equal(parse(understood[i].operation, understood[i].line),
		    understood[i].json);
}

static void
what_is_no_argument_is_named(void **state)
{
	static const struct {
		const char *operation, *line, *sentence;
	} cases[] = {
		{ "GetGroup", "--group-name|g",
		    "the following arguments are required: --user-pool-id" },
		{ "GetGroup", "--group|g", "Unknown options: --group" },
		{ "GetGroup", "g", "Unknown options: g" },
		{ "GetGroup", "--group-name|\xff", "argument 2 is not UTF-8 text" },
		{ "GetGroup", "--no-group-name|g", "Unknown options: --no-group-name" },
		{ "GetGroup", "--group-name", "argument --group-name: expected one argument" },
		{ "ListUserPools", "--max-results|ten", "ten is not a whole number" },
		{ "ListUserPools", "--max-results|",
		    "argument --max-results: expected one argument" },
		{ "CreateUserPool", "--policies|PasswordPolicy=x",
		    "PasswordPolicy takes {key=value,...}" },
		{ "CreateUserPool", "--policies|Passwords={}",
		    "Unknown parameter in input: \"Passwords\"" },
		{ "CreateUserPool", "--policies|PasswordPolicy={MinimumLength=8",
		    "expected '}' at: " },
		{ "CreateUserPool", "--policies|{\"PasswordPolicy\"",
		    NULL },
		{ "CreateUserPool", "--username-configuration|CaseSensitive=maybe",
		    "maybe is neither true nor false" },
		{ "AdminUpdateUserAttributes", "--user-attributes|Name=a,Value=b,c",
		    "expected key=value at: c" },
		{ "AdminUpdateUserAttributes", "--user-attributes|Name=\"a",
		    "a quotation that does not end: a" },
	};
	const char *sentence;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sentence = parse(cases[i].operation, cases[i].line);
		if (cases[i].sentence != NULL)
			assert_string_equal(sentence, cases[i].sentence);
		else
			assert_true(text_starts(sentence, "Invalid JSON: "));
	}
}

static void
answers_show_times_as_text(void **state)
{
	struct json *out = json_object(mem), *group = json_object(mem);

	(void)state;
	json_set_text(group, "GroupName", "g");
	json_set_real(group, "CreationDate", 1795180126.776);
	json_set(out, "Group", group);
	out = args_present(mem, shape_find("CreateGroup.out"), out);
	assert_string_equal(json_text(json_get(out, "Group"), "CreationDate"),
	    "2026-11-20T13:08:46.776000+00:00");
	assert_string_equal(json_text(json_get(out, "Group"), "GroupName"), "g");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_spelled_as_the_aws_command_line_spells_them),
		cmocka_unit_test(every_type_of_option_becomes_its_json),
		cmocka_unit_test(what_is_no_argument_is_named),
		cmocka_unit_test(answers_show_times_as_text),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
