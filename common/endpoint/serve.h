/* serve - the loop that turns a program's table into answers */
#ifndef TARN_ENDPOINT_SERVE_H
#define TARN_ENDPOINT_SERVE_H

#include <stdint.h>

#include "endpoint/endpoint.h"
#include "web/fcgi.h"

/* Answers requests until *stop is set or `most` were served. Returns the exit status. */
int endpoint_serve(const struct program *program, struct fcgi *fcgi, const volatile int *stop,
    int64_t most);

#endif
