/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the service manager how far we are, and giving it fds to keep (sd_notify(3)). */
#ifndef LATTICE_IO_NOTIFY_H
#define LATTICE_IO_NOTIFY_H

#include "base/str.h"

#include <stdint.h>
#include <sys/types.h>

enum {
	NOTIFY_FDS_MAX = 253, /* in one message: the kernel takes no more */
	/* Less than the first cannot be kept to, and more than the second is not waited for. */
	NOTIFY_WATCHDOG_MS_MIN = 1000,
	NOTIFY_WATCHDOG_MS_MAX = 24 * 3600 * 1000,
};

bool notify_is_heard(void);
uint64_t notify_watchdog_parse(struct str usec, struct str pid, pid_t self);
uint64_t notify_watchdog_ms(void);
int notify_send(struct str state);
int notify_send_fds(struct str state, const int *fds, unsigned count);

#endif
