/* secret - comparing what must not be guessed */
#include <string.h>

#include "base/secret.h"

bool
secret_same(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differ = 0;
	size_t i;

	for (i = 0; i < n; i++)
		differ = (unsigned char)(differ | (x[i] ^ y[i]));
	return differ == 0;
}

bool
secret_equal(const char *a, const char *b)
{
	size_t n;

	if (a == NULL || b == NULL || (n = strlen(a)) != strlen(b))
		return false;
	return secret_same(a, b, n);
}
