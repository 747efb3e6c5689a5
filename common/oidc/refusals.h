/* refusals - the errors of OAuth 2.0 and OpenID Connect (RFC 6749 4.1.2.1, 5.2; RFC 6750 3.1;
 * RFC 7009 2.2.1; RFC 8628 3.5; RFC 8707 2; RFC 9126 2.3; RFC 9449 5, 8; OpenID Connect Core
 * 3.1.2.6), with the statuses of oauth.md */
#ifndef TARN_OIDC_REFUSALS_H
#define TARN_OIDC_REFUSALS_H

#include "base/rq.h"

/*	name			error				status	error_description */
#define OIDC_REFUSALS(X) \
	X(invalid_request,	"invalid_request",		400,	NULL) \
	X(invalid_client,	"invalid_client",		400,	NULL) \
	X(invalid_client_401,	"invalid_client",		401,	NULL) \
	X(invalid_client_basic,	"invalid_client",		401,	NULL) \
	X(invalid_grant,	"invalid_grant",		400,	NULL) \
	X(invalid_scope,	"invalid_scope",		400,	NULL) \
	X(unauthorized_client,	"unauthorized_client",		400,	NULL) \
	X(invalid_redirect,	"unauthorized_client",		400,	"invalid_redirect") \
	X(unsupported_grant_type, "unsupported_grant_type",	400,	NULL) \
	X(unsupported_token_type, "unsupported_token_type",	400,	NULL) \
	X(invalid_request_uri,	"invalid_request_uri",		400,	NULL) \
	X(invalid_target,	"invalid_target",		400,	NULL) \
	X(invalid_redirect_uri,	"invalid_redirect_uri",		400,	"%s") \
	X(invalid_client_metadata, "invalid_client_metadata",	400,	"%s") \
	X(registration_closed,	"access_denied",		403,	NULL) \
	X(registration_busy,	"temporarily_unavailable",	429,	NULL) \
	X(invalid_token,	"invalid_token",		401,	NULL) \
	X(authorization_pending, "authorization_pending",	400,	NULL) \
	X(slow_down,		"slow_down",			400,	NULL) \
	X(access_denied,	"access_denied",		400,	NULL) \
	X(expired_token,	"expired_token",		400,	NULL) \
	X(invalid_dpop_proof,	"invalid_dpop_proof",		400,	"DPoP proof: %s") \
	X(use_dpop_nonce,	"use_dpop_nonce",		400, \
	    "The proof needs the nonce of DPoP-Nonce") \
	X(consent_required,	"consent_required",		400,	NULL) \
	X(login_required,	"login_required",		400,	NULL) \
	X(bad_bearer,		"invalid_request",		400, \
	    "Bad OAuth2 request at UserInfo Endpoint") \
	X(no_bearer,		"invalid_request",		401, \
	    "No access token") \
	X(dead_token,		"invalid_token",		401, \
	    "Access token is expired, disabled, or deleted, or the user has globally signed out.") \
	X(bound_token,		"invalid_token",		401, \
	    "Access token is bound to a key that the request does not prove, or to none") \
	X(not_openid,		"invalid_token",		401, \
	    "Access token does not contain openid scope") \
	X(insufficient_scope,	"insufficient_scope",		403, \
	    "Access token does not contain openid scope") \
	X(redirect_mismatch,	"redirect_mismatch",		400,	NULL) \
	X(parameters_missing,	"Required parameters missing",	400,	NULL) \
	X(no_logout_uri,	"Required String parameter 'redirect_uri' is not present", 400, \
	    NULL)

#define X(name, error, status, description) extern const struct refusal name;
OIDC_REFUSALS(X)
#undef X

#endif
