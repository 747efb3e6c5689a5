/* keyring - which keys a pool signs and verifies with, and their publication (oauth.md 7, 8)
 *
 * Each pool has two: one signs ID tokens, one access tokens; and two more of each
 * algorithm that a client of it asks for. A new key is published before it
 * signs, since relying parties keep the key set they fetched for a while. A retired key stays
 * published, and verifies, until no token it signed can still be valid. */
#ifndef TARN_OIDC_KEYRING_H
#define TARN_OIDC_KEYRING_H

#include "crypto/key.h"
#include "store/pool.h"

/* Two new keys for a new pool, among the writes; doc, the Pool document about to be stored, is told
 * which they are. 0 or FAULT, here and below. */
int keyring_create(struct rq *rq, struct json *doc);

/* New keys in place of all, named in doc, the Pool document about to replace the pool's: they sign
 * from that time on (ms; rq->now: at once), and the present ones until then. Those retired for
 * longer than a day (the longest life of a token) are dropped. */
int keyring_rotate(struct rq *rq, const struct pool *pool, int64_t from, struct json *doc);

/* Two keys of a client's algorithm, among the writes, unless the pool has them. NULL: the pool's
 * own. The key set has to be published before anything is signed with them. */
int keyring_provide(struct rq *rq, const struct pool *pool, const char *algorithm);

/* Every algorithm that the pool has keys of. */
struct words keyring_algorithms(struct rq *rq, const struct pool *pool);

/* The key, with its private part, that signs now. use: "id" or "access"; algorithm as above. */
int keyring_signer(struct rq *rq, const struct pool *pool, const char *use, const char *algorithm,
    const struct key **key_r);

/* Is anything signed with the key of that kid, now? */
bool keyring_signs(const struct rq *rq, const struct pool *pool, const char *kid);

/* The public key of that kid; NULL if the pool has none, or it is not one for this use. */
int keyring_verifier(struct rq *rq, const struct pool *pool, const char *use, const char *kid,
    const struct key **key_r);

/* {"keys":[…]} */
int keyring_jwks(struct rq *rq, const struct pool *pool, const struct json **jwks_r);

#endif
