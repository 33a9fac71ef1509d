/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fds that the service manager passes at start, with the names that it has for them
 * (sd_listen_fds(3)): passed_take() once, before any other fd is opened.
 */
#ifndef LATTICE_IO_PASSED_H
#define LATTICE_IO_PASSED_H

#include "base/str.h"

#include <sys/types.h>

enum {
	PASSED_FIRST = 3,
	/* LISTEN_FDNAMES is one string of the environment, which the kernel limits to 128 K: as
	 * many names of 14 bytes fit. */
	PASSED_MAX = 8192,
	PASSED_NAME_MAX = 255,
};

struct passed {
	int fd;
	struct str name; /* of the environment's memory; perhaps empty */
};

/* What the environment says, each perhaps without any bytes. */
struct passed_words {
	struct str pid, count, names;
};

const char *passed_parse(const struct passed_words *w, pid_t self, struct passed *ret,
			 unsigned *ret_count);
bool passed_name_is_valid(struct str name);
int passed_take(struct passed **ret, unsigned *ret_count);

#endif
