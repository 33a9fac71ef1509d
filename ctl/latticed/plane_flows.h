/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flow logs: the module's audit events, which the broker's socket brings, as lines to a file of
 * each VPC and to the readers of the flow socket. Belongs to the control thread.
 */
#ifndef LATTICE_LATTICED_PLANE_FLOWS_H
#define LATTICE_LATTICED_PLANE_FLOWS_H

#include "latticed/plane_logs.h"
#include "telemetry/flow_line.h"

struct plane_flows {
	/* set once */
	struct loop *loop;
	struct plane_logs *logs;
	struct str region;
	const struct flow_format *format; /* NULL: none are wanted */
	struct snapshot *const *snapshot; /* the plane's */

	bool is_on;
	struct watch audit;
	struct log_hub hub;
	uint32_t inums[LATTICE_VPCS_MAX]; /* of their namespaces; 0: away */
	uint64_t lost[LATTICE_VPCS_MAX];  /* events, as told last */
	uint64_t overruns;		  /* of the socket */
};

int plane_flows_start(struct plane_flows *p, struct link_fds *fds);
void plane_flows_stop(struct plane_flows *p);
void plane_flows_vpc(struct plane_flows *p, const struct link_msg *m);
const char *plane_flows_state(const struct plane_flows *p);

#endif
