/* dpop - proof that who calls holds a private key (RFC 9449)
 *
 * A proof is a JWT that the client signs for one request, with the public key inside. A token that
 * was issued with a proof is bound to its key by its claim cnf.jkt, and is good for nobody without
 * a proof by that key. A program that takes proofs has DPOP_PARAM in its table. */
#ifndef TARN_OIDC_DPOP_H
#define TARN_OIDC_DPOP_H

#include "base/json.h"
#include "web/param.h"

/* A header that comes twice arrives joined by a comma, which no JWT has (section 4.3, 1). */
#define DPOP_PARAM { "DPoP", syn_visible, 4096, HEADER | SECRET }

/* What a request with a proof, or one that needs one, has in rq->dpop. */
struct dpop {
	const char *key;		/* thumbprint (RFC 7638) of the key proved; NULL: none */
	const char *nonce;		/* to be sent along, for the next proof; NULL: none */
};

/* The request is one of this kind, and so are its challenges. Again: nothing. 0 or FAULT. */
int dpop_begin(struct rq *rq);

/* Verifies the proof (NULL: there is none), which is used up, among the writes: dpop_read, the
 * nonce where the settings ask for one, and that it comes for the first time. access_token: that it
 * is shown with, or NULL. Refuses invalid_dpop_proof or use_dpop_nonce. */
int dpop_prove(struct rq *rq, const char *proof, const char *access_token);

/* The thumbprint of the key that this request proved; NULL: none. */
const char *dpop_key(const struct rq *rq);

/* What of a proof its text and the request tell: form, key, signature, method, address, time,
 * access token (section 4.3). Refuses invalid_dpop_proof. */
struct proof {
	const char *key;		/* thumbprint */
	const char *jti, *nonce;	/* nonce: or NULL */
	int64_t iat;			/* seconds */
};
int dpop_read(struct rq *rq, const char *proof, const char *access_token, struct proof *proof_r);

#endif
