/* sms - sending a text message: to an HTTP gateway, or into a maildir */
#include <string.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "net/http.h"
#include "net/mail.h"
#include "net/sms.h"

/* The address is one that no mail reaches (RFC 2606 2). */
static int
keep(struct rq *rq, const struct sms *sms, const char **why_r)
{
	const struct mail mail = { .id = sms->id, .from = conf->mail_from, .subject = "SMS",
		.to = arena_printf(rq->mem, "%s@sms.invalid", sms->to), .text = sms->text };

	return mail_keep(rq, conf->sms + strlen("maildir:"), &mail, why_r);
}

/* What an administrator can mend (a wrong token or address) is worth another try. */
static int
judge(struct rq *rq, long status, const char **why_r)
{
	if (status >= 200 && status < 300)
		return 0;
	*why_r = arena_printf(rq->mem, "%s: answered %ld", conf->sms, status);
	return status == 400 || status == 422 ? FAULT : REFUSED;
}

static int
post(struct rq *rq, const struct sms *sms, const char **why_r)
{
	struct json *doc = json_object(rq->mem);
	const char *token = NULL, *wrong;
	long status;
	int r;

	if (*conf->sms_token_file != '\0' &&
	    (wrong = file_secret(rq->mem, conf->sms_token_file, &token)) != NULL) {
		*why_r = arena_printf(rq->mem, "%s: %s", conf->sms_token_file, wrong);
		return REFUSED;
	}
	json_set_text(doc, "id", sms->id);
	json_set_text(doc, "to", sms->to);
	json_set_text(doc, "text", sms->text);
	json_set_text(doc, "from", *conf->sms_from != '\0' ? conf->sms_from : NULL);
	r = http_post_json(rq, conf->sms, json_print(rq->mem, doc), token, &status, why_r);
	return r != 0 ? r : judge(rq, status, why_r);
}

int
sms_send(struct rq *rq, const struct sms *sms, const char **why_r)
{
	if (*conf->sms == '\0') {
		*why_r = "there is no sms setting any more";
		return REFUSED;
	}
	return (text_starts(conf->sms, "maildir:") ? keep : post)(rq, sms, why_r);
}
