/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal numbers from text: digits only. Signs, spaces, an empty string, overflow and trailing
 * bytes are refused with -EINVAL or -ERANGE, and the result is then untouched. num_write() is the
 * way back.
 */
#ifndef LATTICE_BASE_NUM_H
#define LATTICE_BASE_NUM_H

#include "base/str.h"

#include <stdint.h>

/* Of the largest 64-bit number. */
enum { NUM_DIGITS_MAX = 20 };

int num_parse_u64(struct str s, uint64_t *ret) __attribute__((warn_unused_result));
int num_parse_u32(struct str s, uint32_t *ret) __attribute__((warn_unused_result));
int num_parse_u16(struct str s, uint16_t *ret) __attribute__((warn_unused_result));
char *num_write(char *to, uint64_t v);

#endif
