/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness from the kernel. It cannot fail once the system has booted, and nothing sane can be
 * done without it, so a failure ends the process.
 */
#include "base/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

/* Fill @n bytes at @to. */
void rand_bytes(void *to, size_t n)
{
	unsigned char *p = to;

	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

/* Write @digits lower-case hex digits to @to, without a terminator. */
void rand_hex(char *to, size_t digits)
{
	unsigned char byte;
	size_t i;

	for (i = 0; i < digits; i++) {
		if (i % 2 == 0)
			rand_bytes(&byte, 1);
		to[i] = "0123456789abcdef"[i % 2 ? byte >> 4 : byte & 15];
	}
}

uint64_t rand_u64(void)
{
	uint64_t v;

	rand_bytes(&v, sizeof(v));
	return v;
}
