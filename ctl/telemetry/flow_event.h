/* SPDX-License-Identifier: Apache-2.0 */
/* The module's audit events, LATTICE_CMD_AUDIT_EVENT of <linux/lattice.h>, from netlink messages.
 */
#ifndef LATTICE_TELEMETRY_FLOW_EVENT_H
#define LATTICE_TELEMETRY_FLOW_EVENT_H

#include "base/str.h"

#include <linux/lattice.h>
#include <stdint.h>

/* What one namespace tells at once; records are borrowed from the message. */
struct flow_event {
	uint32_t inum; /* the namespace's inode number */
	uint64_t lost; /* events that it lost so far */
	struct str records;
	size_t record_bytes; /* of one */
};

bool flow_event_next(struct str *messages, struct flow_event *ret);
bool flow_event_record(const struct flow_event *e, size_t at, struct lattice_record *ret);

#endif
