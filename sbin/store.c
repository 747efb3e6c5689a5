/* store - commands about the store as a whole */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "oidc/discovery.h"
#include "sbin/archive.h"
#include "sbin/backup.h"
#include "sbin/import_users.h"
#include "sbin/moving.h"
#include "sbin/store.h"
#include "store/schema.h"

int
store_publish(struct rq *rq)
{
	return pool_each(rq, discovery_publish);
}

int
store_backup(struct rq *rq, int argc, const char *const *argv)
{
	bool key = argc == 2 && strcmp(argv[1], "--with-master-key") == 0;

	if (argc != 1 + key || text_starts(argv[0], "--"))
		return usage("backup DIR [--with-master-key]");
	return told(rq, backup_make(rq, argv[0], key));
}

/* Seconds since 1970 of a time of RFC 3339, to the second, with its zone. */
static bool
read_time(const char *s, int64_t *seconds_r)
{
	struct tm tm = { .tm_isdst = 0 };
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	int hours, minutes;
	char sign;

	if (end == NULL)
		return false;
	*seconds_r = timegm(&tm);
	if (strcmp(end, "Z") == 0)
		return true;
	if (strlen(end) != 6 || sscanf(end, "%c%2d:%2d", &sign, &hours, &minutes) != 3 ||
	    (sign != '+' && sign != '-') || hours > 23 || minutes > 59)
		return false;
	*seconds_r -= (sign == '+' ? 60 : -60) * (hours * 60 + minutes);
	return true;
}

int
store_restore(struct rq *rq, int argc, const char *const *argv)
{
	struct restoration what = { .from = argc > 0 ? argv[0] : "--" };
	int i, r;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--replace") == 0)
			what.replace = true;
		else if (strcmp(argv[i], "--until") == 0 && ++i < argc &&
		    (strcmp(argv[i], "latest") == 0 || read_time(argv[i], &what.until)))
			what.roll = true;
		else
			what.from = "--";
	}
	if (text_starts(what.from, "--"))
		return usage("restore DIR [--until 2026-11-20T12:30:00Z | latest] [--replace]");
	if ((r = backup_restore(rq, &what)) == 0)
		r = store_publish(rq);
	return told(rq, r);
}

static void
tell_step(int64_t from, const char *what)
{
	(void)printf("%lld to %lld: %s\n", (long long)from, (long long)from + 1, what);
}

int
store_upgrade(struct rq *rq, int argc, const char *const *argv)
{
	bool dry = argc == 1 && strcmp(argv[0], "--dry-run") == 0;
	int64_t from;
	int r;

	if (argc != dry)
		return usage("upgrade [--dry-run]");
	r = schema_upgrade(rq, dry, tell_step, &from);
	if (r == KV_BROKEN) {
		(void)fputs("tarn: somebody else upgraded the store meanwhile\n", stderr);
		return EXIT_REFUSED;
	}
	if (r == 0 && from == SCHEMA)
		(void)printf("the store is of this version already: schema %d\n", SCHEMA);
	return told(rq, r);
}

/* The first line of a file; of - : of standard input. */
static int
read_passphrase(struct rq *rq, const char *path, const char **passphrase_r)
{
	enum { MOST = 1024 };
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = arena_alloc(rq->mem, MOST + 2);

	*passphrase_r = NULL;
	if (in == NULL)
		return archive_refuse(rq, "cannot read %s: %s", path, strerror(errno));
	if (fgets(line, MOST + 2, in) == NULL)
		line[0] = '\0';
	if (in != stdin)
		(void)fclose(in);
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0' || strlen(line) > MOST)
		return archive_refuse(rq, "the passphrase in %s is empty or longer than %d bytes",
		    path, MOST);
	*passphrase_r = line;
	return 0;
}

static int
show_moved(const struct rq *rq, const struct moved *moved, bool in)
{
	struct json *out = json_object(rq->mem);

	json_set_int(out, "Records", (int64_t)moved->records);
	if (in) {
		json_set_int(out, "AlreadyThere", (int64_t)moved->there);
		json_set_int(out, "NewSecrets", (int64_t)moved->made);
	} else {
		json_set_int(out, "LeftOut", (int64_t)moved->stray);
	}
	return puts(json_pretty(rq->mem, out)) < 0 ? EXIT_FAULT : 0;
}

int
store_export(struct rq *rq, int argc, const char *const *argv)
{
	const char *passphrase = NULL;
	bool secrets = argc == 4 && strcmp(argv[1], "--with-secrets") == 0 &&
	    strcmp(argv[2], "--passphrase-file") == 0;
	struct moved moved;
	int r = 0;

	if ((argc != 1 && !secrets) || text_starts(argv[0], "--"))
		return usage("export FILE [--with-secrets --passphrase-file FILE]");
	if (secrets)
		r = read_passphrase(rq, argv[3], &passphrase);
	if (r == 0)
		r = export_store(rq, argv[0], passphrase, &moved);
	return r == 0 ? show_moved(rq, &moved, false) : told(rq, r);
}

int
store_import(struct rq *rq, int argc, const char *const *argv)
{
	const char *file = argc > 0 ? argv[0] : "--", *from = NULL, *passphrase = NULL;
	struct moved moved;
	bool replace = false;
	int i, r = 0;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--replace") == 0)
			replace = true;
		else if (strcmp(argv[i], "--passphrase-file") == 0 && i + 1 < argc)
			from = argv[++i];
		else
			file = "--";
	}
	if (text_starts(file, "--"))
		return usage("import FILE [--passphrase-file FILE] [--replace]");
	if (from != NULL)
		r = read_passphrase(rq, from, &passphrase);
	if (r == 0 && (r = import_store(rq, file, passphrase, replace, &moved)) == 0)
		r = store_publish(rq);
	return r == 0 ? show_moved(rq, &moved, true) : told(rq, r);
}

int
store_import_users(struct rq *rq, int argc, const char *const *argv)
{
	struct json *out = json_object(rq->mem);
	struct imported imported;
	const struct pool *pool;
	FILE *in;
	int r;

	if (argc != 3 || strcmp(argv[0], "--user-pool-id") != 0)
		return usage("import-users --user-pool-id ID FILE");
	if ((r = pool_get(rq, argv[1], &pool)) == 0 && pool == NULL)
		r = archive_refuse(rq, "User pool %s does not exist.", argv[1]);
	in = strcmp(argv[2], "-") == 0 ? stdin : fopen(argv[2], "re");
	if (r == 0 && in == NULL)
		r = archive_refuse(rq, "cannot read %s: %s", argv[2], strerror(errno));
	if (r != 0 || (r = import_users(rq, argv[1], in, &imported)) != 0)
		return told(rq, r);
	json_set_int(out, "Users", (int64_t)imported.users);
	json_set_int(out, "AlreadyThere", (int64_t)imported.there);
	json_set_int(out, "Refused", (int64_t)imported.refused);
	(void)puts(json_pretty(rq->mem, out));
	return imported.refused == 0 ? 0 : EXIT_REFUSED;
}
