/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is asked for and given back all the time, by one thread: blocks that came back are
 * kept by size, up to a limit, and given out again. All-zero is empty.
 */
#ifndef LATTICE_BASE_REUSE_H
#define LATTICE_BASE_REUSE_H

#include <stddef.h>

enum {
	REUSE_STEP_BYTES = 64,		  /* sizes are rounded up to multiples of it */
	REUSE_BLOCK_BYTES_MAX = 16 << 10, /* larger ones come from the heap and go back to it */
	REUSE_CLASSES = REUSE_BLOCK_BYTES_MAX / REUSE_STEP_BYTES,
	REUSE_KEPT_BYTES_MAX = 1 << 20,
	REUSE_LARGE_BYTES_MIN = 8192, /* such blocks leave half of that to the others */
};

struct reuse_block;

struct reuse {
	struct reuse_block *kept[REUSE_CLASSES];
	size_t kept_bytes;
};

void *reuse_alloc(struct reuse *r, size_t size) __attribute__((malloc, warn_unused_result));
void *reuse_realloc(struct reuse *r, void *ptr, size_t size) __attribute__((warn_unused_result));
void reuse_free(struct reuse *r, void *ptr);
void reuse_wipe(struct reuse *r, void *ptr);
void reuse_fini(struct reuse *r);

#endif
