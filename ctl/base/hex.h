/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as hexadecimal digits of lower case, of a fixed count. */
#ifndef LATTICE_BASE_HEX_H
#define LATTICE_BASE_HEX_H

#include "base/str.h"

#include <stdint.h>

char *hex_write(char *to, uint64_t v, unsigned digits);
bool hex_parse(struct str s, uint64_t *ret) __attribute__((warn_unused_result));

#endif
