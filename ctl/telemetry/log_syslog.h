/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines to the system's logger, as datagrams to its socket. */
#ifndef LATTICE_TELEMETRY_LOG_SYSLOG_H
#define LATTICE_TELEMETRY_LOG_SYSLOG_H

#include "telemetry/log_spool.h"

struct log_sink *log_syslog_new(const struct log_site *site, const struct log_place *place);

#endif
