/* mail - sending a message: SMTP through libcurl, or into a maildir */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "net/mail.h"
#include "net/message.h"

/* RFC 5321 4.5.3.2 would give each step minutes. A relay that needs them is tried again later: who
 * sends has more to do. */
enum { CONNECT_SECONDS = 20, ALL_SECONDS = 120, SLOW_SECONDS = 60 };

static int
later(struct rq *rq, const char **why_r, const char *what, const char *why)
{
	*why_r = arena_printf(rq->mem, "%s: %s", what, why);
	return REFUSED;
}

/*
 * A maildir: a message is written in tmp/ and appears whole in new/ by its renaming.
 */

static bool
write_file(const char *path, const struct message *m)
{
	const char *p = m->text, *end = m->text + m->n;
	FILE *f = NULL;
	bool good;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd == -1 || (f = fdopen(fd, "w")) == NULL) {
		if (fd != -1)
			(void)close(fd);
		return false;
	}
	for (; p < end; p++)	/* lines in files end in LF; CR occurs before it alone */
		if (*p != '\r')
			(void)putc(*p, f);
	good = fflush(f) == 0 && !ferror(f) && fsync(fd) == 0;
	return fclose(f) == 0 && good;
}

static bool
make_folders(struct rq *rq, const char *maildir)
{
	static const char *const folders[] = { "", "/tmp", "/new", "/cur" };
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (mkdir(arena_printf(rq->mem, "%s%s", maildir, folders[i]), 0700) == -1 &&
		    errno != EEXIST)
			return false;
	return true;
}

static int
deliver_maildir(struct rq *rq, const char *maildir, const char *id, const struct message *m,
    const char **why_r)
{
	const char *new = arena_printf(rq->mem, "%s/new", maildir);
	const char *tmp = arena_printf(rq->mem, "%s/tmp/%s.%ld", maildir, id, (long)getpid());

	if (!make_folders(rq, maildir) || !write_file(tmp, m) ||
	    rename(tmp, arena_printf(rq->mem, "%s/%s", new, id)) == -1 || !file_sync_folder(new)) {
		int error = errno;

		(void)unlink(tmp);
		return later(rq, why_r, maildir, strerror(error));
	}
	return 0;
}

int
mail_keep(struct rq *rq, const char *maildir, const struct mail *mail, const char **why_r)
{
	const struct message *m;

	return message_make(rq, mail, &m, why_r) ?
	    deliver_maildir(rq, maildir, mail->id, m, why_r) : FAULT;
}

/*
 * SMTP.
 */

struct upload {
	const char *s;
	size_t left;
};

struct reply {
	char line[200];			/* the server's last no, in printable ASCII */
	char error[CURL_ERROR_SIZE];	/* what libcurl says */
};

static size_t
give(char *to, size_t size, size_t n, void *from)
{
	struct upload *up = from;
	size_t part = size * n < up->left ? size * n : up->left;

	memcpy(to, up->s, part);
	up->s += part;
	up->left -= part;
	return part;
}

static size_t
keep_reply(char *line, size_t size, size_t n, void *to)
{
	struct reply *reply = to;
	size_t i;

	if (size * n == 0 || (*line != '4' && *line != '5'))
		return size * n;
	for (i = 0; i < size * n && i < sizeof(reply->line) - 1 && line[i] != '\r' &&
	    line[i] != '\n'; i++)
		reply->line[i] = (char)(line[i] >= 0x20 && line[i] < 0x7f ? line[i] : '?');
	reply->line[i] = '\0';
	return size * n;
}

/* The login, and TLS as conf->mail_tls has it. Opportunistic TLS (RFC 7435) looks at no
 * certificate: who could forge one could take TLS away as well. A password changes that: with one,
 * what is optional becomes required, so that nobody on the way can ask for it in the clear. Returns
 * what is wrong with the password file, or NULL. */
static const char *
secure(struct rq *rq, CURL *curl)
{
	bool login = *conf->mail_user != '\0', off = text_equal(conf->mail_tls, "off");
	bool required = text_equal(conf->mail_tls, "required") || (login && !off);
	const char *password, *wrong;

	if (text_starts(conf->mail, "smtp:")) {
		curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(required ? CURLUSESSL_ALL : off ?
		    CURLUSESSL_NONE : CURLUSESSL_TRY));
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, required ? 1L : 0L);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, required ? 2L : 0L);
	}
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!login)
		return NULL;
	if ((wrong = file_secret(rq->mem, conf->mail_password_file, &password)) != NULL)
		return wrong;
	curl_easy_setopt(curl, CURLOPT_USERNAME, conf->mail_user);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
	return NULL;
}

static void
prepare(CURL *curl, const struct message *m, struct upload *up, struct reply *reply,
    struct curl_slist *to)
{
	curl_easy_setopt(curl, CURLOPT_URL, conf->mail);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");	/* whatever the environment says */
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ALL_SECONDS);
	curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)SLOW_SECONDS);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, m->from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->n);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(curl, CURLOPT_READDATA, up);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_reply);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reply->error);
}

/* A 5xx answer to the envelope or the message is final. One to the greeting, STARTTLS or the login
 * says that we are set up wrong: the message can wait until somebody mends that. */
static bool
is_final(CURL *curl, CURLcode code, const struct upload *up)
{
	long answer = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
	if (answer < 500 || answer > 599 || answer == 530 || answer == 534 || answer == 535 ||
	    answer == 538)
		return false;
	return code == CURLE_SEND_ERROR || up->left == 0;
}

static int
deliver_smtp(struct rq *rq, const struct message *m, const char **why_r)
{
	struct upload up = { m->text, m->n };
	struct reply reply = { "", "" };
	struct curl_slist *to = curl_slist_append(NULL, m->to);
	CURL *curl = curl_easy_init();
	const char *wrong;
	CURLcode code;
	int r = 0;

	if (curl == NULL || to == NULL)
		log_die("out of memory for libcurl");
	prepare(curl, m, &up, &reply, to);
	if ((wrong = secure(rq, curl)) != NULL) {
		r = later(rq, why_r, conf->mail_password_file, wrong);
		goto out;
	}
	if ((code = curl_easy_perform(curl)) != CURLE_OK) {
		r = later(rq, why_r, *reply.error != '\0' ? reply.error : curl_easy_strerror(code),
		    *reply.line != '\0' ? reply.line : conf->mail);
		if (is_final(curl, code, &up))
			r = FAULT;
	}
out:
	curl_slist_free_all(to);
	curl_easy_cleanup(curl);
	return r;
}

int
mail_send(struct rq *rq, const struct mail *mail, const char **why_r)
{
	static bool started;
	const struct message *m;

	if (!message_make(rq, mail, &m, why_r))
		return FAULT;
	if (text_starts(conf->mail, "maildir:"))
		return deliver_maildir(rq, conf->mail + strlen("maildir:"), mail->id, m, why_r);
	if (!started && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_die("libcurl cannot start");
	started = true;
	return deliver_smtp(rq, m, why_r);
}
