/* http - calls out to relying parties and gateways, by libcurl */
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"
#include "net/http.h"

enum { CONNECT_SECONDS = 5, ALL_SECONDS = 15, MOST = 64 * 1024 };

/* What is not the public internet (RFC 6890 and its registries): this machine and network, links,
 * translations of them, groups. */
static const char private[] = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 "
    "172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 "
    "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 "
    "100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 "
    "ff00::/8";

static bool
is_public(const struct sockaddr *sa)
{
	struct address address = { .at = { [10] = 0xff, [11] = 0xff } };

	if (sa->sa_family == AF_INET)
		memcpy(address.at + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    4);
	else if (sa->sa_family == AF_INET6)
		memcpy(address.at, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
		    sizeof(address.at));
	else
		return false;
	return !address_in(&address, private);
}

static curl_socket_t
open_socket(void *refused, curlsocktype purpose, struct curl_sockaddr *to)
{
	(void)purpose;
	if (text_equal(conf->http_private, "no") && !is_public(&to->addr)) {
		*(bool *)refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t
throw_away(char *data, size_t size, size_t n, void *taken)
{
	(void)data;
	*(size_t *)taken += size * n;
	return *(size_t *)taken <= MOST ? size * n : 0;
}

/* What is posted, and how. */
struct call {
	const char *url, *body;
	const char *type, *authorization;	/* header lines; NULL: a form, and none */
	bool chosen;				/* by the administrator */
};

static void
prepare(CURL *curl, const struct call *call, char *error)
{
	curl_easy_setopt(curl, CURLOPT_URL, call->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");	/* whatever the environment says */
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ALL_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
}

static struct curl_slist *
header_lines(const struct call *call)
{
	const char *const lines[] = { call->type, call->authorization };
	struct curl_slist *list = NULL, *longer;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (lines[i] == NULL)
			continue;
		if ((longer = curl_slist_append(list, lines[i])) == NULL)
			log_die("out of memory for libcurl");
		list = longer;
	}
	return list;
}

static int
post(struct rq *rq, const struct call *call, long *status_r, const char **why_r)
{
	CURL *curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
	struct curl_slist *headers = header_lines(call);
	char error[CURL_ERROR_SIZE] = "";
	bool refused = false;
	size_t taken = 0;
	CURLcode code;

	*status_r = 0;
	if (curl == NULL)
		log_die("out of memory for libcurl");
	prepare(curl, call, error);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, throw_away);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taken);
	if (!call->chosen) {
		curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
		curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &refused);
	}
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status_r);
	else
		*why_r = arena_dup(rq->mem, refused ? "a private address; see http_private" :
		    *error != '\0' ? error : curl_easy_strerror(code));
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return code == CURLE_OK ? 0 : REFUSED;
}

int
http_post(struct rq *rq, const char *url, const char *form, long *status_r, const char **why_r)
{
	const struct call call = { .url = url, .body = form };

	return post(rq, &call, status_r, why_r);
}

int
http_post_json(struct rq *rq, const char *url, const char *json, const char *token,
    long *status_r, const char **why_r)
{
	const struct call call = { .url = url, .body = json, .chosen = true,
		.type = "Content-Type: application/json",
		.authorization = token == NULL ? NULL :
		    arena_join(rq->mem, "Authorization: Bearer", " ", token) };

	return post(rq, &call, status_r, why_r);
}
