/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of HTTP status codes as health checks name them: "200", "200,202", "200-299". */
#ifndef LATTICE_MODEL_STATUS_CODES_H
#define LATTICE_MODEL_STATUS_CODES_H

#include "base/str.h"

#include <stdint.h>

/* The codes that a set may hold; AWS's own bounds. */
enum { STATUS_CODE_MIN = 200, STATUS_CODE_MAX = 499 };

struct status_codes {
	uint64_t bits[(STATUS_CODE_MAX + 64) / 64]; /* a bit for each code */
};

int status_codes_parse(struct str text, struct status_codes *ret)
	__attribute__((warn_unused_result));
bool status_codes_has(const struct status_codes *s, unsigned code);

#endif
