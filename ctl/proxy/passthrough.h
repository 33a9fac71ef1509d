/* SPDX-License-Identifier: Apache-2.0 */
/* TLS that is not ours to end: bytes both ways between a client and a target of a TCP group. */
#ifndef LATTICE_PROXY_PASSTHROUGH_H
#define LATTICE_PROXY_PASSTHROUGH_H

#include <stdbool.h>

struct conn;

bool passthrough_begin(struct conn *c);

#endif
