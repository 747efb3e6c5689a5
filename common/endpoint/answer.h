/* answer - the ways to answer; answers print and never decide
 *
 * Each fills the reply that the loop sends once the writes are applied; all return 0. */
#ifndef TARN_ENDPOINT_ANSWER_H
#define TARN_ENDPOINT_ANSWER_H

#include "base/json.h"
#include "base/rq.h"
#include "oidc/back.h"
#include "web/cookie.h"
#include "web/lang.h"

int answer_json(struct rq *rq, int status, const struct json *body);
int answer_nothing(struct rq *rq);		/* 200 and no body */
int answer_gone(struct rq *rq);			/* 204 */
int answer_status(struct rq *rq, int status);	/* that, and no body */

/* Chooses rq->lang by what the browser asks for. The loop does it before a handler that shows
 * pages, so that the mails it causes speak the same language. */
void answer_language(struct rq *rq);

/* A page: templates/{name}.html. model gains the language's code and direction, the pool's name,
 * the form token and, after a refusal that the handler shows itself, its sentence as "problem".
 * rq->back, if verified, is where its form may lead. 0 or FAULT. */
int answer_page(struct rq *rq, int status, const char *template, struct json *model);

/* To the client, by the way and mode that back was verified for. parameters: an object of texts;
 * the state and the issuer are added. 0 or FAULT. */
int answer_back(struct rq *rq, const struct back *back, struct json *parameters, bool refused);

/* To a verified sign-out address, with the state it was verified with, if any. */
int answer_sign_out(struct rq *rq, const struct back *back);

/* To a page of this host. query may be NULL. */
enum local {
	LOCAL_LOGIN, LOCAL_CONFIRM, LOCAL_CHANGE_PASSWORD, LOCAL_FORGOT_PASSWORD,
	LOCAL_RESET_PASSWORD, LOCAL_DEVICE, LOCAL_CONSENT, LOCAL_MFA, LOCAL_MFA_SETUP, LOCAL_ERROR
};
int answer_local(struct rq *rq, enum local where, const char *query);

/* A cookie with the answer, whatever it is. seconds as in cookie_set. */
void answer_cookie(struct rq *rq, enum cookie which, const char *value, int seconds);

#endif
