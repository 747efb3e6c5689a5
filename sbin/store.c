/* store - commands about the store as a whole */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "oidc/discovery.h"
#include "sbin/backup.h"
#include "sbin/store.h"
#include "store/schema.h"

int
store_publish(struct rq *rq)
{
	const struct pool *const *pools;
	const char *after = NULL;
	size_t i, n;
	int r;

	do {
		if ((r = pool_list(rq, after, 100, &pools, &n)) != 0)
			return r;
		for (i = 0; i < n; i++)
			if ((r = discovery_publish(rq, pools[i])) != 0)
				return r;
		if (n > 0)
			after = pools[n - 1]->id;
	} while (n == 100);
	return 0;
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
