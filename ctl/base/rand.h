/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness from the kernel. */
#ifndef LATTICE_BASE_RAND_H
#define LATTICE_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *to, size_t n);
void rand_hex(char *to, size_t digits);
uint64_t rand_u64(void);

#endif
