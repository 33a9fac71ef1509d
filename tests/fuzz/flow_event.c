/* SPDX-License-Identifier: Apache-2.0 */
/* Audit messages up to their lines: any bytes are read within their bounds, and lines are whole. */
#include "telemetry/flow_event.h"
#include "telemetry/flow_line.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct flow_place place = { 0 };
	struct str all = { (const char *)data, size };
	struct lattice_record r;
	struct flow_format f;
	struct flow_event e;
	struct buf to;
	size_t i;

	assert(flow_format_parse(STR("default,lattice-verdict,type"), &f) != 0);
	assert(flow_format_parse(
		       STR("srcaddr dstaddr srcport bytes start end lattice-verdict type"), &f) ==
	       0);
	buf_init(&to, 1 << 20);
	while (flow_event_next(&all, &e)) {
		for (i = 0; flow_event_record(&e, i, &r); i++) {
			assert(e.records.p >= (const char *)data);
			flow_line_write(&to, &f, &place, &r);
		}
	}
	assert(!buf_len(&to) || to.failed || to.p[to.end - 1] == '\n');
	buf_fini(&to);
	return 0;
}
