/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines for a collector: they go to files of a spool, and from there in posts, in order. */
#ifndef LATTICE_TELEMETRY_LOG_SPOOL_H
#define LATTICE_TELEMETRY_LOG_SPOOL_H

#include "io/loop.h"
#include "telemetry/log_sink.h"
#include "telemetry/socket_desk.h"

/* Where a sink works. */
struct log_site {
	const char *dir;
	struct loop *loop;
	struct socket_desk *desk;
};

struct log_sink *log_spool_new(const struct log_site *site, const struct log_place *place);

#endif
