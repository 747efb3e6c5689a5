/* test_op - the operations of the user pool API, as whoever calls them sees them
 *
 * A store in a folder of its own, settings from a file. JSON is written with ' for ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <limits.h>
#include <unistd.h>

#include "api/op.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/shape.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "oidc/grant.h"
#include "store/client.h"
#include "store/group.h"
#include "store/user.h"

static struct arena *mem;	/* of one test */
static struct arena *lasting;
static char folder[] = "/tmp/test_op.XXXXXX";
static const char *pool;	/* id of the pool of this test */

/*
 * The world.
 */

static int
begin_all(void **state)
{
	const char *error = "", *path;
	char where[PATH_MAX];
	struct rq *rq;
	FILE *file;

	(void)state;
	lasting = arena_new();
	if (mkdtemp(folder) == NULL)
		return -1;
	path = arena_printf(lasting, "%s/tarn.conf", folder);
	if ((file = fopen(path, "w")) == NULL)
		return -1;
	(void)fputs("data = data\nrun = run\npublish = www\nmaster_key = master.key\nregion = "
	    "eu-test-1\n"
	    "prefix_domain = auth.example.com\nargon2_kibibytes = 8192\nargon2_passes = 1\n"
	    "cache_megabytes = 4\n", file);
	(void)fprintf(file, "templates = %s/templates\n",
	    realpath(getenv("srcdir") != NULL ? getenv("srcdir") : ".", where));
	if (fclose(file) != 0)
		return -1;
	if (!conf_read(path, &error)) {
		(void)fprintf(stderr, "%s\n", error);
		return -1;
	}
	rq = rq_begin("test_op");
	kv_found();
	if (aead_create_file(rq, conf->master_key) != 0)
		return -1;
	rq_end(&rq);
	return 0;
}

static void
remove_all(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (!text_equal(entry->d_name, ".") && !text_equal(entry->d_name, ".."))
			remove_all(arena_printf(lasting, "%s/%s", path, entry->d_name));
	if (dir != NULL)
		(void)closedir(dir);
	(void)remove(path);
}

static int
end_all(void **state)
{
	(void)state;
	kv_close();
	remove_all(folder);
	arena_free(&lasting);
	return 0;
}

static const struct json *
json(const char *text)
{
	char *copy = arena_dup(mem, text), *p;
	struct json *value = NULL;
	const char *error = "";

	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	if (!json_parse(mem, copy, strlen(copy), &value, &error))
		fail_msg("%s: %s", error, copy);
	return value;
}

static const struct op *
find(const char *name)
{
	size_t i;

	for (i = 0; i < n_ops; i++)
		if (strcmp(ops[i].name, name) == 0)
			return &ops[i];
	fail_msg("no operation %s", name);
	return NULL;
}

/* "Exception: sentence", or NULL and the answer in *out_r. The pool of the test is in every
 * call. */
static const char *
run(const char *name, const char *arguments, const struct json **out_r)
{
	struct json *in = json_copy(mem, json(arguments)), *out;
	struct rq *rq = rq_begin("test_op");
	const char *error = NULL;
	int r;

	if (pool != NULL && !json_has(in, "UserPoolId"))
		json_set_text(in, "UserPoolId", pool);
	r = op_run(rq, find(name), in, &out);
	assert_true(r >= 0);
	if (r != 0)
		error = arena_printf(mem, "%s: %s", rq->refusal->code, refusal_text(rq));
	else if (out_r != NULL)
		*out_r = json_copy(mem, out);
	rq_end(&rq);
	return error;
}

/* Must go well. */
static const struct json *
call(const char *name, const char *arguments)
{
	const struct json *out = NULL;
	const char *error = run(name, arguments, &out);

	if (error != NULL)
		fail_msg("%s: %s", name, error);
	return out;
}

static void
refused(const char *name, const char *arguments, const char *wanted)
{
	const char *error = run(name, arguments, NULL);

	if (error == NULL)
		fail_msg("%s %s went through", name, arguments);
	assert_string_equal(error, wanted);
}

static const char *
new_pool(const char *members)
{
	pool = NULL;
	pool = json_text(json_get(call("CreateUserPool", members), "UserPool"), "Id");
	pool = arena_dup(lasting, pool);
	return pool;
}

static const char *
new_client(const char *members)
{
	return json_text(json_get(call("CreateUserPoolClient", members), "UserPoolClient"),
	    "ClientId");
}

static int
begin(void **state)
{
	(void)state;
	mem = arena_new();
	(void)new_pool("{'PoolName':'test','SigningAlgorithm':'ES256'}");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&mem);
	return 0;
}

static const char *
with(const char *fmt, const char *a)
{
	return text_fill(mem, fmt, a);
}

static const char *
attribute(const struct json *list, const char *name)
{
	size_t i;

	for (i = 0; i < json_count(list); i++)
		if (text_equal(json_text(json_at(list, i), "Name"), name))
			return json_text(json_at(list, i), "Value");
	return NULL;
}

static const struct json *
get_user(const char *name)
{
	return call("AdminGetUser", with("{'Username':'%s'}", name));
}

/*
 * The table.
 */

static void
the_table_is_sorted_and_every_row_has_its_shapes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < n_ops; i++) {
		assert_true(i == 0 || strcmp(ops[i - 1].name, ops[i].name) < 0);
		assert_non_null(shape_find(arena_printf(mem, "%s.in", ops[i].name)));
		assert_non_null(shape_find(arena_printf(mem, "%s.out", ops[i].name)));
		assert_non_null(ops[i].run);
	}
}

static void
arguments_are_checked_before_anything_is_looked_up(void **state)
{
	(void)state;
	refused("GetGroup", "{'UserPoolId':'none','GroupName':'g'}",
	    "InvalidParameterException: 1 validation error detected: Value 'none' at "
	    "'userPoolId' failed to satisfy constraint: Member must satisfy regular expression "
	    "pattern: [\\w-]+_[0-9a-zA-Z]+");
	refused("GetGroup", "{'UserPoolId':'eu-test-1_none','GroupName':'g'}",
	    "ResourceNotFoundException: User pool eu-test-1_none does not exist.");
}

static int tries_to_lose;

/* An operation that writes over what it read, after somebody else did, as often as it is told
 * to. */
static int
racing(struct rq *rq, const struct json *in, struct json *out)
{
	struct rq *other = rq_begin("other");
	const struct pool *seen, *theirs;
	struct json *doc;
	int r;

	(void)out;
	if ((r = pool_get(rq, json_text(in, "UserPoolId"), &seen)) != 0)
		return r;
	if (tries_to_lose-- > 0) {
		assert_int_equal(pool_get(other, seen->id, &theirs), 0);
		doc = json_copy(other->mem, theirs->doc);
		json_set_text(doc, "Name", arena_printf(mem, "theirs %d", tries_to_lose));
		assert_int_equal(pool_change(other, theirs, doc), 0);
		assert_int_equal(kv_apply(other), 0);
	}
	rq_end(&other);
	doc = json_copy(rq->mem, seen->doc);
	json_set_text(doc, "Name", arena_printf(mem, "mine after %s", seen->name));
	return pool_change(rq, seen, doc);
}

static void
a_lost_race_runs_again_on_what_is_there_now(void **state)
{
	static const struct op op = { "DescribeUserPool", racing, NULL };
	struct rq *rq = rq_begin("test_op");
	struct json *out;

	(void)state;
	tries_to_lose = 3;
	assert_int_equal(op_run(rq, &op, json(with("{'UserPoolId':'%s'}", pool)), &out), 0);
	assert_string_equal(json_text(json_get(call("DescribeUserPool", "{}"), "UserPool"), "Name"),
	    "mine after theirs 0");
	tries_to_lose = 1000;
	assert_int_equal(op_run(rq, &op, json(with("{'UserPoolId':'%s'}", pool)), &out), FAULT);
	rq_end(&rq);
}

/*
 * Pools.
 */

static void
a_new_pool_shows_the_contracts_defaults(void **state)
{
	const struct json *doc;

	(void)state;
	(void)new_pool("{'PoolName':'test'}");
	doc = json_get(call("DescribeUserPool", "{}"), "UserPool");
	assert_true(json_equal(json_get(doc, "Policies"),
	    json("{'PasswordPolicy':{'MinimumLength':8,"
	    "'RequireUppercase':true,'RequireLowercase':true,'RequireNumbers':true,"
	    "'RequireSymbols':true,'TemporaryPasswordValidityDays':7},"
	    "'SignInPolicy':{'AllowedFirstAuthFactors':['PASSWORD']}}")));
	assert_true(json_equal(json_get(doc, "VerificationMessageTemplate"),
	    json("{'DefaultEmailOption':'CONFIRM_WITH_CODE'}")));
	assert_true(json_equal(json_get(doc, "AdminCreateUserConfig"),
	    json("{'AllowAdminCreateUserOnly':false,'UnusedAccountValidityDays':7}")));
	assert_true(json_equal(json_get(doc, "LambdaConfig"), json("{}")));
	assert_string_equal(json_text(doc, "MfaConfiguration"), "OFF");
	assert_string_equal(json_text(doc, "SigningAlgorithm"), "RS256");
	assert_string_equal(json_text(doc, "DeletionProtection"), "INACTIVE");
	assert_false(json_has(doc, "UsernameAttributes"));
	assert_int_equal(json_count(json_get(doc, "SchemaAttributes")), 20);
	assert_true(text_starts(json_text(doc, "Id"), "eu-test-1_"));
	assert_int_equal(strlen(json_text(doc, "Id")), strlen("eu-test-1_") + 9);
}

static void
an_update_resets_what_it_leaves_out_and_keeps_what_is_fixed(void **state)
{
	const struct json *doc;

	(void)state;
	(void)new_pool("{'PoolName':'a','UsernameAttributes':['email'],'SigningAlgorithm':'ES256',"
	    "'UsernameConfiguration':{'CaseSensitive':false},'AutoVerifiedAttributes':['email'],"
	    "'Policies':{'PasswordPolicy':{'MinimumLength':12}},"
	    "'Schema':[{'Name':'team','AttributeDataType':'String'}]}");
	(void)call("UpdateUserPool", "{'AdminCreateUserConfig':{'AllowAdminCreateUserOnly':true}}");
	doc = json_get(call("DescribeUserPool", "{}"), "UserPool");
	assert_string_equal(json_text(doc, "Name"), "a");
	assert_string_equal(json_text(doc, "SigningAlgorithm"), "ES256");
	assert_true(json_equal(json_get(doc, "UsernameAttributes"), json("['email']")));
	assert_false(json_flag(json_get(doc, "UsernameConfiguration"), "CaseSensitive", true));
	assert_int_equal(json_count(json_get(doc, "SchemaAttributes")), 21);
	assert_true(json_flag(json_get(doc, "AdminCreateUserConfig"), "AllowAdminCreateUserOnly",
	    false));
	assert_int_equal(json_int(json_get(json_get(doc, "Policies"), "PasswordPolicy"),
	    "MinimumLength", 0), 8);
	assert_false(json_has(doc, "AutoVerifiedAttributes"));
	(void)call("UpdateUserPool", "{'PoolName':'b'}");
	doc = json_get(call("DescribeUserPool", "{}"), "UserPool");
	assert_string_equal(json_text(doc, "Name"), "b");
	assert_false(json_flag(json_get(doc, "AdminCreateUserConfig"), "AllowAdminCreateUserOnly",
	    true));
}

static void
a_policy_that_is_given_asks_for_what_it_names(void **state)
{
	const struct json *policy;

	(void)state;
	(void)new_pool("{'PoolName':'a','Policies':{'PasswordPolicy':{'MinimumLength':6,"
	    "'RequireNumbers':true}}}");
	policy = json_get(json_get(json_get(call("DescribeUserPool", "{}"), "UserPool"),
	    "Policies"),
	    "PasswordPolicy");
	assert_true(json_flag(policy, "RequireNumbers", false));
	assert_false(json_flag(policy, "RequireSymbols", true));
}

static void
another_algorithm_makes_new_keys_and_retires_the_old(void **state)
{
	const struct signer *const *signers;
	struct rq *rq = rq_begin("test_op");
	size_t i, n, live = 0;

	(void)state;
	(void)call("UpdateUserPool", "{'SigningAlgorithm':'RS256'}");
	assert_int_equal(signer_list(rq, pool, &signers, &n), 0);
	assert_int_equal(n, 4);
	for (i = 0; i < n; i++) {
		live += signers[i]->retired == 0;
		assert_string_equal(signers[i]->algorithm,
		    signers[i]->retired == 0 ? "RS256" : "ES256");
	}
	assert_int_equal(live, 2);
	rq_end(&rq);
}

static void
attributes_of_the_callers_own_get_their_prefix(void **state)
{
	const struct json *schema;
	struct rq *rq = rq_begin("test_op");
	const struct pool *found;

	(void)state;
	(void)new_pool("{'PoolName':'a','Schema':[{'Name':'email','Required':true,'Mutable':false},"
	    "{'Name':'team','AttributeDataType':'String'},"
	    "{'Name':'tier','AttributeDataType':'Number','DeveloperOnlyAttribute':true,"
	    "'Mutable':false}]}");
	(void)call("AddCustomAttributes", "{'CustomAttributes':[{'Name':'since',"
	    "'AttributeDataType':'DateTime'}]}");
	assert_int_equal(pool_get(rq, pool, &found), 0);
	assert_true(json_flag(pool_attribute(found, "email"), "Required", false));
	assert_false(json_flag(pool_attribute(found, "email"), "Mutable", true));
	assert_true(json_flag(pool_attribute(found, "custom:team"), "Mutable", false));
	schema = pool_attribute(found, "dev:custom:tier");
	assert_false(json_flag(schema, "Mutable", true));
	assert_true(json_has(schema, "NumberAttributeConstraints"));
	assert_non_null(pool_attribute(found, "custom:since"));
	rq_end(&rq);
	refused("AddCustomAttributes", "{'CustomAttributes':[{'Name':'team'}]}",
	    "InvalidParameterException: custom:team: Existing attribute already has name "
	    "custom:team.");
	refused("AddCustomAttributes", "{'CustomAttributes':[{'Name':'x','Required':true}]}",
	    "InvalidParameterException: Required custom attributes are not supported currently.");
}

static void
a_pool_that_cannot_be_is_refused(void **state)
{
	(void)state;
	pool = NULL;
	refused("CreateUserPool", "{'PoolName':'a','AliasAttributes':['email'],"
	    "'UsernameAttributes':['email']}", "InvalidParameterException: Only one of the "
	    "aliasAttributes or usernameAttributes can be set in a user pool.");
	refused("CreateUserPool", "{'PoolName':'a','MfaConfiguration':'ON'}",
	    "InvalidParameterException: SMS configuration and Auto verification for phone_number "
	    "are required when MFA is required/optional");
	refused("CreateUserPool", "{'PoolName':'a','LambdaConfig':{'PreSignUp':"
	    "'arn:aws:lambda:eu-test-1:000000000000:function:x'}}",
	    "InvalidParameterException: Triggers are not available on this server.");
	refused("CreateUserPool", "{'PoolName':'a','Schema':[{'Name':'email',"
	    "'AttributeDataType':'Number'}]}", "InvalidParameterException: You can not change "
	    "AttributeDataType or set developerOnlyAttribute for standard schema attribute email");
}

static void
pools_are_listed_in_pieces(void **state)
{
	const struct json *out;
	size_t all = 0, i;
	int pieces = 0;
	const char *token = NULL;
	bool mine = false;

	(void)state;
	for (i = 0; i < 4; i++)
		(void)new_pool("{'PoolName':'more'}");
	do {
		out = call("ListUserPools", token == NULL ? "{'MaxResults':3}" :
		    with("{'MaxResults':3,'NextToken':'%s'}", token));
		for (i = 0; i < json_count(json_get(out, "UserPools")); i++, all++)
			mine |= text_equal(json_text(json_at(json_get(out, "UserPools"), i), "Id"),
			    pool);
		token = json_text(out, "NextToken");
		assert_true(++pieces < 100);
	} while (token != NULL);
	assert_true(all >= 5);
	assert_true(mine);
	refused("ListUserPools", "{'MaxResults':3,'NextToken':'abc'}",
	    "InvalidParameterException: Invalid NextToken.");
}

static void
a_deleted_pool_leaves_nothing_behind(void **state)
{
	struct rq *rq = rq_begin("test_op");
	const struct kv_row *rows;
	const char *client;
	size_t n;
	int kind;

	(void)state;
	client = new_client("{'ClientName':'a','GenerateSecret':true}");
	(void)call("CreateGroup", "{'GroupName':'g'}");
	(void)call("CreateResourceServer", "{'Identifier':'api','Name':'api'}");
	(void)call("AdminCreateUser", "{'Username':'alice','UserAttributes':[{'Name':'email',"
	    "'Value':'a@example.org'}]}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'g'}");
	(void)call("UpdateUserPool", "{'DeletionProtection':'ACTIVE'}");
	refused("DeleteUserPool", "{}",
	    "InvalidParameterException: The user pool cannot be deleted "
	    "because deletion protection is activated. Deletion protection must be inactivated "
	    "first.");
	(void)call("UpdateUserPool", "{}");
	(void)call("DeleteUserPool", "{}");
	refused("DescribeUserPool", "{}", arena_printf(mem,
	    "ResourceNotFoundException: User pool %s does not exist.", pool));
	for (kind = 0; kind < KV_NKINDS; kind++) {
		assert_int_equal(kv_scan(rq, kv_key(rq->mem, (enum kv_kind)kind, pool, NULL), NULL,
		    10,
		    &rows, &n), 0);
		assert_int_equal(n, 0);
	}
	assert_int_equal(kv_scan(rq, kv_key(rq->mem, KV_CLIENT_POOL, client, NULL), NULL, 1, &rows,
	    &n),
	    0);
	assert_int_equal(n, 0);
	rq_end(&rq);
}

static void
a_pool_of_many_users_is_deleted_in_steps(void **state)
{
	struct rq *rq = rq_begin("test_op");
	const struct pool *found;
	const struct kv_row *rows;
	struct json *doc;
	size_t n;
	int i;

	(void)state;
	assert_int_equal(pool_get(rq, pool, &found), 0);
	for (i = 0; i < 600; i++) {
		doc = json_copy(rq->mem,
		    json("{'UserStatus':'CONFIRMED','Enabled':true,'Attributes':[],"
		    "'UserCreateDate':1,'UserLastModifiedDate':1}"));
		json_set_text(doc, "Username", arena_printf(rq->mem, "user%d", i));
		json_set_text(doc, "Sub", arena_printf(rq->mem, "sub%d", i));
		assert_int_equal(user_create(rq, found, doc), 0);
		if (i % 100 == 99)
			assert_int_equal(kv_apply(rq), 0);
	}
	assert_int_equal(json_int(json_get(call("DescribeUserPool", "{}"), "UserPool"),
	    "EstimatedNumberOfUsers", 0), 600);
	(void)call("DeleteUserPool", "{}");
	assert_int_equal(kv_scan(rq, kv_key(rq->mem, KV_ALIAS, pool, NULL), NULL, 10, &rows, &n),
	    0);
	assert_int_equal(n, 0);
	rq_end(&rq);
}

/*
 * App clients.
 */

static void
a_clients_secret_is_shown_when_described_and_sealed_at_rest(void **state)
{
	const struct json *out = json_get(call("CreateUserPoolClient",
	    "{'ClientName':'a','GenerateSecret':true}"), "UserPoolClient");
	const char *id = json_text(out, "ClientId"), *secret = json_text(out, "ClientSecret");
	struct rq *rq = rq_begin("test_op");
	const struct client *client;

	(void)state;
	assert_int_equal(strlen(id), 26);
	assert_int_equal(strlen(secret), 52);
	out = json_get(call("DescribeUserPoolClient", with("{'ClientId':'%s'}", id)),
	    "UserPoolClient");
	assert_string_equal(json_text(out, "ClientSecret"), secret);
	assert_false(json_has(out, "ClientSecrets"));
	assert_int_equal(client_get(rq, pool, id, &client), 0);
	assert_null(strstr(json_print(rq->mem, client->doc), secret));
	out = json_get(call("ListUserPoolClients", "{}"), "UserPoolClients");
	assert_int_equal(json_count(out), 1);
	assert_false(json_has(json_at(out, 0), "ClientSecret"));
	rq_end(&rq);
}

static void
a_client_shows_the_contracts_defaults(void **state)
{
	const struct json *out = json_get(call("CreateUserPoolClient", "{'ClientName':'a'}"),
	    "UserPoolClient");

	(void)state;
	assert_int_equal(json_int(out, "RefreshTokenValidity", 0), 30);
	assert_int_equal(json_int(out, "AuthSessionValidity", 0), 3);
	assert_true(json_flag(out, "EnableTokenRevocation", false));
	assert_false(json_flag(out, "AllowedOAuthFlowsUserPoolClient", true));
	assert_false(json_has(out, "ClientSecret"));
	assert_false(json_has(out, "PreventUserExistenceErrors"));
	assert_false(json_has(out, "ExplicitAuthFlows"));
}

static void
an_updated_client_keeps_its_secret_and_loses_what_is_left_out(void **state)
{
	const struct json *out = json_get(call("CreateUserPoolClient", "{'ClientName':'a',"
	    "'GenerateSecret':true,'CallbackURLs':['https://a.example/'],"
	    "'EnableTokenRevocation':false}"), "UserPoolClient");
	const char *secret = json_text(out, "ClientSecret");

	(void)state;
	out = json_get(call("UpdateUserPoolClient", with("{'ClientId':'%s',"
	    "'LogoutURLs':['https://b.example/']}", json_text(out, "ClientId"))), "UserPoolClient");
	assert_string_equal(json_text(out, "ClientSecret"), secret);
	assert_string_equal(json_text(out, "ClientName"), "a");
	assert_false(json_has(out, "CallbackURLs"));
	assert_true(json_has(out, "LogoutURLs"));
	assert_true(json_flag(out, "EnableTokenRevocation", false));
}

static const struct {
	const char *members, *error;
} impossible[] = {
	{ "'AllowedOAuthFlows':['client_credentials','code'],'GenerateSecret':true",
	    "InvalidOAuthFlowException: client_credentials flow can not be selected "
	    "along with code flow or implicit flow." },
	{ "'AllowedOAuthFlows':['client_credentials']",
	    "InvalidOAuthFlowException: client_credentials flow can not be selected if "
	    "client does not have a client secret." },
	{ "'AllowedOAuthScopes':['openid','api/read']",
	    "ScopeDoesNotExistException: Invalid scope requested: api/read" },
	{ "'CallbackURLs':['http://a.example/']",
	    "InvalidParameterException: http://a.example/ cannot be used in "
	    "CallbackURLs: https, http to localhost, or an app's own scheme, without a fragment." },
	{ "'LogoutURLs':['javascript:alert(1)']",
	    "InvalidParameterException: javascript:alert(1) cannot be used in "
	    "LogoutURLs: https, http to localhost, or an app's own scheme, without a fragment." },
	{ "'CallbackURLs':['https://a.example/'],'DefaultRedirectURI':'https://b.example/'",
	    "InvalidParameterException: DefaultRedirectURI is not in the list of "
	    "CallbackURLs." },
	{ "'AccessTokenValidity':2,'TokenValidityUnits':{'AccessToken':'minutes'}",
	    "InvalidParameterException: Invalid range for token validity: "
	    "AccessTokenValidity is 5 minutes to 1 day." },
	{ "'IdTokenValidity':25",
	    "InvalidParameterException: Invalid range for token validity: "
	    "IdTokenValidity is 5 minutes to 1 day." },
	{ "'RefreshTokenValidity':59,'TokenValidityUnits':{'RefreshToken':'minutes'}",
	    "InvalidParameterException: Invalid range for token validity: "
	    "RefreshTokenValidity is 60 minutes to 3650 days." },
	{ "'AccessTokenValidity':2,'RefreshTokenValidity':1,"
	    "'TokenValidityUnits':{'RefreshToken':'hours'}",
	    "InvalidParameterException: AccessTokenValidity cannot exceed "
	    "RefreshTokenValidity." },
	{ "'ExplicitAuthFlows':['ADMIN_NO_SRP_AUTH','ALLOW_USER_SRP_AUTH']",
	    "InvalidParameterException: Auth flow types without ALLOW_ prefix cannot be "
	    "mixed with those that have it." },
	{ "'ExplicitAuthFlows':['ALLOW_REFRESH_TOKEN_AUTH'],"
	    "'RefreshTokenRotation':{'Feature':'ENABLED'}",
	    "InvalidParameterException: ALLOW_REFRESH_TOKEN_AUTH cannot be set when "
	    "refresh token rotation is enabled." },
	{ "'ReadAttributes':['custom:none']",
	    "InvalidParameterException: Invalid read attributes "
	    "specified while creating a client: custom:none" },
	{ "'WriteAttributes':['name']",
	    "InvalidParameterException: Invalid write attributes "
	    "specified while creating a client: required attribute email is missing" },
};

static void
a_client_that_cannot_be_is_refused(void **state)
{
	size_t i;

	(void)state;
	(void)new_pool("{'PoolName':'a','Schema':[{'Name':'email','Required':true}]}");
	for (i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
		refused("CreateUserPoolClient", arena_printf(mem, "{'ClientName':'a',%s}",
		    impossible[i].members), impossible[i].error);
	refused("CreateUserPoolClient",
	    "{'ClientName':'a','SupportedIdentityProviders':['Google']}",
	    arena_printf(mem, "InvalidParameterException: The provider Google does not exist for "
	    "User Pool %s", pool));
	assert_int_equal(json_count(json_get(call("ListUserPoolClients", "{}"), "UserPoolClients")),
	    0);
}

static void
a_secret_is_replaced_by_having_two_for_a_while(void **state)
{
	const char *id = new_client("{'ClientName':'a','GenerateSecret':true}"), *first;
	const struct json *out, *list;

	(void)state;
	out = json_get(call("AddUserPoolClientSecret", with("{'ClientId':'%s'}", id)),
	    "ClientSecretDescriptor");
	assert_int_equal(strlen(json_text(out, "ClientSecretValue")), 52);
	refused("AddUserPoolClientSecret", with("{'ClientId':'%s'}", id),
	    "LimitExceededException: A client has at most two secrets.");
	list = json_get(call("ListUserPoolClientSecrets", with("{'ClientId':'%s'}", id)),
	    "ClientSecrets");
	assert_int_equal(json_count(list), 2);
	assert_false(json_has(json_at(list, 0), "ClientSecretValue"));
	assert_false(json_has(json_at(list, 0), "Sealed"));
	first = json_text(json_at(list, 0), "ClientSecretId");
	(void)call("DeleteUserPoolClientSecret", arena_printf(mem,
	    "{'ClientId':'%s','ClientSecretId':'%s'}", id, first));
	refused("DeleteUserPoolClientSecret", arena_printf(mem,
	    "{'ClientId':'%s','ClientSecretId':'%s'}", id, json_text(out, "ClientSecretId")),
	    "InvalidParameterException: The last secret of a client cannot be deleted.");
	assert_string_equal(json_text(json_get(call("DescribeUserPoolClient",
	    with("{'ClientId':'%s'}", id)), "UserPoolClient"), "ClientSecret"),
	    json_text(out, "ClientSecretValue"));
}

/*
 * Domains.
 */

static const struct json *
describe(const char *domain)
{
	return json_get(call("DescribeUserPoolDomain", with("{'Domain':'%s'}", domain)),
	    "DomainDescription");
}

static void
a_prefix_and_a_host_lead_to_the_pool(void **state)
{
	struct rq *rq = rq_begin("test_op");
	const struct domain *domain;
	const struct json *doc;

	(void)state;
	(void)call("CreateUserPoolDomain", "{'Domain':'staff'}");
	(void)call("CreateUserPoolDomain", "{'Domain':'login.example.com:8443'}");
	assert_int_equal(domain_get(rq, "staff.auth.example.com", &domain), 0);
	assert_string_equal(domain->pool, pool);
	assert_int_equal(domain_get(rq, "login.example.com:8443", &domain), 0);
	assert_string_equal(domain->pool, pool);
	doc = json_get(call("DescribeUserPool", "{}"), "UserPool");
	assert_string_equal(json_text(doc, "Domain"), "staff");
	assert_string_equal(json_text(doc, "CustomDomain"), "login.example.com:8443");
	assert_string_equal(json_text(describe("staff"), "Status"), "ACTIVE");
	assert_int_equal(json_count(describe("nobody")), 0);
	refused("DeleteUserPool", "{}",
	    "InvalidParameterException: User pool cannot be deleted. It has "
	    "a domain configured that should be deleted first.");
	(void)call("DeleteUserPoolDomain", "{'Domain':'staff'}");
	(void)call("DeleteUserPoolDomain", "{'Domain':'login.example.com:8443'}");
	assert_int_equal(json_count(describe("staff")), 0);
	(void)call("DeleteUserPool", "{}");
	rq_end(&rq);
}

static void
a_domain_that_cannot_be_is_refused(void **state)
{
	(void)state;
	(void)call("CreateUserPoolDomain", "{'Domain':'taken'}");
	refused("CreateUserPoolDomain", "{'Domain':'second'}",
	    "InvalidParameterException: User pool already has a domain configured.");
	refused("CreateUserPoolDomain", "{'Domain':'my-aws-pool'}",
	    "InvalidParameterException: Domain cannot contain reserved word: cognito, aws or "
	    "amazon");
	(void)new_pool("{'PoolName':'another'}");
	refused("CreateUserPoolDomain", "{'Domain':'taken'}",
	    "InvalidParameterException: Domain already associated with another user pool.");
	refused("DeleteUserPoolDomain", "{'Domain':'taken'}",
	    "InvalidParameterException: No such domain or user pool exists.");
}

/*
 * Users.
 */

static void
an_administrators_user_has_to_change_the_password(void **state)
{
	const struct json *out = json_get(call("AdminCreateUser", "{'Username':'alice',"
	    "'UserAttributes':[{'Name':'email','Value':'a@example.org'}]}"), "User");

	(void)state;
	assert_string_equal(json_text(out, "UserStatus"), "FORCE_CHANGE_PASSWORD");
	assert_string_equal(json_text(out, "Username"), "alice");
	assert_true(json_flag(out, "Enabled", false));
	assert_non_null(attribute(json_get(out, "Attributes"), "sub"));
	assert_string_equal(attribute(json_get(out, "Attributes"), "email"), "a@example.org");
	refused("AdminCreateUser", "{'Username':'alice'}",
	    "UsernameExistsException: User already exists");
}

static void
people_known_by_address_get_a_uuid_for_a_username(void **state)
{
	const struct json *out;

	(void)state;
	(void)new_pool("{'PoolName':'a','UsernameAttributes':['email'],"
	    "'UsernameConfiguration':{'CaseSensitive':false}}");
	out = json_get(call("AdminCreateUser", "{'Username':'A@example.org','UserAttributes':["
	    "{'Name':'email_verified','Value':'true'}]}"), "User");
	assert_string_equal(json_text(out, "Username"),
	    attribute(json_get(out, "Attributes"), "sub"));
	assert_string_equal(attribute(json_get(out, "Attributes"), "email"), "A@example.org");
	assert_string_equal(attribute(json_get(out, "Attributes"), "email_verified"), "true");
	assert_string_equal(json_text(get_user("a@EXAMPLE.org"), "Username"),
	    json_text(out, "Username"));
	refused("AdminCreateUser", "{'Username':'a@example.org'}",
	    "UsernameExistsException: An account with the given email already exists.");
	refused("AdminCreateUser", "{'Username':'alice'}",
	    "InvalidParameterException: Username should be an email.");
}

static void
a_refused_creation_takes_nobodys_alias(void **state)
{
	(void)state;
	(void)new_pool("{'PoolName':'a','AliasAttributes':['email']}");
	(void)call("AdminCreateUser",
	    "{'Username':'alice','MessageAction':'SUPPRESS','UserAttributes':["
	    "{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]}");
	refused("AdminCreateUser", "{'Username':'bob','UserAttributes':["
	    "{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]}",
	    "AliasExistsException: An account with the email already exists.");
	refused("AdminCreateUser", "{'Username':'bob','ForceAliasCreation':true,"
	    "'TemporaryPassword':'short','UserAttributes':["
	    "{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]}",
	    "InvalidPasswordException: Password did not conform with policy: Password not long "
	    "enough");
	assert_string_equal(json_text(get_user("a@example.org"), "Username"), "alice");
	(void)call("AdminCreateUser",
	    "{'Username':'bob','ForceAliasCreation':true,'UserAttributes':["
	    "{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'}]}");
	assert_string_equal(json_text(get_user("a@example.org"), "Username"), "bob");
	assert_string_equal(attribute(json_get(get_user("alice"), "UserAttributes"),
	    "email_verified"),
	    "false");
}

static void
an_invitation_is_sent_again_only_while_it_is_open(void **state)
{
	struct rq *rq = rq_begin("test_op");
	const struct kv_row *rows;
	size_t before, after;

	(void)state;
	(void)call("AdminCreateUser", "{'Username':'alice','UserAttributes':[{'Name':'email',"
	    "'Value':'a@example.org'}]}");
	assert_int_equal(kv_scan(rq, kv_key(rq->mem, KV_OUTBOX, NULL), NULL, 100, &rows, &before),
	    0);
	(void)call("AdminCreateUser", "{'Username':'alice','MessageAction':'RESEND'}");
	assert_int_equal(kv_scan(rq, kv_key(rq->mem, KV_OUTBOX, NULL), NULL, 100, &rows, &after),
	    0);
	assert_int_equal(after, before + 1);
	(void)call("AdminSetUserPassword", "{'Username':'alice','Password':'Correct-h0rse',"
	    "'Permanent':true}");
	refused("AdminCreateUser", "{'Username':'alice','MessageAction':'RESEND'}",
	    "UnsupportedUserStateException: Resend not possible. alice status is not "
	    "FORCE_CHANGE_PASSWORD");
	refused("AdminCreateUser", "{'Username':'bob','DesiredDeliveryMediums':['EMAIL']}",
	    "InvalidParameterException: User has no email attribute to deliver the message to.");
	rq_end(&rq);
}

static const char *
state_of(const char *name)
{
	return json_text(get_user(name), "UserStatus");
}

static void
passwords_and_confirmation_move_the_state(void **state)
{
	(void)state;
	(void)call("AdminCreateUser", "{'Username':'alice'}");
	refused("AdminConfirmSignUp", "{'Username':'alice'}",
	    "NotAuthorizedException: User cannot be "
	    "confirmed. Current status is FORCE_CHANGE_PASSWORD");
	refused("AdminSetUserPassword", "{'Username':'alice','Password':'alllower1-'}",
	    "InvalidPasswordException: Password did not conform with policy: Password must have "
	    "uppercase characters");
	(void)call("AdminSetUserPassword", "{'Username':'alice','Password':'Correct-h0rse',"
	    "'Permanent':true}");
	assert_string_equal(state_of("alice"), "CONFIRMED");
	(void)call("AdminSetUserPassword", "{'Username':'alice','Password':'Correct-h0rse'}");
	assert_string_equal(state_of("alice"), "FORCE_CHANGE_PASSWORD");
	refused("AdminGetUser", "{'Username':'bob'}",
	    "UserNotFoundException: User does not exist.");
}

/* Would a client get tokens for it? */
static bool
family_lives(const char *id)
{
	struct rq *rq = rq_begin("test_op");
	const struct grant *grant;
	const struct user *user;
	bool lives;

	assert_int_equal(pool_get(rq, pool, &rq->pool), 0);
	assert_int_equal(family_get(rq, pool, id, &grant), 0);
	assert_non_null(grant);
	lives = grant_user(rq, grant, &user) == 0;
	rq_end(&rq);
	return lives;
}

static void
make_family(const char *id, const char *sub)
{
	struct rq *rq = rq_begin("test_op");
	const struct grant grant = { .id = id, .client = "c", .username = "alice", .sub = sub,
		.scope = "openid", .created = rq->now, .expires = rq->now + 60000 };

	assert_int_equal(family_put(rq, pool, &grant), 0);
	assert_int_equal(kv_apply(rq), 0);
	rq_end(&rq);
}

static void
disabling_kills_tokens_and_enabling_does_not_revive_them(void **state)
{
	const char *sub;

	(void)state;
	(void)call("AdminCreateUser", "{'Username':'alice'}");
	sub = attribute(json_get(get_user("alice"), "UserAttributes"), "sub");
	make_family("f1", sub);
	assert_true(family_lives("f1"));
	(void)call("AdminDisableUser", "{'Username':'alice'}");
	assert_false(json_flag(get_user("alice"), "Enabled", true));
	assert_false(family_lives("f1"));
	(void)call("AdminEnableUser", "{'Username':'alice'}");
	assert_true(json_flag(get_user("alice"), "Enabled", false));
	assert_false(family_lives("f1"));
	(void)usleep(3000);	/* the end of tokens includes its own millisecond */
	make_family("f2", sub);
	assert_true(family_lives("f2"));
	(void)call("AdminUserGlobalSignOut", "{'Username':'alice'}");
	assert_false(family_lives("f2"));
}

static void
administrators_set_and_remove_attributes(void **state)
{
	const struct json *list;

	(void)state;
	(void)new_pool("{'PoolName':'a','Schema':[{'Name':'team','AttributeDataType':'String'}]}");
	(void)call("AdminCreateUser", "{'Username':'alice'}");
	(void)call("AdminUpdateUserAttributes", "{'Username':'alice','UserAttributes':["
	    "{'Name':'email','Value':'a@example.org'},{'Name':'email_verified','Value':'true'},"
	    "{'Name':'custom:team','Value':'red'}]}");
	list = json_get(get_user("alice"), "UserAttributes");
	assert_string_equal(attribute(list, "custom:team"), "red");
	(void)call("AdminDeleteUserAttributes", "{'Username':'alice','UserAttributeNames':["
	    "'custom:team','name']}");
	list = json_get(get_user("alice"), "UserAttributes");
	assert_null(attribute(list, "custom:team"));
	assert_string_equal(attribute(list, "email_verified"), "true");
	refused("AdminUpdateUserAttributes", "{'Username':'alice','UserAttributes':["
	    "{'Name':'custom:none','Value':'x'}]}", "InvalidParameterException: Attributes did not "
	    "conform to the schema: custom:none: Attribute does not exist in the schema.");
}

static void
a_deleted_user_is_in_no_group(void **state)
{
	struct rq *rq = rq_begin("test_op");
	const struct kv_row *rows;
	size_t n;

	(void)state;
	(void)call("CreateGroup", "{'GroupName':'g'}");
	(void)call("AdminCreateUser", "{'Username':'alice'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'g'}");
	(void)call("AdminDeleteUser", "{'Username':'alice'}");
	refused("AdminDeleteUser", "{'Username':'alice'}",
	    "UserNotFoundException: User does not exist.");
	assert_int_equal(json_count(json_get(call("ListUsersInGroup", "{'GroupName':'g'}"),
	    "Users")), 0);
	assert_int_equal(kv_scan(rq, kv_key(rq->mem, KV_MEMBER, pool, NULL), NULL, 10, &rows, &n),
	    0);
	assert_int_equal(n, 0);
	rq_end(&rq);
}

static void
five_users(void)
{
	static const char *const users[] = {
		"{'Username':'anna','UserAttributes':[{'Name':'email','Value':'Anna@example.org'},"
		    "{'Name':'given_name','Value':'Anna'}]}",
		"{'Username':'bert','UserAttributes':[{'Name':'given_name','Value':'Bert, the "
		    "2nd'}]}",
		"{'Username':'cleo'}", "{'Username':'dora'}", "{'Username':'emil'}",
	};
	size_t i;

	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		(void)call("AdminCreateUser", users[i]);
	(void)call("AdminDisableUser", "{'Username':'cleo'}");
	(void)call("AdminSetUserPassword", "{'Username':'dora','Password':'Correct-h0rse',"
	    "'Permanent':true}");
}

/* The usernames found, each followed by a blank. */
static const char *
found(const char *filter)
{
	struct json *in = json_object(mem);
	const struct json *list;
	const char *names = "";
	size_t i;

	json_set_text(in, "Filter", filter);
	json_set_text(in, "UserPoolId", pool);
	list = json_get(call("ListUsers", json_print(mem, in)), "Users");
	for (i = 0; i < json_count(list); i++)
		names = arena_printf(mem, "%s%s ", names, json_text(json_at(list, i), "Username"));
	return names;
}

static void
filters_find_whom_they_describe(void **state)
{
	static const char *const cases[][2] = {
		{ "", "anna bert cleo dora emil " },
		{ "username = \"anna\"", "anna " },
		{ "username=\"Anna\"", "" },
		{ "\"username\" ^= \"b\"", "bert " },
		{ "email = \"anna@EXAMPLE.org\"", "anna " },
		{ "email ^= \"ANNA\"", "anna " },
		{ "given_name = \"anna\"", "" },
		{ "given_name ^= \"An\"", "anna " },
		{ "status = \"disabled\"", "cleo " },
		{ "cognito:user_status = \"confirmed\"", "dora " },
		{ "cognito:user_status ^= \"FORCE\"", "anna bert cleo emil " },
		{ "phone_number = \"+1\"", "" },
	};
	size_t i;

	(void)state;
	five_users();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(found(cases[i][0]), cases[i][1]);
}

static void
filters_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *filter, *error;
	} cases[] = {
		{ "username", "Error while parsing filter" },
		{ "username = anna", "Error while parsing filter" },
		{ "username = \\\"anna", "Error while parsing filter" },
		{ "username == \\\"anna\\\"", "Error while parsing filter" },
		{ "username = \\\"a\\\" and email = \\\"b\\\"", "Error while parsing filter" },
		{ "= \\\"a\\\"", "Error while parsing filter" },
		{ "custom:team = \\\"a\\\"", "Invalid search attribute: custom:team" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused("ListUsers", with("{'Filter':'%s'}", cases[i].filter),
		    arena_printf(mem, "InvalidParameterException: %s", cases[i].error));
}

static void
a_page_token_serves_the_question_it_came_with(void **state)
{
	const struct json *out;
	const char *token;

	(void)state;
	five_users();
	out = call("ListUsers", "{'Limit':2,'AttributesToGet':['given_name']}");
	assert_int_equal(json_count(json_get(out, "Users")), 2);
	assert_null(attribute(json_get(json_at(json_get(out, "Users"), 0), "Attributes"), "sub"));
	assert_non_null(attribute(json_get(json_at(json_get(out, "Users"), 0), "Attributes"),
	    "given_name"));
	token = json_text(out, "PaginationToken");
	refused("ListUsers", with("{'Limit':2,'PaginationToken':'%s'}", token),
	    "InvalidParameterException: Invalid PaginationToken.");
	out = call("ListUsers", with("{'Limit':9,'AttributesToGet':['given_name'],"
	    "'PaginationToken':'%s'}", token));
	assert_int_equal(json_count(json_get(out, "Users")), 3);
	assert_string_equal(json_text(json_at(json_get(out, "Users"), 0), "Username"), "cleo");
	assert_null(json_text(out, "PaginationToken"));
	refused("ListUsers", "{'AttributesToGet':['custom:none']}",
	    "InvalidParameterException: One or "
	    "more requested attributes do not exist: custom:none");
}

/*
 * Groups and resource servers.
 */

static void
groups_of_a_user_come_by_precedence(void **state)
{
	const struct json *out;

	(void)state;
	(void)call("CreateGroup", "{'GroupName':'b','Precedence':1}");
	(void)call("CreateGroup", "{'GroupName':'a','Precedence':1}");
	(void)call("CreateGroup", "{'GroupName':'c','Precedence':0}");
	(void)call("CreateGroup", "{'GroupName':'0'}");
	(void)call("AdminCreateUser", "{'Username':'alice'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'0'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'b'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'a'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'c'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'c'}");
	out = call("AdminListGroupsForUser", "{'Username':'alice','Limit':3}");
	assert_string_equal(json_text(json_at(json_get(out, "Groups"), 0), "GroupName"), "c");
	assert_string_equal(json_text(json_at(json_get(out, "Groups"), 1), "GroupName"), "a");
	assert_string_equal(json_text(json_at(json_get(out, "Groups"), 2), "GroupName"), "b");
	out = call("AdminListGroupsForUser", with("{'Username':'alice','Limit':3,'NextToken':'%s'}",
	    json_text(out, "NextToken")));
	assert_int_equal(json_count(json_get(out, "Groups")), 1);
	assert_string_equal(json_text(json_at(json_get(out, "Groups"), 0), "GroupName"), "0");
	assert_false(json_has(out, "NextToken"));
}

static void
a_group_made_anew_is_empty(void **state)
{
	(void)state;
	(void)call("CreateGroup", "{'GroupName':'g','Description':'d','Precedence':4}");
	refused("CreateGroup", "{'GroupName':'g'}",
	    "GroupExistsException: A group with the name already exists");
	(void)call("AdminCreateUser", "{'Username':'alice'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'g'}");
	assert_int_equal(json_count(json_get(call("ListUsersInGroup", "{'GroupName':'g'}"),
	    "Users")), 1);
	(void)call("DeleteGroup", "{'GroupName':'g'}");
	refused("GetGroup", "{'GroupName':'g'}", "ResourceNotFoundException: Group not found.");
	(void)call("CreateGroup", "{'GroupName':'g'}");
	assert_int_equal(json_count(json_get(call("ListUsersInGroup", "{'GroupName':'g'}"),
	    "Users")), 0);
	assert_int_equal(json_count(json_get(call("AdminListGroupsForUser", "{'Username':'alice'}"),
	    "Groups")), 0);
}

static void
an_updated_group_keeps_what_is_not_given(void **state)
{
	const struct json *group;

	(void)state;
	(void)call("CreateGroup", "{'GroupName':'g','Description':'d','Precedence':4}");
	(void)call("UpdateGroup", "{'GroupName':'g','Precedence':5}");
	group = json_get(call("GetGroup", "{'GroupName':'g'}"), "Group");
	assert_string_equal(json_text(group, "Description"), "d");
	assert_int_equal(json_int(group, "Precedence", 0), 5);
	(void)call("AdminCreateUser", "{'Username':'alice'}");
	(void)call("AdminAddUserToGroup", "{'Username':'alice','GroupName':'g'}");
	(void)call("AdminRemoveUserFromGroup", "{'Username':'alice','GroupName':'g'}");
	(void)call("AdminRemoveUserFromGroup", "{'Username':'alice','GroupName':'g'}");
	assert_int_equal(json_count(json_get(call("ListUsersInGroup", "{'GroupName':'g'}"),
	    "Users")), 0);
}

/* oauth.md 13. Ten thousand of each, made without the operations, a piece at a time. */
static void
groups_and_clients_of_a_pool_have_an_end(void **state)
{
	struct json *group = json_copy(mem, json("{'CreationDate':1,'LastModifiedDate':1}"));
	struct json *client = json_copy(mem, json("{'ClientName':'c','RefreshTokenValidity':30,"
	    "'AuthSessionValidity':3,'CreationDate':1,'LastModifiedDate':1,"
	    "'AllowedOAuthFlowsUserPoolClient':false,'EnableTokenRevocation':true,"
	    "'EnablePropagateAdditionalUserContextData':false}"));
	struct rq *rq = NULL;
	int i;

	(void)state;
	json_set_text(group, "UserPoolId", pool);
	json_set_text(client, "UserPoolId", pool);
	for (i = 0; i < 10000; i++) {
		if (i % 500 == 0)
			rq = rq_begin("test_op");
		json_set_text(group, "GroupName", arena_printf(rq->mem, "group%d", i));
		json_set_text(client, "ClientId", arena_printf(rq->mem, "client%d", i));
		assert_int_equal(group_create(rq, pool, group), 0);
		assert_int_equal(client_create(rq, pool, client, 0), 0);
		if (i % 500 != 499)
			continue;
		assert_int_equal(kv_apply(rq), 0);
		rq_end(&rq);
	}
	refused("CreateGroup", "{'GroupName':'more'}",
	    "LimitExceededException: The user pool has as many groups as it can have.");
	refused("CreateUserPoolClient", "{'ClientName':'more'}",
	    "LimitExceededException: The user pool has as many clients as it can have.");
	(void)call("DeleteGroup", "{'GroupName':'group7'}");
	(void)call("CreateGroup", "{'GroupName':'more'}");
	(void)call("DeleteUserPoolClient", "{'ClientId':'client7'}");
	(void)call("CreateUserPoolClient", "{'ClientName':'more'}");
}

static void
a_scope_that_goes_stays_with_its_clients(void **state)
{
	const char *client;

	(void)state;
	(void)call("CreateResourceServer", "{'Identifier':'https://api.example.com','Name':'api',"
	    "'Scopes':[{'ScopeName':'read','ScopeDescription':'r'},"
	    "{'ScopeName':'write','ScopeDescription':'w'}]}");
	refused("CreateResourceServer", "{'Identifier':'https://api.example.com','Name':'api'}",
	    arena_printf(mem, "InvalidParameterException: https://api.example.com already exists "
	    "in user pool %s.", pool));
	client = new_client("{'ClientName':'a',"
	    "'AllowedOAuthScopes':['https://api.example.com/read']}");
	(void)call("UpdateResourceServer", "{'Identifier':'https://api.example.com','Name':'api',"
	    "'Scopes':[{'ScopeName':'write','ScopeDescription':'w'}]}");
	(void)call("DeleteResourceServer", "{'Identifier':'https://api.example.com'}");
	assert_true(words_have(json_words(mem, json_get(call("DescribeUserPoolClient",
	    with("{'ClientId':'%s'}", client)), "UserPoolClient"), "AllowedOAuthScopes"),
	    "https://api.example.com/read"));
	(void)call("DeleteUserPoolClient", with("{'ClientId':'%s'}", client));
	assert_int_equal(json_count(json_get(call("ListResourceServers", "{}"), "ResourceServers")),
	    0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(the_table_is_sorted_and_every_row_has_its_shapes),
		TEST(arguments_are_checked_before_anything_is_looked_up),
		TEST(a_lost_race_runs_again_on_what_is_there_now),
		TEST(a_new_pool_shows_the_contracts_defaults),
		TEST(an_update_resets_what_it_leaves_out_and_keeps_what_is_fixed),
		TEST(a_policy_that_is_given_asks_for_what_it_names),
		TEST(another_algorithm_makes_new_keys_and_retires_the_old),
		TEST(attributes_of_the_callers_own_get_their_prefix),
		TEST(a_pool_that_cannot_be_is_refused),
		TEST(pools_are_listed_in_pieces),
		TEST(a_deleted_pool_leaves_nothing_behind),
		TEST(a_pool_of_many_users_is_deleted_in_steps),
		TEST(a_clients_secret_is_shown_when_described_and_sealed_at_rest),
		TEST(a_client_shows_the_contracts_defaults),
		TEST(an_updated_client_keeps_its_secret_and_loses_what_is_left_out),
		TEST(a_client_that_cannot_be_is_refused),
		TEST(a_secret_is_replaced_by_having_two_for_a_while),
		TEST(a_prefix_and_a_host_lead_to_the_pool),
		TEST(a_domain_that_cannot_be_is_refused),
		TEST(an_administrators_user_has_to_change_the_password),
		TEST(people_known_by_address_get_a_uuid_for_a_username),
		TEST(a_refused_creation_takes_nobodys_alias),
		TEST(an_invitation_is_sent_again_only_while_it_is_open),
		TEST(passwords_and_confirmation_move_the_state),
		TEST(disabling_kills_tokens_and_enabling_does_not_revive_them),
		TEST(administrators_set_and_remove_attributes),
		TEST(a_deleted_user_is_in_no_group),
		TEST(filters_find_whom_they_describe),
		TEST(filters_that_are_none_are_refused),
		TEST(a_page_token_serves_the_question_it_came_with),
		TEST(groups_of_a_user_come_by_precedence),
		TEST(a_group_made_anew_is_empty),
		TEST(an_updated_group_keeps_what_is_not_given),
		TEST(groups_and_clients_of_a_pool_have_an_end),
		TEST(a_scope_that_goes_stays_with_its_clients),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}
