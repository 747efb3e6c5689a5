/* conf - the settings
 *
 * One file, name = value, # comments. Every setting is a row of the table in conf.c: name, type,
 * default, bounds, target. Unknown names, repeated names and values out of bounds are errors. */
#ifndef TARN_BASE_CONF_H
#define TARN_BASE_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct conf {
	const char *data;		/* directory of databases and logs */
	const char *log_archive;	/* directory of copies of the store's log; "" : none */
	const char *run;		/* directory of gate, regions and sockets; on tmpfs */
	const char *publish;		/* directory of discovery documents and key sets */
	const char *templates;		/* directory of templates and lang/ */
	const char *master_key;		/* file of the keys that seal secrets at rest */
	const char *region;		/* first part of every pool id */
	const char *issuer_base;	/* an issuer is this, a slash and the pool id */
	const char *scheme;		/* https, or http: how browsers reach the pages */
	const char *prefix_domain;	/* what follows the prefix of a prefix domain; "" : none */
	const char *log;		/* stderr or a file */
	const char *log_level;
	const char *mail;		/* smtp://host:port, smtps://host:port or maildir:/path */
	const char *mail_from;
	const char *mail_user;
	const char *mail_password_file;
	const char *mail_tls;		/* required, optional or off (STARTTLS) */
	const char *sms;		/* address of a gateway, maildir:/path, or "": no SMS */
	const char *sms_from;
	const char *sms_token_file;
	const char *http_private;	/* yes: relying parties in our own network are called */
	int64_t workers;		/* processes per program */
	int64_t worker_requests;	/* after which a worker retires */
	int64_t cache_megabytes;	/* of the store, shared by all programs */
	int64_t argon2_kibibytes;
	int64_t argon2_passes;
	int64_t code_seconds;		/* life of an authorization code */
	int64_t session_seconds;	/* life of a browser session */
	int64_t registered_clients;	/* in a pool, that registered themselves (RFC 7591) */
	int64_t registered_unused_days;	/* after which one that was never granted anything goes */
	int64_t registrations_per_hour;	/* of one source */
	int64_t dpop_nonce_seconds;	/* life of a nonce for DPoP proofs; 0: none is needed */
	int64_t key_ahead_seconds;	/* between publishing a key and signing with it */
	const char *trusted_proxies;	/* networks whose X-Forwarded-For counts; "" : none */
	/* Requests a second (web/limit.h); 0: no limit. */
	int64_t limit_source, limit_client, limit_domain, limit_machine, limit_sign_in;
	int64_t limit_share;		/* percent of a shared limit that one source may take */
};

/* The settings of this process; complete defaults before conf_read. */
extern const struct conf *const conf;

/* Reads a file over the defaults. False, and a sentence with file and line in *error_r (static
 * memory), if it cannot be used. Relative paths in it are relative to the file. */
bool conf_read(const char *path, const char **error_r);

/* $TARN_CONF, or the path chosen at build time. */
const char *conf_path(void);

/* Every setting with its present value, in a form that conf_read reads. */
void conf_print(FILE *out);

#endif
