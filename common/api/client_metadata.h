/* client_metadata - what a client says of itself when it registers (RFC 7591 2), as the members of
 * an app client, and back
 *
 * What is not in the table of client_metadata.c is passed over, as the standard has it; so is what
 * nobody from outside may set, like an address that the server itself would call. */
#ifndef TARN_API_CLIENT_METADATA_H
#define TARN_API_CLIENT_METADATA_H

#include "base/json.h"
#include "base/rq.h"

/* *members_r: members of CreateUserPoolClient; *said_r: what is only kept. Refuses
 * invalid_redirect_uri or invalid_client_metadata. */
int client_metadata_read(struct rq *rq, const struct json *metadata, const struct json **members_r,
    const struct json **said_r);

/* The members that metadata sets, or takes away by being silent: ends with NULL. */
extern const char *const client_metadata_members[];

/* Of a Client document and what was kept. */
struct json *client_metadata_write(struct rq *rq, const struct json *client,
    const struct json *said);

#endif
