/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spans of a request that is recorded: one of ours, and one for each attempt to have a target
 * answer. Each is written when it ends; of a request that is not recorded none is.
 */
#ifndef LATTICE_PROXY_TRACE_SPAN_H
#define LATTICE_PROXY_TRACE_SPAN_H

#include <stdint.h>

struct request;
struct worker;

void trace_attempt_begin(struct request *r);
void trace_attempt_end(struct request *r, const char *failure);
void trace_end(struct request *r, uint64_t now_us);
void trace_flush(struct worker *w);

#endif
