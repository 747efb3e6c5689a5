/* test_mail - messages in a maildir and to a mail server that follows a script */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/rq.h"
#include "base/text.h"
#include "net/mail.h"

static struct conf settings = {
	.mail_user = "", .mail_password_file = "", .mail_tls = "off",
};
const struct conf *const conf = &settings;

static char folder[] = "/tmp/test_mail.XXXXXX";
static struct rq *rq;

static const struct mail plain = {
	.id = "1f2e", .from = "no-reply@example.org", .to = "alice@example.net",
	.subject = "Your code", .text = "Your code is 123456\n",
};

static const char *
contents(const char *path)
{
	char *text = arena_alloc(rq->mem, 65536);
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) < 65535 && !ferror(f));
	(void)fclose(f);
	return text;
}

static int
count(const char *dir)
{
	DIR *d = opendir(arena_printf(rq->mem, "%s/box/%s", folder, dir));
	struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		n += entry->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

/* Into an empty maildir; the message as it lies there. */
static const char *
delivered(const struct mail *mail)
{
	const char *path = arena_printf(rq->mem, "%s/box/new/%s", folder, mail->id), *why, *text;

	settings.mail = arena_printf(rq->mem, "maildir:%s/box", folder);
	assert_int_equal(mail_send(rq, mail, &why), 0);
	assert_null(why);
	text = contents(path);
	assert_int_equal(count("new"), 1);
	assert_int_equal(count("tmp"), 0);
	(void)unlink(path);
	return text;
}

static void
a_plain_message_is_as_plain_as_it_can_be(void **state)
{
	const char *text;

	(void)state;
	rq->now = 1795176000000;	/* 2026-11-20 12:00:00 */
	text = delivered(&plain);
	assert_string_equal(text,
	    "Date: Fri, 20 Nov 2026 12:00:00 +0000\n"
	    "From: no-reply@example.org\n"
	    "To: alice@example.net\n"
	    "Subject: Your code\n"
	    "Message-ID: <1f2e@example.org>\n"
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: 7bit\n"
	    "\n"
	    "Your code is 123456\n"
	    "\n");
}

static void
the_same_message_twice_is_one_file(void **state)
{
	const char *why;

	(void)state;
	settings.mail = arena_printf(rq->mem, "maildir:%s/box", folder);
	assert_int_equal(mail_send(rq, &plain, &why), 0);
	(void)delivered(&plain);
}

static void
html_comes_as_the_second_alternative(void **state)
{
	struct mail mail = plain;
	const char *text, *boundary;

	(void)state;
	mail.html = "<b>123456</b>\n";
	text = delivered(&mail);
	assert_non_null(boundary = strstr(text, "boundary=\""));
	boundary = arena_dupn(rq->mem, boundary + 10, 43);
	assert_non_null(strstr(text, arena_printf(rq->mem, "Content-Type: multipart/alternative; "
	    "boundary=\"%s\"\n\n--%s\n"
	    "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\n"
	    "Your code is 123456\n\n--%s\n"
	    "Content-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\n"
	    "<b>123456</b>\n\n--%s--\n", boundary, boundary, boundary, boundary)));
}

#define SIXTY_NINE "012345678901234567890123456789012345678901234567890123456789012345678"
#define SEVENTY SIXTY_NINE "9"

static void
bodies_beyond_ascii_are_quoted_printable(void **state)
{
	static const struct {
		const char *text, *body;
	} cases[] = {
		{ "\xc3\x84 = 1\n", "\n=C3=84 =3D 1\n" },
		{ "\xc3\xa4 \nx\t\ny \r\n", "\n=C3=A4=20\nx=09\ny=20\n" },
		{ "a\rb", "\na=0Db\n" },
		{ "\xc3\xa4" SEVENTY, "\n=C3=A4" SIXTY_NINE "=\n9\n" },
		{ SEVENTY "123\xc3\xa4", "\n" SEVENTY "123=\n=C3=A4\n" },
		{ SEVENTY "12\xc3\xa4", "\n" SEVENTY "12=C3=\n=A4\n" },
	};
	struct mail mail = plain;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text;

		mail.text = cases[i].text;
		text = delivered(&mail);
		assert_non_null(strstr(text, "Content-Transfer-Encoding: quoted-printable\n"));
		assert_non_null(strstr(text, cases[i].body));
	}
}

static void
headers_beyond_ascii_are_encoded_words(void **state)
{
	static const struct {
		const char *from, *subject, *headers;
	} cases[] = {
		{ "Tarn <a@x.org>", "Gr\xc3\xbc\xc3\x9f" "e",
		    "From: Tarn <a@x.org>\nTo: alice@example.net\n"
		    "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\n" },
		{ "<a@x.org>", "=?UTF-8?Q?forged?=",
		    "From: a@x.org\nTo: alice@example.net\n"
		    "Subject: =?UTF-8?B?PT9VVEYtOD9RP2ZvcmdlZD89?=\n" },
		{ "\"Tarn, Inc.\" <a@x.org>", "x",
		    "From: =?UTF-8?B?IlRhcm4sIEluYy4i?= <a@x.org>\nTo: alice@example.net\n"
		    "Subject: x\n" },
		/* a character is not cut: 44 bytes in the first word */
		{ "a@x.org", "0123456789012345678901234567890123456789012\xc3\xa4\xc3\xa4",
		    "Subject: =?UTF-8?B?"
		    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMsOk?=\n"
		    " =?UTF-8?B?w6Q=?=\n" },
		{ "a@x.org", "01234567890123456789012345678901234567890123\xc3\xa4",
		    "Subject: =?UTF-8?B?"
		    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM=?=\n"
		    " =?UTF-8?B?w6Q=?=\n" },
	};
	struct mail mail = plain;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		mail.from = cases[i].from;
		mail.subject = cases[i].subject;
		assert_non_null(strstr(delivered(&mail), cases[i].headers));
	}
}

static void
what_could_add_headers_or_recipients_is_never_sent(void **state)
{
	static const char *const addresses[] = {
		"", "alice", "@x.org", "a@", "a@x.org\r\nBcc: b@x.org", "a@x.org, b@x.org",
		"a@x.org b@x.org", "<a@x.org>", "a@x.org>", "a@x.org\n", "a@[127.0.0.1]",
		"a:b@x.org;",
	};
	static const char *const ids[] = { "", "../x", "a/b", ".hidden", "a b", "a>" };
	struct mail mail;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		mail = plain;
		mail.to = addresses[i];
		assert_int_equal(mail_send(rq, &mail, &why), FAULT);
		assert_non_null(why);
		if (text_starts(addresses[i], "<"))
			continue;
		mail = plain;
		mail.from = addresses[i];
		assert_int_equal(mail_send(rq, &mail, &why), FAULT);
		mail.from = arena_printf(rq->mem, "Tarn <%s>", addresses[i]);
		assert_int_equal(mail_send(rq, &mail, &why), FAULT);
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		mail = plain;
		mail.id = ids[i];
		assert_int_equal(mail_send(rq, &mail, &why), FAULT);
	}
	mail = plain;
	mail.subject = "x\r\nBcc: b@x.org";
	assert_int_equal(mail_send(rq, &mail, &why), FAULT);
	mail = plain;
	mail.from = "Tarn\nBcc: b@x.org <a@x.org>";
	assert_int_equal(mail_send(rq, &mail, &why), FAULT);
}

static void
a_maildir_that_cannot_be_written_is_tried_again_later(void **state)
{
	const char *why;

	(void)state;
	settings.mail = "maildir:/nonexistent/box";
	assert_int_equal(mail_send(rq, &plain, &why), REFUSED);
	assert_string_equal(why, "/nonexistent/box: No such file or directory");
}

/* What the server is asked in turn, and what it says when all is well. */
enum { GREETING, HELLO, FROM, TO, DATA, MESSAGE, STAGES };

struct script {
	const char *says[STAGES];
};

static const struct script good = {
	{ "220 x", "250 x", "250 ok", "250 ok", "354 go", "250 ok" },
};

static const char *
answer(const struct script *script, const char *line)
{
	static const char *const asked[] = {
		[HELLO] = "EHLO", [FROM] = "MAIL FROM:<no-reply@example.org>",
		[TO] = "RCPT TO:<alice@example.net>", [DATA] = "DATA",
	};

	if (text_starts(line, "HELO"))
		return script->says[HELLO];
	for (int i = HELLO; i <= DATA; i++)
		if (text_starts(line, asked[i]))
			return script->says[i];
	return text_starts(line, "QUIT") ? "221 bye" : "500 what?";
}

/* One conversation; what the client said goes to the file. */
static void
serve(int listener, const struct script *script, const char *path)
{
	int fd = accept(listener, NULL, NULL);
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w"), *copy = fopen(path, "w");
	char line[2000];
	bool message = false;

	if (in == NULL || out == NULL || copy == NULL)
		_exit(1);
	fprintf(out, "%s\r\n", script->says[GREETING]);
	while (fflush(out) == 0 && fgets(line, sizeof(line), in) != NULL) {
		const char *says = message ? script->says[MESSAGE] : answer(script, line);

		fputs(line, copy);
		if (message && strcmp(line, ".\r\n") != 0)
			continue;
		message = !message && text_starts(says, "354");
		fprintf(out, "%s\r\n", says);
	}
	_exit(fclose(copy) != 0);
}

/* Sends to a server with this script: the step's answer, and what the server was told. */
static int
sent(const struct script *script, const struct mail *mail, const char **why_r, const char **told_r)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	const char *path = arena_printf(rq->mem, "%s/told", folder);
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0), r, status;
	pid_t pid;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
	if ((pid = fork()) == 0)
		serve(listener, script, path);
	(void)close(listener);
	settings.mail = arena_printf(rq->mem, "smtp://127.0.0.1:%d", ntohs(at.sin_port));
	r = mail_send(rq, mail, why_r);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	*told_r = contents(path);
	(void)unlink(path);
	return r;
}

static void
a_server_gets_the_envelope_and_every_line_with_dots_doubled(void **state)
{
	struct mail mail = plain;
	const char *why, *told;

	(void)state;
	mail.text = "one\n.\n.two\n";
	mail.from = "Tarn <no-reply@example.org>";
	assert_int_equal(sent(&good, &mail, &why, &told), 0);
	assert_non_null(strstr(told, "MAIL FROM:<no-reply@example.org>"));
	assert_non_null(strstr(told, "RCPT TO:<alice@example.net>\r\n"));
	assert_non_null(strstr(told, "From: Tarn <no-reply@example.org>\r\n"));
	assert_non_null(strstr(told, "\r\n\r\none\r\n..\r\n..two\r\n\r\n.\r\n"));
	assert_non_null(strstr(told, "QUIT\r\n"));
}

static void
only_a_5xx_to_the_envelope_or_the_message_is_final(void **state)
{
	static const struct {
		int stage;
		const char *says;
		int r;
	} cases[] = {
		{ GREETING, "554 closed", REFUSED }, { HELLO, "554 no", REFUSED },
		{ FROM, "451 later", REFUSED }, { FROM, "550 no", FAULT },
		{ FROM, "530 login", REFUSED },
		{ TO, "450 busy", REFUSED }, { TO, "550 gone", FAULT },
		{ DATA, "451 later", REFUSED }, { DATA, "554 no", FAULT },
		{ MESSAGE, "452 full", REFUSED }, { MESSAGE, "554 spam", FAULT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct script script = good;
		const char *why, *told;

		script.says[cases[i].stage] = cases[i].says;
		assert_int_equal(sent(&script, &plain, &why, &told), cases[i].r);
		assert_non_null(strstr(why, cases[i].says));
	}
}

static void
what_the_server_says_is_kept_in_printable_ascii(void **state)
{
	struct script script = good;
	const char *why, *told;

	(void)state;
	script.says[TO] = "550 a\x01\xff" "b";
	assert_int_equal(sent(&script, &plain, &why, &told), FAULT);
	assert_non_null(strstr(why, "550 a??b"));
}

static void
without_tls_nothing_is_said_that_needs_it(void **state)
{
	const char *why, *told, *path = arena_printf(rq->mem, "%s/password", folder);
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fputs("secret\n", f);
	(void)fclose(f);
	settings.mail_tls = "required";
	assert_int_equal(sent(&good, &plain, &why, &told), REFUSED);
	assert_null(strstr(told, "MAIL"));
	settings.mail_tls = "optional";
	assert_int_equal(sent(&good, &plain, &why, &told), 0);
	settings.mail_user = "tarn";
	settings.mail_password_file = path;
	(void)chmod(path, 0600);
	assert_int_equal(sent(&good, &plain, &why, &told), REFUSED);
	assert_null(strstr(told, "AUTH"));
	assert_null(strstr(told, "MAIL"));
	settings.mail = "smtp://127.0.0.1:1";
	(void)chmod(path, 0604);
	assert_int_equal(mail_send(rq, &plain, &why), REFUSED);
	assert_non_null(strstr(why, "is open to every user"));
	(void)unlink(path);
	assert_int_equal(mail_send(rq, &plain, &why), REFUSED);
	assert_non_null(strstr(why, "No such file"));
	settings.mail_tls = "off";
	settings.mail_user = "";
}

static void
a_server_that_is_not_there_is_tried_again_later(void **state)
{
	const char *why;

	(void)state;
	settings.mail = "smtp://127.0.0.1:1";
	assert_int_equal(mail_send(rq, &plain, &why), REFUSED);
	assert_non_null(why);
}

static int
setup(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	rq = rq_begin("test");
	return mkdtemp(folder) == NULL;
}

static int
teardown(void **state)
{
	static const char *const folders[] = { "/box/tmp", "/box/new", "/box/cur", "/box", "" };
	int r = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		r |= rmdir(arena_printf(rq->mem, "%s%s", folder, folders[i]));
	rq_end(&rq);
	return r;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_message_is_as_plain_as_it_can_be),
		cmocka_unit_test(the_same_message_twice_is_one_file),
		cmocka_unit_test(html_comes_as_the_second_alternative),
		cmocka_unit_test(bodies_beyond_ascii_are_quoted_printable),
		cmocka_unit_test(headers_beyond_ascii_are_encoded_words),
		cmocka_unit_test(what_could_add_headers_or_recipients_is_never_sent),
		cmocka_unit_test(a_maildir_that_cannot_be_written_is_tried_again_later),
		cmocka_unit_test(a_server_gets_the_envelope_and_every_line_with_dots_doubled),
		cmocka_unit_test(only_a_5xx_to_the_envelope_or_the_message_is_final),
		cmocka_unit_test(what_the_server_says_is_kept_in_printable_ascii),
		cmocka_unit_test(without_tls_nothing_is_said_that_needs_it),
		cmocka_unit_test(a_server_that_is_not_there_is_tried_again_later),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
