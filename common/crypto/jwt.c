/* jwt - JSON Web Signatures in compact form (RFC 7515, RFC 7519) */
#include <string.h>

#include "base/codec.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "crypto/sign.h"

enum { LONGEST = 16 * 1024 };

/* The first part, with its dot. */
static const char *
jwt_head(struct rq *rq, const struct key *key, const char *typ)
{
	struct json *head;
	const char *text;

	if (typ == NULL)
		return key->head;
	head = json_object(rq->mem);
	json_set_text(head, "kid", key_id(key));
	json_set_text(head, "alg", key_algorithm(key));
	json_set_text(head, "typ", typ);
	text = json_print_slashes(rq->mem, head);
	return arena_join(rq->mem, base64url(rq->mem, text, strlen(text)), ".", "");
}

int
jwt_sign(struct rq *rq, const struct key *key, const char *typ, const struct json *claims,
    const char **jwt_r)
{
	const char *payload = json_print(rq->mem, claims), *signed_part;
	const unsigned char *signature;
	size_t n;
	int r;

	*jwt_r = NULL;
	signed_part = arena_join(rq->mem, jwt_head(rq, key, typ),
	    base64url(rq->mem, payload, strlen(payload)), "");
	if ((r = sign_make(rq, key, signed_part, strlen(signed_part), &signature, &n)) != 0)
		return r;
	*jwt_r = arena_join(rq->mem, signed_part, ".", base64url(rq->mem, signature, n));
	return 0;
}

/* One part of the three as a JSON object. */
static const struct json *
read_object(struct rq *rq, const char *s, size_t n)
{
	struct json *value;
	unsigned char *text;
	const char *error;
	size_t n_text;

	if (!base64url_decode(rq->mem, s, n, &text, &n_text) ||
	    !json_parse(rq->mem, (const char *)text, n_text, &value, &error))
		return NULL;
	return json_type(value) == JSON_OBJECT ? value : NULL;
}

/* True if a member that must be a text, where it is present, is one. */
static bool
text_or_absent(const struct json *header, const char *name)
{
	return json_get(header, name) == NULL || json_text(header, name) != NULL;
}

/* json_get cannot tell null from absent. */
static bool
has_member(const struct json *header, const char *name)
{
	struct json_member m = json_first(header);

	while (m.name != NULL && strcmp(m.name, name) != 0)
		m = json_next(m);
	return m.name != NULL;
}

int
jwt_read(struct rq *rq, const char *text, const struct jwt **jwt_r)
{
	struct jwt *jwt = arena_alloc(rq->mem, sizeof(*jwt));
	const char *payload, *signature;
	unsigned char *bytes;

	*jwt_r = NULL;
	if (strnlen(text, LONGEST + 1) > LONGEST || (payload = strchr(text, '.')) == NULL ||
	    (signature = strchr(++payload, '.')) == NULL || strchr(++signature, '.') != NULL)
		return REFUSED;
	jwt->signed_part = text;
	jwt->n_signed = (size_t)(signature - text) - 1;
	if (!base64url_decode(rq->mem, signature, strlen(signature), &bytes, &jwt->n_signature))
		return REFUSED;
	jwt->signature = bytes;
	if ((jwt->header = read_object(rq, text, (size_t)(payload - text) - 1)) == NULL ||
	    (jwt->claims = read_object(rq, payload, (size_t)(signature - payload) - 1)) == NULL)
		return REFUSED;
	/* RFC 7515 4.1.11: what crit names must be understood, and nothing here is. */
	if (has_member(jwt->header, "crit") || !text_or_absent(jwt->header, "kid") ||
	    !text_or_absent(jwt->header, "alg") || !text_or_absent(jwt->header, "typ"))
		return REFUSED;
	jwt->kid = json_text(jwt->header, "kid");
	jwt->alg = json_text(jwt->header, "alg");
	jwt->typ = json_text(jwt->header, "typ");
	*jwt_r = jwt;
	return 0;
}

int
jwt_verify_once(struct rq *rq, const struct jwt *jwt, const struct key *key)
{
	if (!text_equal(jwt->alg, key_algorithm(key)))
		return REFUSED;
	return sign_check(rq, key, jwt->signed_part, jwt->n_signed, jwt->signature,
	    jwt->n_signature);
}

/* Tokens whose signature was found good, by the digest of key and whole token: applications come
 * again and again with the one they hold. Nothing but the signature is remembered. */
enum { REMEMBERED = 512 };
static unsigned char good[REMEMBERED][SHA256_SIZE];

int
jwt_verify(struct rq *rq, const struct jwt *jwt, const struct key *key)
{
	const char *whole = arena_join(rq->mem, key_id(key), " ", jwt->signed_part);
	unsigned char digest[SHA256_SIZE], *place;
	int r;

	if (!text_equal(jwt->alg, key_algorithm(key)))
		return REFUSED;
	digest_sha256(whole, strlen(whole), digest);
	place = good[(digest[0] << 8 | digest[1]) % REMEMBERED];
	if (memcmp(place, digest, sizeof(digest)) == 0)
		return 0;
	if ((r = jwt_verify_once(rq, jwt, key)) == 0)
		memcpy(place, digest, sizeof(digest));
	return r;
}

const char *
jwt_half_hash(struct arena *mem, const struct key *key, const char *text)
{
	unsigned char hash[SHA512_SIZE];

	if (key->scheme == SCHEME_EDDSA) {
		digest_sha512(text, strlen(text), hash);
		return base64url(mem, hash, SHA512_SIZE / 2);
	}
	digest_sha256(text, strlen(text), hash);
	return base64url(mem, hash, SHA256_SIZE / 2);
}
