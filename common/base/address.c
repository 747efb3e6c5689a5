/* address - internet addresses, networks of them, and whom a request comes from */
#include <arpa/inet.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

enum { LONGEST = 64, BITS = 128, MAPPED_BITS = 96 };

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
is_mapped(const struct address *address)
{
	return memcmp(address->at, mapped, sizeof(mapped)) == 0;
}

/* Cuts brackets and a port off, in place. More than one colon and no bracket: no port. */
static char *
bare(char *s)
{
	char *end = strchr(s, ':');

	if (*s == '[') {
		s++;
		end = strchr(s, ']');
	} else if (end != NULL && strchr(end + 1, ':') != NULL) {
		end = NULL;
	}
	if (end != NULL)
		*end = '\0';
	return s;
}

bool
address_read(const char *s, size_t n, struct address *address_r)
{
	char text[LONGEST], *host;

	if (n == 0 || n >= sizeof(text))
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	host = bare(text);
	if (inet_pton(AF_INET6, host, address_r->at) == 1)
		return true;
	memcpy(address_r->at, mapped, sizeof(mapped));
	return inet_pton(AF_INET, host, address_r->at + sizeof(mapped)) == 1;
}

/* One network: an address, or the beginning of addresses and its length in bits. */
static bool
network_read(const char *s, size_t n, struct address *address_r, int64_t *bits_r)
{
	const char *slash = memchr(s, '/', n);
	size_t host = slash == NULL ? n : (size_t)(slash - s), digits;
	char number[4] = "";
	int64_t most;

	if (memchr(s, '[', n) != NULL || !address_read(s, host, address_r))
		return false;
	most = memchr(s, ':', host) == NULL ? BITS - MAPPED_BITS : BITS;
	*bits_r = BITS;
	if (slash == NULL)
		return true;
	digits = n - host - 1;
	if (digits == 0 || digits >= sizeof(number))
		return false;
	memcpy(number, slash + 1, digits);
	if (!text_number(number, bits_r) || *bits_r < 0 || *bits_r > most)
		return false;
	*bits_r += BITS - most;
	return true;
}

static bool
same_beginning(const struct address *a, const struct address *b, int64_t bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned rest = (unsigned)bits % 8;

	if (memcmp(a->at, b->at, whole) != 0)
		return false;
	return rest == 0 || (a->at[whole] ^ b->at[whole]) >> (8 - rest) == 0;
}

/* Walks the list; address NULL: only reads it. */
static bool
networks_walk(const char *list, const struct address *address, bool *found_r)
{
	struct address network;
	int64_t bits;
	size_t n;

	*found_r = false;
	for (list += strspn(list, " "); *list != '\0'; list += strspn(list, " ")) {
		n = strcspn(list, " ");
		if (!network_read(list, n, &network, &bits))
			return false;
		if (address != NULL && same_beginning(address, &network, bits))
			*found_r = true;
		list += n;
	}
	return true;
}

bool
address_networks(const char *list)
{
	bool found;

	return networks_walk(list, NULL, &found);
}

bool
address_in(const struct address *address, const char *networks)
{
	bool found;

	return networks_walk(networks, address, &found) && found;
}

/* The last element of a comma-separated list that ends at *end, which moves before it. */
static bool
last_hop(const char *list, const char **end, struct address *hop_r)
{
	const char *stop = *end, *s;

	while (stop > list && (stop[-1] == ' ' || stop[-1] == '\t'))
		stop--;
	for (s = stop; s > list && s[-1] != ','; s--)
		continue;
	*end = s > list ? s - 1 : list;
	s += strspn(s, " \t");
	return s < stop && address_read(s, (size_t)(stop - s), hop_r);
}

bool
address_source(const char *remote, const char *forwarded, const char *trusted,
    struct address *source_r)
{
	const char *end = forwarded == NULL ? NULL : forwarded + strlen(forwarded);
	struct address hop;

	if (remote == NULL || !address_read(remote, strlen(remote), source_r))
		return false;
	while (end != NULL && end > forwarded && address_in(source_r, trusted) &&
	    last_hop(forwarded, &end, &hop))
		*source_r = hop;
	if (!is_mapped(source_r))
		memset(source_r->at + 8, 0, 8);
	return true;
}
