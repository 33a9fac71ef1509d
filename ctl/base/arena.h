/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed all at once: arena_init() with a limit in bytes, arena_new() as often as
 * needed, arena_fini() at the end. Running out is an ordinary answer (NULL), never an abort.
 */
#ifndef LATTICE_BASE_ARENA_H
#define LATTICE_BASE_ARENA_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct arena_block;
struct arena_farewell;

/* One lifetime: a request, a snapshot, an API call. */
struct arena {
	char *next, *end;
	struct arena_block *blocks;
	size_t left; /* bytes this arena may still ask the heap for */
	size_t limit;
	bool wipes; /* secrets may be in it: what is given back is wiped; set after arena_init() */
	struct arena_farewell *farewells;
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

/* Call drop(what) when the arena is given back. False, and not called, when it is spent. */
bool arena_defer(struct arena *a, void (*drop)(void *what), void *what)
	__attribute__((warn_unused_result));

#define arena_new(a, type, count) ((type *)arena_alloc((a), sizeof(type), _Alignof(type), (count)))

#endif
