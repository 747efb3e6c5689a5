/* fuzz_address - addresses, networks and X-Forwarded-For, whatever is written there */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new();
	const char *s = arena_dupn(mem, data, size);
	struct address source, peer;

	(void)address_networks(s);
	if (address_read(s, strlen(s), &peer) && !address_in(&peer, "::/0"))
		abort();
	/* Whoever is not trusted is the source, whatever the header says. */
	if (!address_source("192.0.2.1", s, "10.0.0.0/8", &source) ||
	    !address_in(&source, "192.0.2.1"))
		abort();
	if (!address_source("192.0.2.1", s, "::/0", &source))
		abort();
	arena_free(&mem);
	return 0;
}
