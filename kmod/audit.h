/* SPDX-License-Identifier: GPL-2.0-only */
/* Telling people about flows: netlink events, and for refusals rate-limited lines in dmesg. */
#ifndef _LATTICE_AUDIT_H
#define _LATTICE_AUDIT_H

#include "lattice.h"

struct lattice_service;

/* What a connection came to. */
struct lattice_account {
	u64 start_ns; /* since 1970 */
	u64 bytes_in, bytes_out;
};

int lattice_audit_init(struct lattice_net *ln);
void lattice_audit_fini(struct lattice_net *ln);
void lattice_audit_verdict(struct lattice_net *ln, enum lattice_counter verdict,
			   const struct lattice_flow *flow, const struct lattice_service *service);
void lattice_audit_end(struct lattice_net *ln, const struct lattice_flow *flow,
		       const struct lattice_service *service,
		       const struct lattice_account *account);

#endif
