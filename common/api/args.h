/* args - an operation's arguments on a command line, and its answer on paper, by their shapes
 *
 * The spelling is the AWS command line's: --user-pool-id for UserPoolId; a list of texts is several
 * words; a boolean is --permanent or --no-permanent; a structure is shorthand, Name=email,Value=a@b
 * (inside: {..} for structures, [..] for lists, quotes around what has commas), or JSON; a list of
 * structures is one of these per word, or one JSON list; a map is key=value,key2=value2 or JSON. */
#ifndef TARN_API_ARGS_H
#define TARN_API_ARGS_H

#include <stdio.h>

#include "base/shape.h"

/* "create-user-pool" for "CreateUserPool", "callback-urls" for "CallbackURLs". */
const char *args_spell(struct arena *mem, const char *name);

/* argv without the operation's name. --cli-input-json TEXT gives members that options do not.
 * False, and a sentence in *error_r, if they are not arguments of this shape; bounds and patterns
 * are left to shape_check. */
bool args_parse(struct arena *mem, const struct shape *shape, int argc, const char *const *argv,
    struct json **in_r, const char **error_r);

/* The options, one line each, with what they take. */
void args_describe(struct arena *mem, const struct shape *shape, FILE *out);

/* value with its timestamps as text (RFC 3339). */
struct json *args_present(struct arena *mem, const struct shape *shape, const struct json *value);

#endif
