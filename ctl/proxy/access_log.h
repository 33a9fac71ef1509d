/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON line per request, with the field names of the VPC Lattice access log. */
#ifndef LATTICE_PROXY_ACCESS_LOG_H
#define LATTICE_PROXY_ACCESS_LOG_H

#include "base/buf.h"

struct request;

/* The text of the second that was written last; all-zero before the first. */
struct log_clock {
	uint64_t from_us; /* when it began, by clock_mono_us() */
	size_t n;
	char text[32];
};

void access_log_write(struct buf *to, struct log_clock *c, const struct request *r,
		      uint64_t now_us);

#endif
