/* NAME         tarn - administration of user pools
 * SYNOPSIS     tarn [--conf file] operation [options]
 *              tarn [--conf file] init | publish | check [--mend] | conf
 *              tarn [--conf file] keys list --user-pool-id id
 *              tarn [--conf file] keys rotate --user-pool-id id [--now]
 *              tarn [--conf file] keys drop --user-pool-id id --kid kid
 *              tarn [--conf file] backup dir [--with-master-key]
 *              tarn [--conf file] restore dir [--until time | latest] [--replace]
 *              tarn [--conf file] export file [--with-secrets --passphrase-file file]
 *              tarn [--conf file] import file [--passphrase-file file] [--replace]
 *              tarn [--conf file] import-users --user-pool-id id file
 *              tarn [--conf file] upgrade [--dry-run]
 *              tarn serve [options]
 *              tarn --help | --version
 * READS        every record
 * WRITES       every record
 * SETTINGS     all
 *
 * Runs the operations of the user pool API in this process, on the store itself: whoever can read
 * the master key file may do everything. Operations and options are spelled as the AWS command line
 * spells them, and answers look as there: JSON on standard output, nothing where there is nothing
 * to say.
 *
 *	tarn create-user-pool --pool-name staff --username-attributes email
 *	tarn admin-create-user --user-pool-id us-east-1_AbCdEf123 --username a@example.org \
 *	    --user-attributes Name=email_verified,Value=true --message-action SUPPRESS
 *
 * tarn --help lists the operations, tarn operation --help its options. Of the other commands
 *
 *	init     makes the directories, the master key and the store, where they are missing
 *	keys     lists the signing keys of a pool; rotates them: new ones are published at once and
 *	         sign after key_ahead_seconds, or with --now at once, and the old ones stay until
 *	         no token of theirs can be alive; drops a retired one that was stolen, and with it
 *	         all tokens that it signed
 *	publish  writes the discovery documents and key sets of all pools again
 *	check    looks at every record and every reference between records; --mend repairs what can
 *	         be derived and removes what leads nowhere
 *	conf     prints every setting with its present value
 *	serve    runs the suite: see tarn serve --help
 *	backup   copies the whole store, while it is in use, to a directory; see below
 *	restore  makes the store from a backup; see below
 *	export   writes everything to an archive, as it is at one moment; see below
 *	import   reads an archive; see below
 *	import-users  creates users from lines of JSON, with the password hashes they had; see below
 *	upgrade  makes a store that an older version wrote one of this version, whole or not at all;
 *	         --dry-run says what it would do. Programs refuse a store of another version
 *
 * backup copies to a directory that is not there yet, is empty, or has an earlier backup of the
 * same store; to that it adds the log written since, as far as the store or log_archive still has
 * it. The answer comes when everything is on disk. manifest.json lists the files with their sizes
 * and SHA-256. The master key is not among them, because who has both has every secret: keep a copy
 * of the file that the setting master_key names, once, in another place. --with-master-key puts it
 * into the backup, which then is as secret as the store.
 *
 *	tarn backup /mnt/backup/monday && tarn backup /mnt/backup/monday
 *
 * restore copies a backup into the directory of the settings, with the programs stopped; checks
 * every file against the manifest, and the master key against the secrets; replays the log; and
 * only then puts the result in place of a store that is there (and only with --replace). A master
 * key that came with the backup is installed where there is none. --until goes on beyond the end of
 * the backup with the logs in log_archive: to a time such as 2026-11-20T12:30:00Z, what was
 * committed in that second included, or with latest to their end. Discovery documents are published
 * again. A restored store has a history of its own: its next backup needs a new directory.
 *
 * An archive is what one leaves with, and comes back with: lines of JSON in the shapes of the
 * records, a first line with the version of the format, a last one with the number of records and
 * their SHA-256. Without secrets it has pools, domains, clients, resource servers, users and
 * groups; who imports it gets new signing keys, new client secrets, and users without passwords.
 * With them it has everything, and is sealed under a passphrase, the first line of a file or (-) of
 * standard input: argon2id makes the key, AES-256-GCM seals. On another installation with the same
 * issuer_base, whatever its master key, users, their passwords, refresh tokens and sessions, and
 * the keys that signed their tokens go on as if nothing had happened.
 *
 * import reads the whole archive before it writes: its checksum, each record's shape and
 * references, and whether the store has another record of that key, which is refused (or replaced,
 * with --replace; tarn check --mend afterwards removes what then leads nowhere). It writes 500
 * records at a time, each time all or none. One that was interrupted is begun again: what is there
 * and the same is passed over.
 *
 * import-users reads a file (- is standard input) with one user in each line, many thousands in a
 * second. Only Username is needed. PasswordHash is a PHC string of argon2id or argon2i; without one
 * the user has to reset his password. Sub keeps the identity he had.
 *
 *	{"Username":"ada@example.org","UserAttributes":[{"Name":"email_verified","Value":"true"}],
 *	"PasswordHash":"$argon2id$v=19$m=19456,t=2,p=1$…","Temporary":false,"Enabled":true,
 *	"Groups":["staff"],"Sub":"3f6c…","UserCreateDate":1700000000}
 *
 * (in one line). A line that is wrong is named on standard error and passed over, and the exit
 * status is 254; a user whose name is there already stays as he is.
 *
 * The exit status is 0; 1 where check found something; 252 for wrong usage; 254 where the operation
 * was refused, and standard error says why; 255 for a failure of the installation, and the log says
 * why. Without --conf the settings are those of $TARN_CONF, or of the installed file. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/args.h"
#include "api/op.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "sbin/check.h"
#include "sbin/command.h"
#include "sbin/keys.h"
#include "sbin/serve.h"
#include "sbin/store.h"
#include "store/kv.h"

int
usage(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("\ntarn: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputs("\nusage: tarn [--conf FILE] OPERATION [OPTIONS]; tarn --help lists them\n",
	    stderr);
	return EXIT_USAGE;
}

static int
ended(int r)
{
	return r == 0 ? 0 : EXIT_FAULT;
}

int
told(const struct rq *rq, int r)
{
	if (r > 0)
		(void)fprintf(stderr, "tarn: %s\n", refusal_text(rq) ?: "");
	return r > 0 ? EXIT_REFUSED : ended(r);
}

/*
 * Operations.
 */

static int
tell(const struct rq *rq, const char *operation)
{
	const char *sentence = refusal_text(rq);

	(void)fprintf(stderr, "\nAn error occurred (%s) when calling the %s operation: %s\n",
	    rq->refusal != NULL ? rq->refusal->code : "InternalErrorException", operation,
	    sentence != NULL ? sentence : "");
	return EXIT_REFUSED;
}

/* An empty answer prints nothing, whether it has a body on the wire or not. */
static int
show(struct rq *rq, const struct op *op, const struct json *out)
{
	const struct shape *shape = shape_find(arena_printf(rq->mem, "%s.out", op->name));

	if (shape == NULL || json_count(out) == 0)
		return 0;
	(void)puts(json_pretty(rq->mem, args_present(rq->mem, shape, out)));
	return fflush(stdout) == 0 ? 0 : EXIT_FAULT;
}

static int
run_operation(struct rq *rq, const struct op *op, int argc, const char *const *argv)
{
	const struct shape *shape = shape_find(arena_printf(rq->mem, "%s.in", op->name));
	struct json *in, *out;
	const char *error;
	int r;

	if (shape == NULL)
		return ended(fault(rq, "%s has no shape", op->name));
	if (argc > 0 && strcmp(argv[0], "--help") == 0) {
		(void)printf("usage: tarn %s [OPTIONS]\n\n", args_spell(rq->mem, op->name));
		args_describe(rq->mem, shape, stdout);
		return 0;
	}
	if (!args_parse(rq->mem, shape, argc, argv, &in, &error))
		return usage("%s: %s", args_spell(rq->mem, op->name), error);
	if ((r = op_run(rq, op, in, &out)) == 0)
		return show(rq, op, out);
	if (r < 0)
		(void)fprintf(stderr, "tarn: %s failed; the log says why\n", op->name);
	return r < 0 ? EXIT_FAULT : tell(rq, op->name);
}

static const struct op *
operation(struct rq *rq, const char *word)
{
	size_t i;

	for (i = 0; i < n_ops; i++)
		if (strcmp(args_spell(rq->mem, ops[i].name), word) == 0)
			return &ops[i];
	return NULL;
}

/*
 * init.
 */

static int
make_folder(struct rq *rq, const char *path, mode_t mode)
{
	return file_make_folder(path, mode) ? 0 :
	    fault(rq, "cannot make %s: %s", path, strerror(errno));
}

static int
make_key(struct rq *rq)
{
	const char *slash = strrchr(conf->master_key, '/');
	int r;

	if (access(conf->master_key, F_OK) == 0)
		return 0;
	if (slash != NULL && slash != conf->master_key && (r = make_folder(rq,
	    arena_dupn(rq->mem, conf->master_key, (size_t)(slash - conf->master_key)), 0750)) != 0)
		return r;
	return aead_create_file(rq, conf->master_key);
}

/* The store makes itself at its first use, for us alone. */
static int
init(struct rq *rq, int argc, const char *const *argv)
{
	const struct kv_value *meta;
	int r;

	if (argc > 0)
		return usage("init takes no options: %s", argv[0]);
	kv_found();
	if ((r = make_folder(rq, conf->data, 0750)) != 0 ||
	    (r = make_folder(rq, conf->run, 0750)) != 0 ||
	    (r = make_folder(rq, conf->publish, 0755)) != 0 || (r = make_key(rq)) != 0 ||
	    (r = kv_get(rq, kv_key(rq->mem, KV_META, NULL), &meta)) != 0)
		return ended(r);
	return meta != NULL ? 0 :
	    ended(fault(rq, "the store in %s has no meta record", conf->data));
}

/*
 * publish, conf, check, serve.
 */

static int
publish(struct rq *rq, int argc, const char *const *argv)
{
	if (argc > 0)
		return usage("publish takes no options: %s", argv[0]);
	return ended(store_publish(rq));
}

static int
print_conf(struct rq *rq, int argc, const char *const *argv)
{
	(void)rq;
	if (argc > 0)
		return usage("conf takes no options: %s", argv[0]);
	conf_print(stdout);
	return 0;
}

static int
check(struct rq *rq, int argc, const char *const *argv)
{
	bool mend = argc == 1 && strcmp(argv[0], "--mend") == 0;
	size_t wrong;

	if (argc > 0 && !mend)
		return usage("check [--mend]");
	if (check_store(rq, mend, &wrong) != 0)
		return EXIT_FAULT;
	if (check_master_key(rq))
		return wrong == 0 ? 0 : 1;
	(void)printf("master_key %s: it does not open what is sealed in the store (put back the "
	    "one that sealed it)\n", conf->master_key);
	return 1;
}

static const struct {
	const char *name;
	command_fn *run;
	const char *what;
} commands[] = {
	{ "init", init, "make directories, master key and store where they are missing" },
	{ "keys", keys, "list|rotate|drop --user-pool-id ID …: the signing keys of a pool" },
	{ "publish", publish, "write the discovery documents of all pools again" },
	{ "check", check, "[--mend] look at every record and reference of the store" },
	{ "conf", print_conf, "print the settings" },
	{ "backup", store_backup, "DIR [--with-master-key]: copy the store while it is in use" },
	{ "restore", store_restore, "DIR [--until TIME] [--replace]: make a store of a backup" },
	{ "export", store_export, "FILE [--with-secrets --passphrase-file FILE]" },
	{ "import", store_import, "FILE [--passphrase-file FILE] [--replace]" },
	{ "import-users", store_import_users, "--user-pool-id ID FILE: users, one a line" },
	{ "upgrade", store_upgrade, "[--dry-run] make an older store one of this version" },
};
enum { NCOMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int
help(struct rq *rq)
{
	size_t i;

	(void)puts("usage: tarn [--conf FILE] OPERATION [OPTIONS]\n"
	    "       tarn [--conf FILE] COMMAND\n"
	    "       tarn --help | --version\n\nCommands:");
	for (i = 0; i < NCOMMANDS; i++)
		(void)printf("  %-10s %s\n", commands[i].name, commands[i].what);
	(void)puts("  serve      run the whole suite: tarn serve --help\n\n"
	    "Operations (tarn OPERATION --help lists the options):");
	for (i = 0; i < n_ops; i++)
		(void)printf("  %s\n", args_spell(rq->mem, ops[i].name));
	return 0;
}

static int
dispatch(struct rq *rq, int argc, const char *const *argv)
{
	const struct op *op;
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(commands[i].name, argv[0]) == 0)
			return commands[i].run(rq, argc - 1, argv + 1);
	if ((op = operation(rq, argv[0])) != NULL)
		return run_operation(rq, op, argc - 1, argv + 1);
	return usage("no such operation: %s", argv[0]);
}

/* Without a file at the built-in place the defaults serve; one that is named has to be there. */
static bool
settle(const char *file)
{
	const char *error;

	if (file == NULL && getenv("TARN_CONF") == NULL && access(conf_path(), F_OK) == -1)
		return true;
	if (conf_read(file != NULL ? file : conf_path(), &error))
		return true;
	(void)fprintf(stderr, "tarn: %s\n", error);
	return false;
}

static int
run(int argc, const char *const *argv)
{
	struct rq *rq = rq_begin("tarn");
	int status;

	status = strcmp(argv[0], "--help") == 0 ? help(rq) : dispatch(rq, argc, argv);
	kv_close();
	rq_end(&rq);
	return status;
}

int
main(int argc, char **argv)
{
	const char *const *args = (const char *const *)argv + 1;
	const char *file = NULL;

	if (argc > 2 && strcmp(args[0], "--conf") == 0) {
		file = args[1];
		args += 2;
		argc -= 2;
	}
	if (--argc < 1)
		return usage("an operation is needed");
	if (strcmp(args[0], "--version") == 0)
		return puts("tarn " TARN_VERSION) < 0;
	if (strcmp(args[0], "serve") == 0) {
		if (file != NULL && setenv("TARN_CONF", file, 1) == -1)
			return EXIT_FAULT;
		return serve_main(argc, argv + (args - (const char *const *)argv));
	}
	if (!settle(file))
		return EXIT_USAGE;
	(void)log_open("tarn", "stderr", "warn");
	return run(argc, args);
}
