/* random - unguessable values from the kernel */
#include <string.h>
#include <sys/random.h>

#include "base/codec.h"
#include "base/log.h"
#include "base/random.h"

void
random_bytes(void *data, size_t n)
{
	unsigned char *p = data;

	while (n > 0) {
		size_t part = n < 256 ? n : 256;

		if (getrandom(p, part, 0) != (ssize_t)part)
			log_die("no randomness from the kernel");
		p += part;
		n -= part;
	}
}

uint32_t
random_below(uint32_t limit)
{
	uint32_t most = UINT32_MAX - UINT32_MAX % limit, x;

	do
		random_bytes(&x, sizeof(x));
	while (x >= most);
	return x % limit;
}

const char *
random_token(struct arena *mem)
{
	unsigned char raw[32];

	random_bytes(raw, sizeof(raw));
	return base64url(mem, raw, sizeof(raw));
}

const char *
random_uuid(struct arena *mem)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	static const char digits[] = "0123456789abcdef";
	char *uuid = arena_dup(mem, form), *p;
	unsigned char b[16];
	int i = 0;

	random_bytes(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (p = uuid; *p != '\0'; p++)
		if (*p == 'x') {
			*p = digits[i % 2 == 0 ? b[i / 2] >> 4 : b[i / 2] & 15];
			i++;
		}
	return uuid;
}

const char *
random_text(struct arena *mem, size_t n, const char *alphabet)
{
	uint32_t size = (uint32_t)strlen(alphabet);
	char *s = arena_array(mem, n + 1, 1);
	size_t i;

	for (i = 0; i < n; i++)
		s[i] = alphabet[random_below(size)];
	return s;
}
