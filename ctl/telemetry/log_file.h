/* SPDX-License-Identifier: Apache-2.0 */
/* A log file: appended to in large writes, begun anew on request or at a size. */
#ifndef LATTICE_TELEMETRY_LOG_FILE_H
#define LATTICE_TELEMETRY_LOG_FILE_H

#include "telemetry/log_sink.h"

/* Old files that one keeps at most. */
enum { LOG_FILE_KEEP_MAX = 99 };

struct log_sink *log_file_new(const char *dir, const struct log_place *place);

#endif
