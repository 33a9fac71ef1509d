/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed all at once: arena_init() with a limit in bytes, arena_new() as often as
 * needed, arena_fini() at the end. Running out is an ordinary answer (NULL), never an abort.
 */
#ifndef LATTICE_BASE_ARENA_H
#define LATTICE_BASE_ARENA_H

#include "base/str.h"

#include <stddef.h>

struct arena_block;

/* One lifetime: a request, a snapshot, an API call. */
struct arena {
	char *next, *end;
	struct arena_block *blocks;
	size_t left; /* bytes this arena may still ask the heap for */
	size_t limit;
};

void arena_init(struct arena *a, size_t limit_bytes);
void arena_reset(struct arena *a);
void arena_fini(struct arena *a);
void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
	__attribute__((warn_unused_result));
struct str arena_copy(struct arena *a, struct str s) __attribute__((warn_unused_result));
char *arena_cstr(struct arena *a, struct str s) __attribute__((warn_unused_result));
struct str arena_printf(struct arena *a, const char *format, ...)
	__attribute__((warn_unused_result, format(printf, 2, 3)));

#define arena_new(a, type, count) ((type *)arena_alloc((a), sizeof(type), _Alignof(type), (count)))

#endif
