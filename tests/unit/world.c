/* world - for tests of rules */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/random.h"
#include "base/rq.h"
#include "crypto/aead.h"
#include "crypto/password.h"
#include "store/outbox.h"
#include "world.h"

static struct conf settings = {
	.region = "eu-test-1", .issuer_base = "https://idp.example", .scheme = "https",
	.prefix_domain = "", .sms = "",
	.cache_megabytes = 4, .argon2_kibibytes = 8192, .argon2_passes = 1,
	.session_seconds = 3600, .key_ahead_seconds = 600, .code_seconds = 300,
};
const struct conf *const conf = &settings;

struct world world;

static struct arena *lasting;		/* settings and names */
static const char *pool_id;
static char folder[] = "/tmp/test_world.XXXXXX";

static const char standard_pool[] = "{"
    "'Name':'Test','CreationDate':1,'LastModifiedDate':1,'SigningAlgorithm':'RS256',"
    "'SigningKeys':{'Id':'id-key','Access':'access-key'},"
    "'Policies':{'PasswordPolicy':{'MinimumLength':8,'RequireUppercase':true,"
    "'RequireLowercase':true,'RequireNumbers':true,'RequireSymbols':true,"
    "'TemporaryPasswordValidityDays':7}},"
    "'SchemaAttributes':["
    "{'Name':'sub','AttributeDataType':'String','Mutable':false,'Required':true},"
    "{'Name':'name','AttributeDataType':'String','Mutable':true,'Required':false,"
    "'StringAttributeConstraints':{'MinLength':'0','MaxLength':'2048'}},"
    "{'Name':'locale','AttributeDataType':'String','Mutable':true,'Required':false},"
    "{'Name':'email','AttributeDataType':'String','Mutable':true,'Required':false},"
    "{'Name':'email_verified','AttributeDataType':'Boolean','Mutable':true,'Required':false},"
    "{'Name':'phone_number','AttributeDataType':'String','Mutable':true,'Required':false},"
    "{'Name':'phone_number_verified','AttributeDataType':'Boolean','Mutable':true,"
    "'Required':false},{'Name':'preferred_username','AttributeDataType':'String','Mutable':true,"
    "'Required':false},"
    "{'Name':'birthdate','AttributeDataType':'String','Mutable':true,'Required':false,"
    "'StringAttributeConstraints':{'MinLength':'10','MaxLength':'10'}},"
    "{'Name':'updated_at','AttributeDataType':'Number','Mutable':true,'Required':false,"
    "'NumberAttributeConstraints':{'MinValue':'0'}},"
    "{'Name':'custom:team','AttributeDataType':'String','Mutable':false,'Required':false,"
    "'StringAttributeConstraints':{'MinLength':'2','MaxLength':'5'}},"
    "{'Name':'custom:age','AttributeDataType':'Number','Mutable':true,'Required':false,"
    "'NumberAttributeConstraints':{'MinValue':'-1','MaxValue':'150'}},"
    "{'Name':'custom:since','AttributeDataType':'DateTime','Mutable':true,'Required':false},"
    "{'Name':'custom:happy','AttributeDataType':'Boolean','Mutable':true,'Required':false},"
    "{'Name':'dev:custom:tier','AttributeDataType':'String','Mutable':true,"
    "'DeveloperOnlyAttribute':true,'Required':false}"
    "]}";

static const char standard_client[] = "{'ClientName':'app','CreationDate':1,'LastModifiedDate':1}";

int
world_begin(void **state)
{
	const char *srcdir = getenv("srcdir");

	(void)state;
	lasting = arena_new();
	if (mkdtemp(folder) == NULL)
		return -1;
	settings.data = arena_printf(lasting, "%s/data", folder);
	settings.run = arena_printf(lasting, "%s/run", folder);
	kv_found();
	settings.master_key = arena_printf(lasting, "%s/master.key", folder);
	settings.templates = arena_printf(lasting, "%s/templates", srcdir != NULL ? srcdir : ".");
	world.rq = rq_begin("test");
	return aead_create_file(world.rq, settings.master_key);
}

void
world_hashing(int64_t passes)
{
	settings.argon2_passes = passes;
}

void
world_nonces(int64_t seconds)
{
	settings.dpop_nonce_seconds = seconds;
}

void
world_sms(const char *sms)
{
	settings.sms = sms;
}

static void
remove_all(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_all(arena_printf(lasting, "%s/%s", path, entry->d_name));
	if (dir != NULL)
		(void)closedir(dir);
	(void)remove(path);
}

int
world_end(void **state)
{
	(void)state;
	rq_end(&world.rq);
	kv_close();
	remove_all(folder);
	arena_free(&lasting);
	return 0;
}

struct json *
world_json(const char *text)
{
	char *copy = arena_dup(world.rq->mem, text), *p;
	struct json *value = NULL;
	const char *error = "";

	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	if (!json_parse(world.rq->mem, copy, strlen(copy), &value, &error))
		fail_msg("%s: %s", error, copy);
	return value;
}

static struct json *
merged(const char *standard, const char *more)
{
	struct json *doc = world_json(standard);
	struct json_member m;

	for (m = json_first(world_json(more)); m.name != NULL; m = json_next(m))
		json_set(doc, m.name, m.value);
	return doc;
}

static void
load(void)
{
	assert_int_equal(pool_get(world.rq, pool_id, &world.rq->pool), 0);
	assert_non_null(world.rq->pool);
	assert_int_equal(client_get(world.rq, pool_id, "client", &world.client), 0);
}

void
world_pool(const char *pool, const char *client)
{
	struct json *doc;
	const struct client *old;

	pool = arena_dup(lasting, pool);
	client = arena_dup(lasting, client);
	/* A client's id is one pool's alone. */
	if (pool_id != NULL) {
		assert_int_equal(client_get(world.rq, pool_id, "client", &old), 0);
		assert_non_null(old);
		client_drop(world.rq, old);
		assert_int_equal(kv_apply(world.rq), 0);
	}
	rq_end(&world.rq);
	world.rq = rq_begin("test");
	pool_id = arena_printf(lasting, "eu-test-1_%s",
	    random_text(lasting, 9, "abcdefghijklmnopqrstuvwxyz"));
	doc = merged(standard_pool, pool);
	json_set_text(doc, "Id", pool_id);
	assert_int_equal(pool_create(world.rq, doc), 0);
	doc = merged(standard_client, client);
	json_set_text(doc, "ClientId", "client");
	json_set_text(doc, "UserPoolId", pool_id);
	assert_int_equal(client_create(world.rq, pool_id, doc, 0), 0);
	assert_int_equal(kv_apply(world.rq), 0);
	load();
}

void
world_step(int64_t ms)
{
	int64_t now = world.rq->now + ms;

	assert_int_equal(kv_apply(world.rq), 0);
	rq_end(&world.rq);
	world.rq = rq_begin("test");
	world.rq->now = now;
	load();
}

void
world_forget(void)
{
	kv_forget(world.rq);
	world_step(0);
}

const struct user *
world_user(const char *name)
{
	const struct user *user;

	assert_int_equal(user_find(world.rq, world.rq->pool, name, true, &user), 0);
	assert_non_null(user);
	return user;
}

void
world_create(const char *username, const char *status, const char *password, bool temporary,
    const char *attributes)
{
	struct json *doc = world_json(
	    "{'UserCreateDate':1,'UserLastModifiedDate':1,'Enabled':true}");
	const char *hash, *sub = random_uuid(world.rq->mem);

	json_set_text(doc, "Username", username);
	json_set_text(doc, "Sub", sub);
	json_set_text(doc, "UserStatus", status);
	json_set(doc, "Attributes", world_json(attributes));
	assert_int_equal(user_create(world.rq, world.rq->pool, doc), 0);
	if (*password != '\0') {
		assert_int_equal(password_hash(world.rq, password, &hash), 0);
		assert_int_equal(credential_put(world.rq, pool_id, sub, hash, temporary,
		    NULL), 0);
	}
	world_step(0);
}

const struct json *
world_letter(void)
{
	const struct letter *const *letters;
	unsigned char *text;
	struct json *letter;
	const char *error;
	size_t n;

	assert_int_equal(outbox_due(world.rq, 10, &letters, &n), 0);
	if (n == 0)
		return NULL;
	assert_int_equal(n, 1);
	outbox_drop(world.rq, letters[0]);
	assert_int_equal(kv_apply(world.rq), 0);
	assert_int_equal(aead_open(world.rq, "outbox", letters[0]->sealed, &text, &n), 0);
	assert_true(json_parse(world.rq->mem, (const char *)text, n, &letter, &error));
	return letter;
}

const char *
world_refusal(void)
{
	if (world.rq->refusal == NULL)
		return "nothing was refused";
	return arena_printf(world.rq->mem, "%s: %s", world.rq->refusal->code,
	    refusal_text(world.rq));
}
