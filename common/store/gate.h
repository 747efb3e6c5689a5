/* gate - one process at a time inside the engine, and what to do when it dies there
 *
 * Every call of the engine's library, by every process, is made between gate_enter and gate_leave.
 * The gate is a robust mutex in a file that all processes share, so the kernel opens it again when
 * its holder dies. Beside the mutex stands the word `inside`: whoever leaves properly clears it,
 * and whoever enters and finds it set knows that the engine's shared memory is not to be trusted,
 * and that nobody else is in there: it recovers, and numbers a new generation. A process that
 * enters with an older generation drops what it had open and joins again before it touches
 * anything.
 *
 * The library has ways of its own to share an environment between processes that may be killed
 * (DB_REGISTER with DB_RECOVER, failchk). They do not do: its mutexes are not robust, so who waits
 * for one that a dead process held sleeps for ever, and no recovery wakes him; and processes that
 * live on across a recovery write with what they knew before it, which loses acknowledged commits
 * or leaves files that no recovery opens.
 *
 * Nothing slow happens inside. The disk is waited for outside, in gate_sync: one process calls
 * fdatasync for all that wait.
 *
 * This module knows mutexes, files, futexes and processes, and nothing of the engine. A process has
 * one gate; it is single-threaded. Everything here logs its own failures. */
#ifndef TARN_STORE_GATE_H
#define TARN_STORE_GATE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GATE_SLOTS = 4608,	/* processes attached at the same time */
	GATE_LEAKED = 200	/* dead attachments before the engine's memory is made anew */
};

/* What the engine does when the gate asks; each returns 0 or FAULT. Except for sync these are
 * called inside. */
struct gate_engine {
	const char *version;	/* processes with another one never share the engine's memory */
	/* Alone, and nothing in shared memory can be trusted: makes it anew. *log_r: the newest
	 * log. REFUSED: sound, but not for this program. */
	int (*recover)(uint32_t *log_r);
	/* Opens what is there. FAULT: it must be recovered. REFUSED: as above. */
	int (*join)(void);
	/* Drops what is open of an earlier generation, without waiting for anything in it. */
	void (*abandon)(void);
	/* Outside: brings a log to the disk. REFUSED: that log is gone, look for the newest
	 * again. */
	int (*sync)(uint32_t log);
	/* In a child after fork: forgets what the parent has open. */
	void (*forget)(void);
};

/* 0: inside, with the engine open. FAULT: not inside. */
int gate_enter(const struct gate_engine *engine);

/* clean false: something unforeseen happened in there; the next one in recovers. */
void gate_leave(bool clean);

/* Inside, after a commit whose record the kernel has: its number, for gate_sync. */
uint64_t gate_commit(uint32_t log, uint64_t bytes);

/* Inside: this hold will take long; nobody is to break in before half a minute has passed. */
void gate_lengthy(void);

/* Inside: true for one process when a checkpoint is overdue. */
bool gate_overdue(void);

/* Inside: a checkpoint is done. */
void gate_checkpointed(void);

/* Outside: waits until the commit of that number is on disk. 0 or FAULT: it may not be. */
int gate_sync(uint64_t number);

/* The number of the newest commit. */
uint64_t gate_newest(void);

/* Outside: a number that changes with each commit, before anybody is told of it, and with each
 * recovery. 0: somebody is inside, or a recovery is due, or this process has yet to join after
 * one. */
uint64_t gate_state(void);

/* Outside: counts what dead processes left behind. Enough of it makes the next one in recover. */
void gate_reap(void);

/* Outside, after the engine was closed inside: an orderly end. */
void gate_close(void);

struct gate_counts {
	uint64_t entries, commits, syncs, checkpoints;
	uint64_t deaths;	/* holders that died inside */
	uint64_t evictions;	/* holders that were stopped and killed */
	uint64_t recycles;	/* recoveries for the sake of what the dead left behind */
	uint64_t recoveries;
	uint64_t longest_hold;	/* microseconds; recoveries and checkpoints do not count */
};

/* Since the gate was made; all zero if this process has not entered it. */
void gate_counts(struct gate_counts *counts_r);

#endif
