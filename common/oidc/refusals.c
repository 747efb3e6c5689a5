/* refusals - the errors of OAuth 2.0 and OpenID Connect */
#include <stddef.h>

#include "oidc/refusals.h"

#define X(name, error, status, description) \
	const struct refusal name = { error, status, description, NULL };
OIDC_REFUSALS(X)
#undef X
