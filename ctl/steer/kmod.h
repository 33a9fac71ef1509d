/* SPDX-License-Identifier: Apache-2.0 */
/* Steering through the kernel module; the only user of its netlink family. */
#ifndef LATTICE_STEER_KMOD_H
#define LATTICE_STEER_KMOD_H

#include "steer/steer.h"

extern const struct steer_ops kmod_steer_ops;

bool kmod_is_loaded(void);
int kmod_open_audit(void);

#endif
