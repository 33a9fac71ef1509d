/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of free blocks by size, each block with its size in front. Under a sanitizer nothing is
 * kept, so that a use after free is seen.
 */
#include "base/reuse.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REUSE_KEEPS 0
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define REUSE_KEEPS 0
#endif
#ifndef REUSE_KEEPS
#define REUSE_KEEPS 1
#endif

struct reuse_block {
	size_t size; /* of what follows: a multiple of the step, or too large to keep */
	struct reuse_block *next; /* while it is kept */
	_Alignas(max_align_t) char bytes[];
};

static struct reuse_block *block_of(void *ptr)
{
	return (struct reuse_block *)((char *)ptr - offsetof(struct reuse_block, bytes));
}

/* Which list holds blocks of @size; REUSE_CLASSES: none. */
static size_t class_of(size_t size)
{
	return size && size <= REUSE_BLOCK_BYTES_MAX ? (size - 1) / REUSE_STEP_BYTES
						     : REUSE_CLASSES;
}

/* Memory for @size bytes, not zeroed; NULL without memory. It goes back to @r. */
void *reuse_alloc(struct reuse *r, size_t size)
{
	size_t class = class_of(size);
	struct reuse_block *b;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (REUSE_KEEPS && class < REUSE_CLASSES) {
		b = r->kept[class];
		size = (class + 1) * REUSE_STEP_BYTES;
		if (b) {
			r->kept[class] = b->next;
			r->kept_bytes -= size;
			return b->bytes;
		}
	}
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	b->size = size;
	return b->bytes;
}

/* May a block of @size be kept? */
static bool has_room(const struct reuse *r, size_t size)
{
	size_t max = REUSE_KEPT_BYTES_MAX;

	if (size >= REUSE_LARGE_BYTES_MIN)
		max /= 2;
	return r->kept_bytes + size <= max;
}

/* Give @ptr back; NULL is fine. */
void reuse_free(struct reuse *r, void *ptr)
{
	struct reuse_block *b;
	size_t class;

	if (!ptr)
		return;
	b = block_of(ptr);
	class = class_of(b->size);
	if (!REUSE_KEEPS || class == REUSE_CLASSES || !has_room(r, b->size)) {
		free(b);
		return;
	}
	b->next = r->kept[class];
	r->kept[class] = b;
	r->kept_bytes += b->size;
}

/* As reuse_free(), of what may hold secrets: nothing is left of them. */
void reuse_wipe(struct reuse *r, void *ptr)
{
	if (ptr)
		explicit_bzero(ptr, block_of(ptr)->size);
	reuse_free(r, ptr);
}

/*
 * As realloc(): @ptr with room for @size bytes, moved if need be, and then wiped where it was; NULL
 * leaves it as it is.
 */
void *reuse_realloc(struct reuse *r, void *ptr, size_t size)
{
	size_t held = ptr ? block_of(ptr)->size : 0;
	void *other;

	if (ptr && REUSE_KEEPS && size <= held && held <= REUSE_BLOCK_BYTES_MAX)
		return ptr;
	other = reuse_alloc(r, size);
	if (!other)
		return NULL;
	if (ptr)
		memcpy(other, ptr, size < held ? size : held);
	reuse_wipe(r, ptr);
	return other;
}

/* Give back to the heap what @r keeps; @r may be used again. */
void reuse_fini(struct reuse *r)
{
	size_t i;

	for (i = 0; i < REUSE_CLASSES; i++) {
		while (r->kept[i]) {
			struct reuse_block *b = r->kept[i];

			r->kept[i] = b->next;
			free(b);
		}
	}
	r->kept_bytes = 0;
}
