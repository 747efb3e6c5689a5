/* test_conf - the settings */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/text.h"

static char folder[] = "/tmp/tarn-conf-XXXXXX";
static struct arena *mem;

static int
begin(void **state)
{
	(void)state;
	mem = arena_new();
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static const char *
sample_path(void)
{
	return arena_printf(mem, "%s/tarn.conf", folder);
}

static int
end(void **state)
{
	(void)state;
	(void)unlink(sample_path());
	(void)rmdir(folder);
	arena_free(&mem);
	return 0;
}

static bool
read_text(const char *text, const char **error_r)
{
	FILE *file = fopen(sample_path(), "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return conf_read(sample_path(), error_r);
}

static const char *
printed(void)
{
	char *text = NULL;
	const char *kept;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	conf_print(out);
	assert_int_equal(fclose(out), 0);
	kept = arena_dup(mem, text);
	free(text);
	return kept;
}

/* Runs first: nothing has been read yet. */
static void
defaults_are_complete(void **state)
{
	(void)state;
	assert_string_equal(conf->region, "us-east-1");
	assert_string_equal(conf->issuer_base, "http://localhost:8080");
	assert_string_equal(conf->scheme, "https");
	assert_string_equal(conf->prefix_domain, "");
	assert_string_equal(conf->log, "stderr");
	assert_string_equal(conf->mail_user, "");
	assert_string_equal(conf->mail_tls, "optional");
	assert_int_equal(conf->workers, 2);
	assert_int_equal(conf->code_seconds, 300);
	assert_int_equal(conf->data[0], '/');
	assert_true(text_ends(conf->publish, "/www"));
	assert_true(text_starts(conf->mail, "maildir:/"));
}

/* The commented lines of the sample are the defaults: with the comment marks gone it reads, and
 * changes nothing. */
static void
the_sample_shows_the_defaults(void **state)
{
	const char *before = printed(), *error;
	FILE *sample = fopen("conf/tarn.conf.sample", "re");
	char line[512];
	struct words lines;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_non_null(sample);
	assert_non_null(out);
	while (fgets(line, sizeof(line), sample) != NULL)
		if (strncmp(line, "# ", 2) == 0 && line[2 + strspn(line + 2,
		    "abcdefghijklmnopqrstuvwxyz_0123456789")] == ' ' && strstr(line, " =") != NULL)
			(void)fputs(line + 2, out);
	(void)fclose(sample);
	assert_int_equal(fclose(out), 0);
	lines = words_split(mem, text, '\n');
	assert_int_equal(lines.n, words_split(mem, before, '\n').n);
	if (!read_text(text, &error))
		fail_msg("%s", error);
	assert_string_equal(printed(), before);
	free(text);
}

static void
a_file_is_read_over_the_defaults(void **state)
{
	const char *error;

	(void)state;
	assert_true(read_text("# a comment\n\n  workers =  8 \nregion=eu-west-1\r\n"
	    "issuer_base = https://id.example/base\nprefix_domain = auth.example:8443\n"
	    "mail = smtp://[::1]:25\nmail_from = Id <id@example.org>\nlog_level\t=\tdebug",
	    &error));
	assert_null(error);
	assert_int_equal(conf->workers, 8);
	assert_string_equal(conf->region, "eu-west-1");
	assert_string_equal(conf->issuer_base, "https://id.example/base");
	assert_string_equal(conf->prefix_domain, "auth.example:8443");
	assert_string_equal(conf->mail, "smtp://[::1]:25");
	assert_string_equal(conf->mail_from, "Id <id@example.org>");
	assert_string_equal(conf->log_level, "debug");
	assert_int_equal(conf->code_seconds, 300);
}

static void
paths_are_relative_to_the_file(void **state)
{
	const char *error;

	(void)state;
	assert_true(read_text("data = var/data\nrun = /run/x\nmail = maildir:mail\nlog = stderr\n"
	    "mail_password_file = secret", &error));
	assert_string_equal(conf->data, arena_printf(mem, "%s/var/data", folder));
	assert_string_equal(conf->run, "/run/x");
	assert_string_equal(conf->mail, arena_printf(mem, "maildir:%s/mail", folder));
	assert_string_equal(conf->log, "stderr");
	assert_string_equal(conf->mail_password_file, arena_printf(mem, "%s/secret", folder));
	assert_true(read_text("log = tarn.log\nmail_password_file =\n", &error));
	assert_string_equal(conf->log, arena_printf(mem, "%s/tarn.log", folder));
	assert_string_equal(conf->mail_password_file, "");
}

static void
what_is_printed_reads_back_the_same(void **state)
{
	const char *error, *before;

	(void)state;
	assert_true(read_text("workers = 3\nscheme = http\n", &error));
	before = printed();
	assert_true(read_text("workers = 5\nscheme = https\nregion = x\n", &error));
	assert_string_not_equal(printed(), before);
	assert_true(read_text(before, &error));
	assert_string_equal(printed(), before);
}

static void
what_cannot_be_used_is_refused_with_its_line(void **state)
{
	static const char *const cases[][2] = {
		{ "\nworker = 1\n", "2: there is no setting \"worker\"" },
		{ "workers = 1\nworkers = 1\n", "2: workers is set twice" },
		{ "workers", "1: not of the form name = value" },
		{ "= 1", "1: there is no setting \"\"" },
		{ "workers = 0", "1: workers is a number from 1 to 64" },
		{ "workers = 65", "1: workers is a number from 1 to 64" },
		{ "workers = two", "1: workers is a number from 1 to 64" },
		{ "workers =", "1: workers is a number from 1 to 64" },
		{ "code_seconds = 601", "1: code_seconds is a number from 30 to 600" },
		{ "data =", "1: data is a directory" },
		{ "scheme = ftp", "1: scheme is https or http" },
		{ "region = us_east", "1: region is lower case letters, digits and hyphens" },
		{ "issuer_base = http://x/",
		    "1: issuer_base is http or https, a host, and no slash at the end" },
		{ "issuer_base = x", "1: issuer_base is http or https, a host, and no slash "
		    "at the end" },
		{ "issuer_base = https://x?y",
		    "1: issuer_base is http or https, a host, and no slash at the end" },
		{ "mail = imap://x",
		    "1: mail is smtp://host:port, smtps://host:port or maildir:/path" },
		{ "mail = maildir:", "1: mail is smtp://host:port, smtps://host:port or "
		    "maildir:/path" },
		{ "mail_from = nobody", "1: mail_from is a mail address" },
		{ "mail_tls = maybe", "1: mail_tls is required, optional or off" },
		{ "sms = sip:x", "1: sms is the address of a gateway (http or https), "
		    "maildir:/path or nothing" },
		{ "log_level = loud", "1: log_level is debug, info, note, warn or error" },
		{ "prefix_domain = a b", "1: prefix_domain is a host name" },
	};
	const char *before = printed(), *error;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_false(read_text(cases[i][0], &error));
		assert_string_equal(error, arena_printf(mem, "%s:%s", sample_path(), cases[i][1]));
	}
	assert_false(read_text("workers = 9\nx = 1\n", &error));
	assert_string_equal(printed(), before);		/* all or nothing */
	assert_false(read_text("mail_user = \xff\n", &error));
	assert_false(conf_read("/nonexistent/tarn.conf", &error));
	assert_string_equal(error, "/nonexistent/tarn.conf: No such file or directory");
}

static void
a_file_beyond_64_kibibytes_is_refused(void **state)
{
	char *text = arena_array(mem, 70000, 1);
	const char *error;

	(void)state;
	memset(text, '\n', 69999);
	assert_false(read_text(text, &error));
	text[64 * 1024] = '\0';
	assert_true(read_text(text, &error));
}

static void
the_path_comes_from_the_environment_or_the_build(void **state)
{
	(void)state;
	assert_int_equal(unsetenv("TARN_CONF"), 0);
	assert_true(text_ends(conf_path(), "/tarn.conf"));
	assert_int_equal(setenv("TARN_CONF", "/x/y", 1), 0);
	assert_string_equal(conf_path(), "/x/y");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_complete),
		cmocka_unit_test(the_sample_shows_the_defaults),
		cmocka_unit_test(a_file_is_read_over_the_defaults),
		cmocka_unit_test(paths_are_relative_to_the_file),
		cmocka_unit_test(what_is_printed_reads_back_the_same),
		cmocka_unit_test(what_cannot_be_used_is_refused_with_its_line),
		cmocka_unit_test(a_file_beyond_64_kibibytes_is_refused),
		cmocka_unit_test(the_path_comes_from_the_environment_or_the_build),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
