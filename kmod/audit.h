/* SPDX-License-Identifier: GPL-2.0-only */
/* Telling people about flows: netlink events, and for refusals rate-limited lines in dmesg. */
#ifndef _LATTICE_AUDIT_H
#define _LATTICE_AUDIT_H

#include "lattice.h"

struct lattice_service;

int lattice_audit_init(struct lattice_net *ln);
void lattice_audit_fini(struct lattice_net *ln);
void lattice_audit_verdict(struct lattice_net *ln, enum lattice_counter verdict,
			   const struct lattice_flow *flow, const struct lattice_service *service);
void lattice_audit_note(struct lattice_net *ln, const struct lattice_event *event);

#endif
