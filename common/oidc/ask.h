/* ask - an authorization request (oauth.md 2; RFC 6749 4.1.1, 4.2.1; OpenID Connect Core 3.1.2.1)
 *
 * It travels in the URL and is verified again by every program that meets it, so no page trusts its
 * neighbour's check. A program that takes part begins its parameter table with ASK_PARAMS. Of a
 * request that the client pushed beforehand (RFC 9126) the URL carries only the name. */
#ifndef TARN_OIDC_ASK_H
#define TARN_OIDC_ASK_H

#include "oidc/back.h"
#include "store/grants.h"
#include "web/param.h"

enum {
	ASK_CLIENT_ID, ASK_RESPONSE_TYPE, ASK_REDIRECT_URI, ASK_SCOPE, ASK_STATE, ASK_NONCE,
	ASK_CHALLENGE_METHOD, ASK_CHALLENGE, ASK_PROVIDER, ASK_IDENTIFIER, ASK_LOGIN_HINT, ASK_LANG,
	ASK_PROMPT, ASK_RESOURCE, ASK_ACR, ASK_MAX_AGE, ASK_RESPONSE_MODE, ASK_DPOP_JKT,
	ASK_REQUEST_URI, ASK_USER_CODE,
	ASK_NQUERY,		/* those above are carried from page to page */
	ASK_SESSION = ASK_NQUERY, ASK_LANG_COOKIE, ASK_ACCEPT_LANGUAGE,
	ASK_NPARAMS
};

/* The request itself, from the row `at` of a table on. */
#define ASK_ROWS(at, from) \
	[(at) + ASK_CLIENT_ID]        = { "client_id",             syn_client_id,  128, from }, \
	[(at) + ASK_RESPONSE_TYPE]    = { "response_type",         syn_words,       64, from }, \
	[(at) + ASK_REDIRECT_URI]     = { "redirect_uri",          syn_line,      2048, from }, \
	[(at) + ASK_SCOPE]            = { "scope",                 syn_scope,     8192, from }, \
	[(at) + ASK_STATE]            = { "state",                 syn_any,       8192, from }, \
	[(at) + ASK_NONCE]            = { "nonce",                 syn_any,       2048, from }, \
	[(at) + ASK_CHALLENGE_METHOD] = { "code_challenge_method", syn_word,        16, from }, \
	[(at) + ASK_CHALLENGE]        = { "code_challenge",        syn_challenge,  128, from }, \
	[(at) + ASK_PROVIDER]         = { "identity_provider",     syn_line,       128, from }, \
	[(at) + ASK_IDENTIFIER]       = { "idp_identifier",        syn_line,       160, from }, \
	[(at) + ASK_LOGIN_HINT]       = { "login_hint",            syn_line,      2048, from }, \
	[(at) + ASK_LANG]             = { "lang",                  syn_line,        64, from }, \
	[(at) + ASK_PROMPT]           = { "prompt",                syn_words,      128, from }, \
	[(at) + ASK_RESOURCE]         = { "resource",              syn_line,      1024, from }, \
	[(at) + ASK_ACR]              = { "acr_values",            syn_line,      1024, from }, \
	[(at) + ASK_MAX_AGE]          = { "max_age",               syn_number,       9, from }, \
	[(at) + ASK_RESPONSE_MODE]    = { "response_mode",         syn_line,        64, from }, \
	[(at) + ASK_DPOP_JKT]         = { "dpop_jkt",              syn_word,        43, from }, \
	[(at) + ASK_REQUEST_URI]      = { "request_uri",           syn_line,       512, from }, \
	[(at) + ASK_USER_CODE]        = { "user_code", syn_line,             64, (from) | SECRET }

#define ASK_PARAMS \
	ASK_ROWS(0, QUERY), \
	[ASK_SESSION]		= { "cognito",			syn_visible,	256, \
	    COOKIE | SECRET | AGAIN }, \
	[ASK_LANG_COOKIE]	= { "lang",			syn_line,	64, \
	    COOKIE | AGAIN }, \
	[ASK_ACCEPT_LANGUAGE]	= { "Accept-Language",		syn_line,	512,	HEADER }

struct ask {
	const struct client *client;
	const struct back *back;
	bool implicit;			/* response_type=token; otherwise code */
	const char *scope;		/* granted: asked for and allowed, or all of the client's */
	const char *nonce, *challenge, *login_hint, *provider, *resource;	/* or NULL */
	const char *jkt;		/* thumbprint of the key its code is bound to, or NULL */
	bool prompt_none, prompt_login;
	int64_t max_age;		/* seconds; -1: none */
	struct words acr;		/* acr_values */
	const struct pushed *pushed;	/* the record of a request that was pushed, or NULL */
	const char *user_code;	/* nobody is sent back to a client, but on to the device page */
	const char *query;		/* the whole request again, encoded: {Q} of pages.md */
};

/* Verifies the request of rq's parameters. Up to the way back, refusals show the error page; after
 * it they go to the client (RFC 6749 4.1.2.1). */
int ask_open(struct rq *rq, const struct ask **ask_r);

/* The same where a request is never a pushed one: request_uri says nothing. */
int ask_open_plain(struct rq *rq, const struct ask **ask_r);

/* Verifies a request that the client pushes and keeps it, among the writes, for ASK_PUSH_SECONDS;
 * what is refused, is refused to the client that pushes. uri_r: what names it (RFC 9126 2.2). */
enum { ASK_PUSH_SECONDS = 90 };
int ask_push(struct rq *rq, const struct client *client, const char **uri_r);

/* The request has been answered with a code or with tokens: among the writes, what was pushed goes
 * (RFC 9126 4: once). */
void ask_answered(struct rq *rq, const struct ask *ask);

/* {Q} of pages.md: every parameter that was sent, verified or not, for the next page. Of a pushed
 * request only its name, whose it is, and the language that pages are to speak. */
const char *ask_query(struct rq *rq);

/* The same for who comes from /logout (oauth.md 6): the scope in it also where the request left it
 * to the client's settings, and no identity provider. */
const char *ask_written_out(struct rq *rq, const struct ask *ask);

/* The level (oidc/acr.h) that the request asks for, of those within reach of these methods; 0:
 * none. */
int ask_level(struct rq *rq, const struct ask *ask, const char *methods);

/* Is a browser session good enough for the request? methods: what its person could prove himself
 * with (oidc/acr.h); more is never asked for. */
bool ask_served_by(struct rq *rq, const struct ask *ask, const struct session *session,
    const char *methods);

#endif
