/* SPDX-License-Identifier: GPL-2.0-only */
/* The netfilter hooks of a registered namespace. */
#ifndef _LATTICE_HOOK_H
#define _LATTICE_HOOK_H

#include "lattice.h"

int lattice_hook_register(struct lattice_net *ln);
void lattice_hook_unregister(struct lattice_net *ln);

#endif
