/* size - how large things must be, from the settings */
#include "base/conf.h"
#include "store/gate.h"
#include "store/size.h"

enum {
	PROGRAMS = 64,			/* that tarn serve keeps, at most */
	OTHERS = 128,			/* tarnd and commands, present and just ended */
	MUTEXES_EACH = 14,
	MUTEXES_MEGABYTE = 450,
	MUTEX = 136,			/* bytes */
	LOG_TABLE_EACH = 1 << 10,
	LOG_TABLE = 512 << 10,		/* of nobody */
	REST = 1 << 20			/* transactions, and what the environment is itself */
};

/* As many as the settings allow must find a place in the gate. */
_Static_assert(64 * PROGRAMS + OTHERS <= GATE_SLOTS, "the gate has too few slots");

uint32_t
size_attachments(void)
{
	return (uint32_t)conf->workers * PROGRAMS + OTHERS + GATE_LEAKED;
}

uint32_t
size_mutexes(void)
{
	return MUTEXES_EACH * size_attachments();
}

uint32_t
size_log_table(void)
{
	return LOG_TABLE + LOG_TABLE_EACH * size_attachments();
}

uint64_t
size_cache(void)
{
	return (uint64_t)conf->cache_megabytes << 20;
}

uint64_t
size_memory(void)
{
	uint64_t cache = size_cache();
	uint64_t mutexes = (uint64_t)conf->cache_megabytes * MUTEXES_MEGABYTE + size_mutexes();

	return cache + cache / 4 + mutexes * MUTEX + size_log_table() + SIZE_LOG_BUFFER + REST;
}

uint64_t
size_disk(void)
{
	return 3 * (uint64_t)SIZE_LOG + size_cache();
}

uint64_t
size_cache_wanted(uint64_t databases)
{
	return (databases + databases / 4 + (1 << 20) - 1) >> 20;
}
