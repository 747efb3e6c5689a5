/* refusals - what the user pool API and the pages refuse, in their words (pages.md 5, idp-api.md
 * 1.4)
 *
 * One list: the exception's name, the sentence, and the key of its translation. */
#ifndef TARN_ACCOUNT_REFUSALS_H
#define TARN_ACCOUNT_REFUSALS_H

#include "base/rq.h"

/*	name			exception			sentence */
#define ACCOUNT_REFUSALS(X) \
	X(wrong_credentials,	"NotAuthorizedException",	"Incorrect username or password.") \
	X(user_disabled,	"NotAuthorizedException",	"User is disabled.") \
	X(locked_out,		"NotAuthorizedException",	"Password attempts exceeded") \
	X(temporary_expired,	"NotAuthorizedException", \
	    "Temporary password has expired and must be reset by an administrator.") \
	X(sign_up_closed,	"NotAuthorizedException", \
	    "SignUp is not permitted for this user pool") \
	X(not_writable,		"NotAuthorizedException", \
	    "A client attempted to write unauthorized attribute") \
	X(not_confirmable,	"NotAuthorizedException", \
	    "User cannot be confirmed. Current status is %s") \
	X(no_user,		"UserNotFoundException",	"User does not exist.") \
	X(no_such_pair,		"UserNotFoundException", \
	    "Username/client id combination not found.") \
	X(reset_required,	"PasswordResetRequiredException", \
	    "Password reset required for the user") \
	X(user_exists,		"UsernameExistsException",	"User already exists") \
	X(name_exists,		"UsernameExistsException", \
	    "An account with the given %s already exists.") \
	X(alias_exists,		"AliasExistsException", \
	    "An account with the %s already exists.") \
	X(code_mismatch,	"CodeMismatchException", \
	    "Invalid verification code provided, please try again.") \
	X(code_expired,		"ExpiredCodeException", \
	    "Invalid code provided, please request a code again.") \
	X(too_often,		"LimitExceededException", \
	    "Attempt limit exceeded, please try after some time.") \
	X(password_short,	"InvalidPasswordException", \
	    "Password did not conform with policy: Password not long enough") \
	X(password_upper,	"InvalidPasswordException", \
	    "Password did not conform with policy: Password must have uppercase characters") \
	X(password_lower,	"InvalidPasswordException", \
	    "Password did not conform with policy: Password must have lowercase characters") \
	X(password_digits,	"InvalidPasswordException", \
	    "Password did not conform with policy: Password must have numeric characters") \
	X(password_symbols,	"InvalidPasswordException", \
	    "Password did not conform with policy: Password must have symbol characters") \
	X(password_blank,	"InvalidPasswordException", \
	    "Password did not conform with policy: Password must not begin or end with a blank") \
	X(password_reused,	"PasswordHistoryPolicyViolationException", \
	    "Password has previously been used") \
	X(passwords_differ,	"InvalidParameterException",	"Passwords do not match.") \
	X(bad_email,		"InvalidParameterException",	"Invalid email address format.") \
	X(bad_phone,		"InvalidParameterException",	"Invalid phone number format.") \
	X(want_email,		"InvalidParameterException",	"Username should be an email.") \
	X(want_phone,		"InvalidParameterException", \
	    "Username should be a phone number.") \
	X(want_either,		"InvalidParameterException", \
	    "Username should be either an email or a phone number.") \
	X(name_is_email,	"InvalidParameterException", \
	    "Username cannot be of email format, since user pool is configured for email alias.") \
	X(name_is_phone,	"InvalidParameterException", \
	    "Username cannot be of phone number format, since user pool is configured for " \
	    "phone number alias.") \
	X(attribute_missing_one, "InvalidParameterException", \
	    "Attributes did not conform to the schema: %s: The attribute is required") \
	X(attribute_unknown,	"InvalidParameterException", \
	    "Attributes did not conform to the schema: %s: Attribute does not exist in the " \
	    "schema.") \
	X(attribute_form,	"InvalidParameterException", \
	    "Attributes did not conform to the schema: %s: The value is not allowed") \
	X(attribute_fixed,	"InvalidParameterException", \
	    "Attributes did not conform to the schema: %s: Attribute cannot be updated.") \
	X(mfa_mismatch,		"CodeMismatchException",	"Invalid code received for user") \
	X(totp_mismatch,	"EnableSoftwareTokenMFAException", "Code mismatch") \
	X(no_authenticator,	"SoftwareTokenMFANotFoundException", \
	    "Software Token MFA does not exist for the user.") \
	X(no_second_factor,	"InvalidParameterException", \
	    "Multi-factor authentication is required, and no method is available to you.") \
	X(no_recovery,		"InvalidParameterException", \
	    "Cannot reset password for the user as there is no registered/verified email or " \
	    "phone_number") \
	X(ask_administrator,	"NotAuthorizedException", \
	    "Contact administrator to reset password.") \
	X(not_resettable,	"NotAuthorizedException", \
	    "User password cannot be reset in the current state.") \
	X(already_confirmed,	"InvalidParameterException",	"User is already confirmed.") \
	X(nothing_to_verify,	"InvalidParameterException", \
	    "Auto verification not turned on.") \
	X(invalid_parameter,	"InvalidParameterException",	"%s") \
	X(no_such_resource,	"ResourceNotFoundException",	"%s") \
	X(feature_unavailable,	"FeatureUnavailableInTierException", "%s") \
	X(group_exists,		"GroupExistsException", \
	    "A group with the name already exists") \
	X(limit_exceeded,	"LimitExceededException",	"%s") \
	X(bad_oauth_flow,	"InvalidOAuthFlowException",	"%s") \
	X(no_such_scope,	"ScopeDoesNotExistException",	"%s") \
	X(wrong_state,		"UnsupportedUserStateException", "%s")

#define X(name, code, message) extern const struct refusal name;
ACCOUNT_REFUSALS(X)
#undef X

#endif
