/* SPDX-License-Identifier: Apache-2.0 */
/* Telling systemd how far we are. */
#ifndef LATTICE_LATTICED_NOTIFY_H
#define LATTICE_LATTICED_NOTIFY_H

#include "base/str.h"

void notify_send(struct str state);

#endif
