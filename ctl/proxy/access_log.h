/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON line per request, with the field names of the VPC Lattice access log. */
#ifndef LATTICE_PROXY_ACCESS_LOG_H
#define LATTICE_PROXY_ACCESS_LOG_H

#include "base/buf.h"

struct request;
struct snap_vpc;
struct snap_service;
struct snap_listener;
struct snap_target_group;

/* The text of the second that was written last; all-zero before the first. */
struct log_clock {
	uint64_t from_us; /* when it began, by clock_mono_us() */
	size_t n;
	char text[32];
};

/* Members of a line that requests of the same way have in common; those of no way are 0 long. */
struct log_places {
	uint64_t generation; /* of the snapshot, whose the others are */
	const struct snap_vpc *vpc;
	const struct snap_service *service;
	const struct snap_listener *listener;
	const struct snap_target_group *group;
	size_t n;
	char text[976];
};

enum { LOG_PLACES = 16 };

/* What the writer of lines keeps from one to the next; all-zero before the first. */
struct log_memo {
	struct log_clock clock;
	struct log_places places[LOG_PLACES];
};

void access_log_write(struct buf *to, struct log_memo *m, const struct request *r, uint64_t now_us);

#endif
