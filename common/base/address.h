/* address - internet addresses, networks of them, and whom a request comes from */
#ifndef TARN_BASE_ADDRESS_H
#define TARN_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct address {
	unsigned char at[16];	/* IPv6; an IPv4 address as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) */
};

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]", and with a port behind as proxies write it. */
bool address_read(const char *s, size_t n, struct address *address_r);

/* A list of networks with blanks between: "127.0.0.1 10.0.0.0/8 fd00::/8". */
bool address_networks(const char *list);
bool address_in(const struct address *address, const char *networks);

/* Whom to hold a request against. remote: the peer of the web server. Only if that is one of the
 * trusted does `forwarded` (X-Forwarded-For; or NULL) count, from its end, up to the first address
 * that is none of the trusted: what stands before it anybody can write. Of an IPv6 address the
 * network is taken (/64), since whoever has one has all of them. False: there is no address. */
bool address_source(const char *remote, const char *forwarded, const char *trusted,
    struct address *source_r);

#endif
