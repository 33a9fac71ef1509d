/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON line per request, with the field names of the VPC Lattice access log. */
#ifndef LATTICE_PROXY_ACCESS_LOG_H
#define LATTICE_PROXY_ACCESS_LOG_H

#include "base/buf.h"

struct request;

void access_log_write(struct buf *to, const struct request *r, uint64_t now_us);

#endif
