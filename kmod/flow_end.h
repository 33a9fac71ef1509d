/* SPDX-License-Identifier: GPL-2.0-only */
/* The ends of steered connections, for the audit of namespaces that asked for them. */
#ifndef _LATTICE_FLOW_END_H
#define _LATTICE_FLOW_END_H

#include "lattice.h"

void lattice_flow_end_init(void);
void lattice_flow_end_exit(void);
int lattice_flow_end_set(struct lattice_net *ln, bool wanted);

#endif
