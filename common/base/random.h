/* random - unguessable values from the kernel; replaced at link time by tests that fix them */
#ifndef TARN_BASE_RANDOM_H
#define TARN_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Fills data, or ends the process if the kernel has no randomness to give. */
void random_bytes(void *data, size_t n);

/* Below limit, without bias. */
uint32_t random_below(uint32_t limit);

/* 256 bits as 43 characters of base64url: bearer secrets. */
const char *random_token(struct arena *mem);

/* Version 4 (RFC 9562 5.4), lower case. */
const char *random_uuid(struct arena *mem);

/* n characters, each drawn from the alphabet. */
const char *random_text(struct arena *mem, size_t n, const char *alphabet);

#endif
