/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's own log: one line per event on standard error, `key=value` after the words.
 * Only edges log (latticed, steer, proxy, api); library folders return what they know.
 */
#ifndef LATTICE_BASE_LOG_H
#define LATTICE_BASE_LOG_H

#include "base/str.h"

enum log_level {
	LOG_LEVEL_ERROR, /* someone must act */
	LOG_LEVEL_WARN,	 /* we carry on */
	LOG_LEVEL_INFO,	 /* state changes */
	LOG_LEVEL_DEBUG,
};

/* Call once, before threads: the name that begins each line, borrowed for ever. */
void log_open(const char *process, enum log_level level);
int log_level_parse(struct str name, enum log_level *ret);
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)

#endif
