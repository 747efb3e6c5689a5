/* codec - bytes as text: base64, base64url, base32, hexadecimal (RFC 4648) */
#ifndef TARN_BASE_CODEC_H
#define TARN_BASE_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Section 4, padded. */
const char *base64(struct arena *mem, const void *data, size_t n);

/* Section 5, unpadded. */
const char *base64url(struct arena *mem, const void *data, size_t n);

/* Section 6, unpadded. */
const char *base32(struct arena *mem, const void *data, size_t n);

/* Section 8, lower case. */
const char *hex(struct arena *mem, const void *data, size_t n);

/* Decoders are strict: only the alphabet, right padding, no bits left over. False: not decodable.
 * The bytes are followed by a NUL that does not count. base64_decode needs the padding. */
bool base64_decode(struct arena *mem, const char *s, size_t n, unsigned char **data_r, size_t *n_r);
bool base64url_decode(struct arena *mem, const char *s, size_t n, unsigned char **data_r,
    size_t *n_r);

#endif
