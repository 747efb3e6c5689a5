/* secret - comparing what must not be guessed */
#ifndef TARN_BASE_SECRET_H
#define TARN_BASE_SECRET_H

#include <stdbool.h>

/* Equality of two texts; the time depends on their lengths alone. False when either is NULL. */
bool secret_equal(const char *a, const char *b) __attribute__((warn_unused_result));

#endif
