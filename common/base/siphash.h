/* siphash - SipHash-2-4, a hash for tables that strangers fill (Aumasson and Bernstein, 2012)
 *
 * Without the key nobody can choose texts that meet in one place of a table. */
#ifndef TARN_BASE_SIPHASH_H
#define TARN_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash(const uint64_t key[2], const void *data, size_t n);

#endif
