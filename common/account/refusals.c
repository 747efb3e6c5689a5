/* refusals - what the user pool API and the pages refuse, in their words */
#include "account/refusals.h"

/* idp-api.md 1.3: every exception that a caller can bring about is a 400. */
#define X(name, code, message) const struct refusal name = { code, 400, message, #name };
ACCOUNT_REFUSALS(X)
#undef X
