/* syntax - what the forms of the protocols look like
 *
 * Each function looks at one whole NUL-terminated text of well-formed UTF-8 and says whether it has
 * the form. Length ceilings are the parameter tables' affair. No function knows any state. */
#ifndef TARN_BASE_SYNTAX_H
#define TARN_BASE_SYNTAX_H

#include <stdbool.h>

typedef bool syntax_fn(const char *s);

bool syn_any(const char *s);		/* any text */
bool syn_line(const char *s);		/* no control characters */
bool syn_visible(const char *s);	/* 1*VSCHAR, %x20-7E (RFC 6749 appendix A) */
bool syn_token(const char *s);		/* 1*( ALPHA / DIGIT / one of -._~+/= ): bearer values */
bool syn_word(const char *s);		/* 1*( ALPHA / DIGIT / "_" / "-" ) */
bool syn_words(const char *s);		/* words, one blank between */
bool syn_number(const char *s);		/* 1*9DIGIT */
bool syn_uuid(const char *s);		/* 8-4-4-4-12 hexadecimal digits */
bool syn_client_id(const char *s);	/* 1*( ALPHA / DIGIT / "_" / "+" ) */
bool syn_scope(const char *s);		/* scope-token *( SP scope-token ) (RFC 6749 3.3) */
bool syn_challenge(const char *s);	/* 43*128 unreserved (RFC 7636 4.2) */
bool syn_code(const char *s);		/* a one-time code: 1*VCHAR */
bool syn_username(const char *s);	/* letters, marks, symbols, numbers, punctuation */
bool syn_password(const char *s);	/* no control characters, no blank first or last */
bool syn_email(const char *s);		/* local@domain, no blanks, a plausible domain */
bool syn_phone(const char *s);		/* "+" and 5 to 15 digits (E.164) */
bool syn_host(const char *s);		/* host name or address, and an optional port */
bool syn_jwt(const char *s);		/* three parts of base64url (RFC 7519) */

#endif
