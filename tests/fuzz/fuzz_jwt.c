/* fuzz_jwt - taking a token apart, and asking two keys about its signature */
#include <stdlib.h>

#include "base/arena.h"
#include "base/rq.h"
#include "crypto/jwt.h"

#include "fuzz.h"

/* The public keys of RFC 7515 appendix A.2 and A.3: what the corpus is signed with. */
static const char *const jwks[] = {
	"{\"alg\":\"RS256\",\"e\":\"AQAB\",\"kid\":\"a2\",\"kty\":\"RSA\",\"n\":\""
	    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
	    "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0"
	    "LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
	    "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
	    "PAcDTW9gb54h4FRWyuXpoQ\"}",
	"{\"alg\":\"ES256\",\"crv\":\"P-256\",\"kid\":\"a3\",\"kty\":\"EC\","
	    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
};

static const struct key *
key(struct rq *rq, size_t i)
{
	static const struct key *keys[2];
	struct json *jwk;
	const char *error;

	if (keys[i] == NULL && (!json_parse(rq->mem, jwks[i], strlen(jwks[i]), &jwk, &error) ||
	    key_from_jwk(rq, jwk, &keys[i]) != 0))
		abort();
	return keys[i];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rq *rq = rq_begin("fuzz");
	const struct jwt *jwt;

	if (jwt_read(rq, arena_dupn(rq->mem, data, size), &jwt) == 0) {
		(void)jwt_verify(rq, jwt, key(rq, 0));
		(void)jwt_verify(rq, jwt, key(rq, 1));
		(void)json_print(rq->mem, jwt->claims);
	}
	rq_end(&rq);
	return 0;
}
