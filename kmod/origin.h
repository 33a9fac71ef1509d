/* SPDX-License-Identifier: GPL-2.0-only */
/* Who connected: getsockopt(LATTICE_SO_PEER). */
#ifndef _LATTICE_ORIGIN_H
#define _LATTICE_ORIGIN_H

int lattice_origin_init(void);
void lattice_origin_exit(void);

#endif
