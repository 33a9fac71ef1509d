/* SPDX-License-Identifier: Apache-2.0 */
/* Counting what an array holds, and going from a member back to its owner. */
#ifndef LATTICE_BASE_ARRAY_H
#define LATTICE_BASE_ARRAY_H

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#endif
