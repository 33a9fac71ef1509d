/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the service manager how far we are, and giving it fds to keep (sd_notify(3)). */
#ifndef LATTICE_IO_NOTIFY_H
#define LATTICE_IO_NOTIFY_H

#include "base/str.h"

enum { NOTIFY_FDS_MAX = 253 }; /* in one message: the kernel takes no more */

bool notify_is_heard(void);
int notify_send(struct str state);
int notify_send_fds(struct str state, const int *fds, unsigned count);

#endif
