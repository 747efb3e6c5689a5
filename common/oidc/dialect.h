/* dialect - what the dialects do differently on the wire
 *
 * An app client speaks one of three (its setting Dialect): COGNITO, the original with its quirks;
 * BOTH, the original and what of the standards can be added to it without changing it; STANDARD,
 * where the two contradict each other, the standards. Nothing else in the code compares dialects:
 * who departs from the original asks for a row of this table, and ARCHITECTURE, "Dialects", has the
 * same rows. */
#ifndef TARN_OIDC_DIALECT_H
#define TARN_OIDC_DIALECT_H

#include "base/rq.h"
#include "store/client.h"

/*	name			from		what */
#define DEPARTURES(X) \
	X(RESPONSE_ISSUER,	BOTH,		"iss in the authorization response") \
	X(RESPONSE_MODES,	BOTH,		"response_mode: query, fragment, form_post") \
	X(LOOPBACK_PORTS,	BOTH,		"a loopback callback on any port") \
	X(TOKEN_SCOPE,		BOTH,		"scope in the token answer") \
	X(TOKEN_IN_FORM,	BOTH,		"userInfo takes the token in a form too") \
	X(MACHINE_RESOURCE,	BOTH,		"client_credentials takes a resource") \
	X(MORE_GRANTS,		BOTH,		"unauthorized_client for every grant") \
	X(PARTY_LOGOUT,		BOTH,		"sign-out as OpenID has it, beside Cognito's") \
	X(FULL_METADATA,	BOTH,		"openid-configuration with every member") \
	X(RESPONSE_ERRORS,	STANDARD,	"errors of the implicit grant in the fragment") \
	X(CLIENT_CHALLENGE,	STANDARD,	"invalid_client is 401 with a challenge") \
	X(DOWN_SCOPING,		STANDARD,	"a refresh may ask for fewer scopes") \
	X(ACCESS_TOKEN_TYPE,	STANDARD,	"access tokens have typ at+jwt and an aud") \
	X(BEARER_SCHEME,	STANDARD,	"bearer challenges name their scheme") \
	X(USERINFO_TYPES,	STANDARD,	"userInfo answers booleans and numbers")

enum departure {
#define X(name, from, what) name,
	DEPARTURES(X)
#undef X
	NDEPARTURES
};

/* Of rq->client, or of the user pool while no client is known. */
bool dialect_has(const struct rq *rq, enum departure what);

/* Of that dialect, whoever asks. */
bool dialect_speaks(enum dialect dialect, enum departure what);

#endif
