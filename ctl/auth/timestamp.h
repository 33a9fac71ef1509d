/* SPDX-License-Identifier: Apache-2.0 */
/* The dates of signed requests. */
#ifndef LATTICE_AUTH_TIMESTAMP_H
#define LATTICE_AUTH_TIMESTAMP_H

#include "base/str.h"

#include <stdint.h>

bool timestamp_parse(struct str text, char basic[16], uint64_t *ret_s);

#endif
