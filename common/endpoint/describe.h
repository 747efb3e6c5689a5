/* describe - a program's own account of itself: what a replacement must keep */
#ifndef TARN_ENDPOINT_DESCRIBE_H
#define TARN_ENDPOINT_DESCRIBE_H

#include "endpoint/endpoint.h"

/* What a page answers to: "GET", "POST" … */
struct words page_methods(struct arena *mem, const struct page *page);

/* As JSON, on standard output: --describe. */
void describe_json(const struct program *program);

/* For people: --help. */
void describe_help(const struct program *program);

#endif
