/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests whose target is called by a name that nobody has answered for yet: since the target is
 * new, or the plane is. They wait for the answer, so long as a connection may take to be made.
 */
#ifndef LATTICE_PROXY_NAME_WAITS_H
#define LATTICE_PROXY_NAME_WAITS_H

#include "base/list.h"
#include "base/str.h"
#include "io/loop.h"

struct request;

enum { NAME_WAIT_MS_MAX = 5000 };

/* owner: worker */
struct name_waits {
	struct list requests;
	struct timer due;
};

void name_waits_init(struct name_waits *n);
bool name_waits_hold(struct request *r, struct str name);

#endif
