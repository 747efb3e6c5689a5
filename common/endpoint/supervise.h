/* supervise - processes that are kept alive: the workers of one program, or all programs
 *
 * Children are started, started again when they die (at once; with a pause when they die young),
 * and asked to finish when the supervisor is: SIGTERM lets each end its request first. */
#ifndef TARN_ENDPOINT_SUPERVISE_H
#define TARN_ENDPOINT_SUPERVISE_H

#include <sys/types.h>

struct member {
	const char *name;
	int count;			/* how many of it */
	int listening;			/* becomes descriptor 0; -1: none */
	int (*run)(void *);		/* in the child, without exec; or … */
	void *context;
	const char *const *argv;	/* … the program to execute */
	int renews;			/* what SIGHUP becomes for it; 0: SIGTERM */
};

/* Until SIGTERM or SIGINT; then waits for the children, at most so many seconds. Returns the status
 * to exit with. SIGHUP asks the children to finish, and starts new ones. */
enum { PATIENCE = 10 };
int supervise(const struct member *members, int n, int patience);

#endif
