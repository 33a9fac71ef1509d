/* SPDX-License-Identifier: Apache-2.0 */
/* A struct reuse in the form that libnghttp2 wants. Values of fields may be in any of it: it is
 * wiped. */
#include "proxy/h2_memory.h"

#include <stdint.h>
#include <string.h>

static void *get(size_t size, void *reuse)
{
	return reuse_alloc(reuse, size);
}

static void put(void *ptr, void *reuse)
{
	reuse_wipe(reuse, ptr);
}

static void *get_zeroed(size_t count, size_t size, void *reuse)
{
	void *p = size && count > SIZE_MAX / size ? NULL : reuse_alloc(reuse, count * size);

	return p ? memset(p, 0, count * size) : NULL;
}

static void *resize(void *ptr, size_t size, void *reuse)
{
	return reuse_realloc(reuse, ptr, size);
}

/* @r outlives every session that is given this. */
nghttp2_mem h2_memory(struct reuse *r)
{
	return (nghttp2_mem){ r, get, put, get_zeroed, resize };
}
