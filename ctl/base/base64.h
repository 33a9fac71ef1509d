/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 with the usual alphabet and padding (RFC 4648 section 4). */
#ifndef LATTICE_BASE_BASE64_H
#define LATTICE_BASE_BASE64_H

#include "base/buf.h"

void base64_write(struct buf *b, struct str bytes);
int base64_read(struct str text, char *ret, size_t *ret_n) __attribute__((warn_unused_result));

/* Most bytes that base64_read() makes of a text of @n. */
static inline size_t base64_bytes_max(size_t n)
{
	return n / 4 * 3;
}

#endif
