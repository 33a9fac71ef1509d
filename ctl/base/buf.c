/* SPDX-License-Identifier: Apache-2.0 */
/* Growing bytes, filled at the end and emptied from the front; see buf.h for the rules. */
#include "base/buf.h"

#include "base/num.h"
#include "base/reuse.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_BYTES_MIN = 256 };

/* An empty buffer that never holds more than @max_bytes. */
void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ .max = max_bytes };
}

static void wipe(const struct buf *b, char *from, size_t n)
{
	if (b->wipes && n)
		explicit_bzero(from, n);
}

static void give_back(struct buf *b)
{
	if (b->reuse)
		reuse_free(b->reuse, b->p);
	else
		free(b->p);
}

/* Free what is held. The buffer is empty and may be used again. */
void buf_fini(struct buf *b)
{
	wipe(b, b->p, b->cap);
	give_back(b);
	*b = (struct buf){ .max = b->max, .wipes = b->wipes, .reuse = b->reuse };
}

/* Forget what is held, and the failure; keep the memory. */
void buf_clear(struct buf *b)
{
	wipe(b, b->p, b->end);
	b->start = 0;
	b->end = 0;
	b->failed = false;
}

/* As realloc(), without leaving a copy behind. */
static char *move(struct buf *b, size_t cap)
{
	char *p = b->reuse ? reuse_alloc(b->reuse, cap) : malloc(cap);

	if (!p)
		return NULL;
	if (b->end)
		memcpy(p, b->p, b->end);
	wipe(b, b->p, b->cap);
	give_back(b);
	return p;
}

static bool grow(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : BUF_BYTES_MIN;
	char *p;

	while (cap < need)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	p = b->wipes || b->reuse ? move(b, cap) : realloc(b->p, cap);
	if (!p)
		return false;
	b->p = p;
	b->cap = cap;
	return true;
}

/* Of buf_reserve(): where the room is not there yet. */
char *buf_make_room(struct buf *b, size_t room)
{
	size_t held = buf_len(b);

	if (b->failed)
		return NULL;
	if (room > b->max || held > b->max - room)
		goto fail;
	if (b->start) {
		memmove(b->p, b->p + b->start, held);
		wipe(b, b->p + held, b->start);
		b->start = 0;
		b->end = held;
	}
	if (b->cap - b->end < room && !grow(b, held + room))
		goto fail;
	return b->p + b->end;

fail:
	b->failed = true;
	return NULL;
}

/* Drop the first @n bytes held. */
void buf_consume(struct buf *b, size_t n)
{
	assert(n <= buf_len(b));
	if (!n)
		return; /* perhaps there is no memory yet */
	wipe(b, b->p + b->start, n);
	b->start += n;
	if (b->start == b->end) {
		b->start = 0;
		b->end = 0;
	}
}

void buf_add(struct buf *b, struct str s)
{
	char *p = s.n ? buf_reserve(b, s.n) : NULL;

	if (!p)
		return;
	memcpy(p, s.p, s.n);
	b->end += s.n;
}

void buf_add_char(struct buf *b, char c)
{
	char *p = buf_reserve(b, 1);

	if (!p)
		return;
	*p = c;
	b->end++;
}

/* @v in decimal. */
void buf_add_u64(struct buf *b, uint64_t v)
{
	char digits[NUM_DIGITS_MAX];

	buf_add(b, (struct str){ digits, (size_t)(num_write(digits, v) - digits) });
}

/* printf() at the end of @b. */
void buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		b->failed = true;
		return;
	}
	/* One byte more for the terminator that vsnprintf insists on; it is not kept. */
	p = buf_reserve(b, (size_t)n + 1);
	if (!p)
		return;
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	b->end += (size_t)n;
}

/* Exchange what @a and @b hold, without copying it. Their maxima go along. */
void buf_swap(struct buf *a, struct buf *b)
{
	struct buf other = *a;

	*a = *b;
	*b = other;
}
