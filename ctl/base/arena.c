/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: bump allocation in blocks from the heap, given back all together. Under a sanitizer
 * each object gets a block of its own, so that an overrun of one object is seen.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
enum { BLOCK_MIN = 1 };
#else
enum { BLOCK_MIN = 4096 };
#endif

struct arena_block {
	struct arena_block *older;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

/* Somebody to be told when the arena is given back; in the arena itself. */
struct arena_farewell {
	struct arena_farewell *older;
	void (*drop)(void *what);
	void *what;
};

/* An empty arena that will take at most @limit_bytes from the heap. */
void arena_init(struct arena *a, size_t limit_bytes)
{
	*a = (struct arena){ .left = limit_bytes, .limit = limit_bytes };
}

/* Give back everything; the arena may be used again, with its limit whole. */
void arena_reset(struct arena *a)
{
	arena_fini(a);
	a->left = a->limit;
}

/* Give back everything. What was allocated is gone; the limit is kept for arena_reset(). */
void arena_fini(struct arena *a)
{
	struct arena_block *b, *older;
	struct arena_farewell *f;

	for (f = a->farewells; f; f = f->older)
		f->drop(f->what);
	for (b = a->blocks; b; b = older) {
		older = b->older;
		if (a->wipes)
			explicit_bzero(b->bytes, b->size);
		free(b);
	}
	*a = (struct arena){ .limit = a->limit, .wipes = a->wipes };
}

static int arena_grow(struct arena *a, size_t need)
{
	size_t size = need < BLOCK_MIN ? BLOCK_MIN : need;
	struct arena_block *b;

	if (size > a->left)
		size = need;
	if (size > a->left)
		return -1;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return -1;
	b->older = a->blocks;
	b->size = size;
	a->blocks = b;
	a->left -= size;
	a->next = b->bytes;
	a->end = b->bytes + size;
	return 0;
}

/*
 * Zeroed memory for @count objects, or NULL when the arena's limit is spent.
 * Counting is done by division so that no product can wrap.
 */
void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
{
	size_t pad, bytes;
	char *p;

	assert(size > 0 && align <= _Alignof(max_align_t));

	if (count > SIZE_MAX / 2 / size)
		return NULL;
	bytes = size * count;
	pad = -(uintptr_t)a->next & (align - 1);
	if (!a->next || bytes + pad > (size_t)(a->end - a->next)) {
		if (arena_grow(a, bytes) < 0)
			return NULL;
		pad = 0;
	}
	p = a->next + pad;
	a->next = p + bytes;
	return memset(p, 0, bytes);
}

/* For what is counted elsewhere and held by something in the arena. */
bool arena_defer(struct arena *a, void (*drop)(void *what), void *what)
{
	struct arena_farewell *f = arena_new(a, struct arena_farewell, 1);

	if (!f)
		return false;
	*f = (struct arena_farewell){ a->farewells, drop, what };
	a->farewells = f;
	return true;
}

/* A copy of @s that lives as long as @a; its p is NULL when the arena is spent. */
struct str arena_copy(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, 1, 1, s.n + 1);

	if (!p)
		return (struct str){ 0 };
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

/* As arena_copy(), for libc's and the kernel's door: terminated, NULL when spent. */
char *arena_cstr(struct arena *a, struct str s)
{
	return (char *)arena_copy(a, s).p;
}

/* Formatted text that lives as long as @a; its p is NULL when the arena is spent. */
struct str arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return (struct str){ 0 };
	p = arena_alloc(a, 1, 1, (size_t)n + 1);
	if (!p)
		return (struct str){ 0 };
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return (struct str){ p, (size_t)n };
}
