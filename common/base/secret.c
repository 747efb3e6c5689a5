/* secret - comparing what must not be guessed */
#include <string.h>

#include "base/secret.h"

bool
secret_equal(const char *a, const char *b)
{
	const volatile char *x = a, *y = b;
	unsigned char differ = 0;
	size_t i, n;

	if (a == NULL || b == NULL || (n = strlen(a)) != strlen(b))
		return false;
	for (i = 0; i < n; i++)
		differ = (unsigned char)(differ | (x[i] ^ y[i]));
	return differ == 0;
}
