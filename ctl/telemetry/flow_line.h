/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of VPC Flow Logs: the default format of version 2, or fields in an order of one's own, by
 * AWS's names; what we cannot know is "-".
 */
#ifndef LATTICE_TELEMETRY_FLOW_LINE_H
#define LATTICE_TELEMETRY_FLOW_LINE_H

#include "base/buf.h"

#include <linux/lattice.h>

enum { FLOW_FIELDS_MAX = 40 };

struct flow_format {
	uint8_t fields[FLOW_FIELDS_MAX]; /* places in a table */
	size_t count;
	unsigned version; /* 2, or the highest of the fields' */
};

/* Whose flow it is. */
struct flow_place {
	struct str account, region, vpc_id;
	struct str service_id; /* empty: none */
};

int flow_format_parse(struct str text, struct flow_format *ret) __attribute__((warn_unused_result));
void flow_line_write(struct buf *to, const struct flow_format *f, const struct flow_place *place,
		     const struct lattice_record *r);
void flow_line_skipped(struct buf *to, const struct flow_format *f, const struct flow_place *place,
		       uint64_t now_ms);

#endif
