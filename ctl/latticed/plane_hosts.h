/* SPDX-License-Identifier: Apache-2.0 */
/* Where names outside lead: from the name server's thread to all who call. */
#ifndef LATTICE_LATTICED_PLANE_HOSTS_H
#define LATTICE_LATTICED_PLANE_HOSTS_H

#include "io/inbox.h"
#include "model/hosts.h"

struct plane;

void plane_hosts_changed(void *ctx, struct hosts *h);
void plane_hosts_open(struct plane *p, struct letter *letter);
const struct hosts *plane_hosts_get(void *ctx);

#endif
