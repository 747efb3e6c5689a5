/* conf - the settings */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/syntax.h"
#include "base/text.h"

#ifndef TARN_SYSCONFDIR
#define TARN_SYSCONFDIR "/etc/tarn"
#endif
#ifndef TARN_CONF
#define TARN_CONF TARN_SYSCONFDIR "/tarn.conf"
#endif
#ifndef TARN_DATADIR
#define TARN_DATADIR "/usr/share/tarn"
#endif
#ifndef TARN_STATEDIR
#define TARN_STATEDIR "/var/lib/tarn"
#endif
#ifndef TARN_RUNDIR
#define TARN_RUNDIR "/run/tarn"
#endif

enum { LONGEST_FILE = 64 * 1024, LONGEST_ERROR = 1024 };

static syntax_fn path, log_target, mail_target, sms_target, region, base_url, host_or_none, address;
static syntax_fn scheme, log_level, tls_use, yes_or_no;

/* The table: name, default, and what the value may be. What follows the last column of a text is a
 * path, relative to the file; NULL: none. */
#define SETTINGS(TEXT, NUMBER) \
	TEXT(data, TARN_STATEDIR, path, "a directory", "") \
	TEXT(log_archive, "", syn_line, "a directory", "") \
	TEXT(run, TARN_RUNDIR, path, "a directory", "") \
	TEXT(publish, TARN_STATEDIR "/www", path, "a directory", "") \
	TEXT(templates, TARN_DATADIR "/templates", path, "a directory", "") \
	TEXT(master_key, TARN_SYSCONFDIR "/master.key", path, "a file", "") \
	TEXT(region, "us-east-1", region, "lower case letters, digits and hyphens", NULL) \
	TEXT(issuer_base, "http://localhost:8080", base_url, \
	    "http or https, a host, and no slash at the end", NULL) \
	TEXT(scheme, "https", scheme, "https or http", NULL) \
	TEXT(prefix_domain, "", host_or_none, "a host name", NULL) \
	TEXT(log, "stderr", log_target, "stderr or a file", "") \
	TEXT(log_level, "info", log_level, "debug, info, note, warn or error", NULL) \
	TEXT(mail, "maildir:" TARN_STATEDIR "/mail", mail_target, \
	    "smtp://host:port, smtps://host:port or maildir:/path", "maildir:") \
	TEXT(mail_from, "no-reply@localhost", address, "a mail address", NULL) \
	TEXT(mail_user, "", syn_line, "a name", NULL) \
	TEXT(mail_password_file, "", syn_line, "a file", "") \
	TEXT(mail_tls, "optional", tls_use, "required, optional or off", NULL) \
	TEXT(sms, "", sms_target, "the address of a gateway (http or https), maildir:/path or " \
	    "nothing", "maildir:") \
	TEXT(sms_from, "", syn_line, "a sender", NULL) \
	TEXT(sms_token_file, "", syn_line, "a file", "") \
	TEXT(http_private, "no", yes_or_no, "yes or no", NULL) \
	NUMBER(workers, 2, 1, 64) \
	NUMBER(worker_requests, 10000, 1, INT_MAX) \
	NUMBER(cache_megabytes, 32, 4, 65536) \
	NUMBER(argon2_kibibytes, 19456, 8192, 1048576) \
	NUMBER(argon2_passes, 2, 1, 16) \
	NUMBER(code_seconds, 300, 30, 600) \
	NUMBER(session_seconds, 3600, 60, 86400) \
	NUMBER(registered_clients, 1000, 1, 10000) \
	NUMBER(registered_unused_days, 14, 1, 3650) \
	NUMBER(registrations_per_hour, 20, 1, 1000000) \
	NUMBER(dpop_nonce_seconds, 0, 0, 3600) \
	NUMBER(key_ahead_seconds, 600, 0, 86400) \
	TEXT(trusted_proxies, "", address_networks, "addresses or networks like 10.0.0.0/8, a " \
	    "blank between", NULL) \
	NUMBER(limit_source, 300, 0, 1000000) \
	NUMBER(limit_client, 300, 0, 1000000) \
	NUMBER(limit_domain, 500, 0, 1000000) \
	NUMBER(limit_machine, 150, 0, 1000000) \
	NUMBER(limit_sign_in, 120, 0, 1000000) \
	NUMBER(limit_share, 50, 1, 100)

static struct conf settings = {
#define TEXT(name, preset, takes, form, path) .name = preset,
#define NUMBER(name, preset, least, most) .name = preset,
	SETTINGS(TEXT, NUMBER)
#undef TEXT
#undef NUMBER
};

const struct conf *const conf = &settings;

struct setting {
	const char *name;
	size_t offset;
	syntax_fn *takes;	/* NULL: a number */
	const char *form, *path;
	int64_t least, most;
};

static const struct setting table[] = {
#define TEXT(name, preset, takes, form, path) \
	{ #name, offsetof(struct conf, name), takes, form, path, 0, 0 },
#define NUMBER(name, preset, least, most) \
	{ #name, offsetof(struct conf, name), NULL, NULL, NULL, least, most },
	SETTINGS(TEXT, NUMBER)
#undef TEXT
#undef NUMBER
};

enum { NSETTINGS = sizeof(table) / sizeof(table[0]) };

/* One reading of one file. */
struct reading {
	struct arena *mem;	/* goes with the reading */
	struct arena *kept;	/* has the texts of the settings; lives as long as the process */
	const char *file, *dir;
	int line;
	bool seen[NSETTINGS];
	struct conf into;
};

static char error[LONGEST_ERROR];

static bool __attribute__((format(printf, 2, 3)))
fail(const struct reading *in, const char *fmt, ...)
{
	char line[24] = "";
	va_list ap;
	int n;

	if (in->line > 0)
		(void)snprintf(line, sizeof(line), "%d: ", in->line);
	n = snprintf(error, sizeof(error), "%s:%s", in->file, in->line > 0 ? line : " ");
	va_start(ap, fmt);
	if (n >= 0 && (size_t)n < sizeof(error))
		(void)vsnprintf(error + n, sizeof(error) - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static bool
path(const char *s)
{
	return *s != '\0' && syn_line(s);
}

static bool
log_target(const char *s)
{
	return path(s);
}

static bool
mail_target(const char *s)
{
	if (text_starts(s, "maildir:"))
		return path(s + strlen("maildir:"));
	return (text_starts(s, "smtp://") || text_starts(s, "smtps://")) &&
	    syn_host(strstr(s, "//") + 2);
}

static bool
sms_target(const char *s)
{
	if (*s == '\0')
		return true;
	if (text_starts(s, "https://") || text_starts(s, "http://"))
		return syn_visible(s) && strpbrk(s, " \"\\<>#") == NULL;
	return text_starts(s, "maildir:") && path(s + strlen("maildir:"));
}

/* It begins every pool id, where an underscore follows it. */
static bool
region(const char *s)
{
	return *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool
base_url(const char *s)
{
	char host[256];
	const char *at;
	size_t n;

	if (!text_starts(s, "https://") && !text_starts(s, "http://"))
		return false;
	at = strstr(s, "://") + 3;
	if ((n = strcspn(at, "/")) >= sizeof(host))
		return false;
	memcpy(host, at, n);
	host[n] = '\0';
	return syn_host(host) && syn_visible(s) && strpbrk(s, " ?#\"\\<>") == NULL &&
	    !text_ends(s, "/");
}

static bool
host_or_none(const char *s)
{
	return *s == '\0' || syn_host(s);
}

static bool
address(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && at > s && at[1] != '\0' && syn_line(s);
}

static bool
one_of(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(s, *words) == 0)
			return true;
	return false;
}

static bool
scheme(const char *s)
{
	static const char *const words[] = { "https", "http", NULL };

	return one_of(s, words);
}

static bool
log_level(const char *s)
{
	static const char *const words[] = { "debug", "info", "note", "warn", "error", NULL };

	return one_of(s, words);
}

static bool
tls_use(const char *s)
{
	static const char *const words[] = { "required", "optional", "off", NULL };

	return one_of(s, words);
}

static bool
yes_or_no(const char *s)
{
	static const char *const words[] = { "yes", "no", NULL };

	return one_of(s, words);
}

/* value as it is kept: paths no longer relative. */
static const char *
absolute(const struct reading *in, const struct setting *row, const char *value)
{
	const char *at;

	if (row->path == NULL || !text_starts(value, row->path))
		return value;
	at = value + strlen(row->path);
	if (*at == '\0' || *at == '/' || (row->takes == log_target && text_equal(at, "stderr")))
		return value;
	return arena_printf(in->mem, "%s%s/%s", row->path, in->dir, at);
}

static bool
set(struct reading *in, const struct setting *row, const char *value)
{
	void *target = (char *)&in->into + row->offset;
	int64_t n;

	if (row->takes != NULL) {
		if (!row->takes(value))
			return fail(in, "%s is %s", row->name, row->form);
		*(const char **)target = arena_dup(in->kept, absolute(in, row, value));
		return true;
	}
	if (!text_number(value, &n) || n < row->least || n > row->most)
		return fail(in, "%s is a number from %lld to %lld", row->name,
		    (long long)row->least, (long long)row->most);
	*(int64_t *)target = n;
	return true;
}

/* Cuts blanks off both ends, in place. */
static char *
trim(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	for (end = s + strlen(s); end > s && strchr(" \t\r", end[-1]) != NULL; end--)
		end[-1] = '\0';
	return s;
}

static bool
read_line(struct reading *in, char *s)
{
	char *equals;
	size_t i;

	s = trim(s);
	if (*s == '\0' || *s == '#')
		return true;
	if ((equals = strchr(s, '=')) == NULL)
		return fail(in, "not of the form name = value");
	*equals = '\0';
	s = trim(s);
	for (i = 0; i < NSETTINGS; i++)
		if (strcmp(s, table[i].name) == 0)
			break;
	if (i == NSETTINGS)
		return fail(in, "there is no setting \"%.64s\"", s);
	if (in->seen[i])
		return fail(in, "%s is set twice", s);
	in->seen[i] = true;
	return set(in, &table[i], trim(equals + 1));
}

static bool
read_text(struct reading *in, char *s, size_t n)
{
	char *end;

	if (!text_is_utf8(s, n))
		return fail(in, "not a text in UTF-8");
	for (; s != NULL; s = end == NULL ? NULL : end + 1) {
		if ((end = strchr(s, '\n')) != NULL)
			*end = '\0';
		in->line++;
		if (!read_line(in, s))
			return false;
	}
	return true;
}

/* The folder of a file, without a slash at the end. */
static const char *
folder_of(struct arena *mem, const char *file)
{
	const char *slash = strrchr(file, '/');
	char full[PATH_MAX], *dir = slash == NULL ? arena_dup(mem, ".") :
	    arena_dupn(mem, file, (size_t)(slash - file) + 1);

	if (realpath(dir, full) == NULL)
		return NULL;
	return arena_dup(mem, strcmp(full, "/") == 0 ? "" : full);
}

static bool
read_file(struct reading *in)
{
	const char *text;
	size_t n;

	if ((text = file_read(in->mem, in->file, LONGEST_FILE, &n)) == NULL ||
	    (in->dir = folder_of(in->mem, in->file)) == NULL)
		return fail(in, "%s", strerror(errno));
	return read_text(in, arena_dupn(in->mem, text, n), n);
}

bool
conf_read(const char *file, const char **error_r)
{
	static struct arena *kept;
	struct reading in = { .file = file, .into = settings };
	bool good;

	*error_r = error;
	if (kept == NULL)
		kept = arena_new();
	in.kept = kept;
	in.mem = arena_new();
	if ((good = read_file(&in))) {
		settings = in.into;
		*error_r = NULL;
	}
	arena_free(&in.mem);
	return good;
}

const char *
conf_path(void)
{
	const char *path_given = secure_getenv("TARN_CONF");

	return path_given != NULL && *path_given != '\0' ? path_given : TARN_CONF;
}

void
conf_print(FILE *out)
{
	const char *at = (const char *)conf;
	size_t i;

	for (i = 0; i < NSETTINGS; i++) {
		const void *value = at + table[i].offset;

		if (table[i].takes != NULL)
			(void)fprintf(out, "%s = %s\n", table[i].name, *(const char *const *)value);
		else
			(void)fprintf(out, "%s = %lld\n", table[i].name,
			    (long long)*(const int64_t *)value);
	}
}
