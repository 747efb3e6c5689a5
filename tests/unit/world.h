/* world - for tests of rules: a real store in a folder of its own, one pool, one client, and a time
 * that moves when a test says so
 *
 * JSON is written with ' for ". */
#ifndef TARN_TESTS_UNIT_WORLD_H
#define TARN_TESTS_UNIT_WORLD_H

#include "base/json.h"
#include "store/client.h"
#include "store/user.h"

extern struct world {
	struct rq *rq;
	const struct client *client;	/* of rq->pool */
} world;

/* Once for a test program: cmocka's group set-up and tear-down. */
int world_begin(void **state);
int world_end(void **state);

/* A new pool and client, whose documents are the defaults and these members. */
void world_pool(const char *pool, const char *client);

/* Applies what the request collected and begins another, some milliseconds later. */
void world_step(int64_t ms);

/* The same, but forgets it. */
void world_forget(void);

/* How often argon2id goes over its memory from now on; 1 at first. */
void world_hashing(int64_t passes);

/* How long nonces for proofs live from now on; 0 at first: there are none. */
void world_nonces(int64_t seconds);

/* Where text messages go from now on; "" at first: nowhere. */
void world_sms(const char *sms);

struct json *world_json(const char *text);

/* The user of that name, who must exist, and what the pool knows of him. */
const struct user *world_user(const char *name);

/* A user who is there, with his attributes and password ("" : none), in a state. */
void world_create(const char *username, const char *status, const char *password, bool temporary,
    const char *attributes);

/* The one letter that waits, taken out of the outbox; NULL: none does. */
const struct json *world_letter(void);

/* What was refused last: the exception, a colon, the sentence. */
const char *world_refusal(void);

#endif
