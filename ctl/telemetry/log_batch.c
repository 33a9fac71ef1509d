/* SPDX-License-Identifier: Apache-2.0 */
/* Counted references to log lines. */
#include "telemetry/log_batch.h"

#include "telemetry/log_mark.h"

#include <stdlib.h>

/* What has grown beyond this for a long line is not kept. */
enum { KEPT_BYTES_MAX = 256 << 10 };

/* An empty batch with room for @bytes, which grows up to @bytes_max; NULL without memory. */
struct log_batch *log_batch_new(size_t bytes, size_t bytes_max)
{
	struct log_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	atomic_init(&b->references, 1);
	buf_init(&b->lines, bytes_max);
	buf_init(&b->marks, LOG_MARKS_BYTES_MAX);
	if (bytes && !buf_reserve(&b->lines, bytes)) {
		log_batch_put(b);
		return NULL;
	}
	return b;
}

/* A batch of a copy of @lines; NULL without memory. */
struct log_batch *log_batch_of(struct str lines)
{
	struct log_batch *b = log_batch_new(lines.n, lines.n);

	if (b)
		buf_add(&b->lines, lines);
	return b;
}

struct log_batch *log_batch_get(struct log_batch *b)
{
	atomic_fetch_add_explicit(&b->references, 1, memory_order_relaxed);
	return b;
}

void log_batch_put(struct log_batch *b)
{
	if (atomic_fetch_sub_explicit(&b->references, 1, memory_order_acq_rel) > 1)
		return;
	buf_fini(&b->lines);
	buf_fini(&b->marks);
	free(b);
}

/* Keep @b, which its readers are about to get references of; a reference moves here. */
void log_batches_keep(struct log_batches *l, struct log_batch *b)
{
	if (l->at[LOG_BATCHES - 1])
		log_batch_put(l->at[LOG_BATCHES - 1]);
	memmove(l->at + 1, l->at, sizeof(l->at) - sizeof(l->at[0]));
	l->at[0] = b;
}

/* One that all others have let go of, emptied, with its reference; NULL: there is none. */
struct log_batch *log_batches_take(struct log_batches *l)
{
	size_t i;

	for (i = LOG_BATCHES; i-- > 0;) {
		struct log_batch *b = l->at[i];

		if (!b || atomic_load_explicit(&b->references, memory_order_acquire) > 1)
			continue;
		l->at[i] = NULL;
		if (b->lines.cap > KEPT_BYTES_MAX) {
			log_batch_put(b);
			continue;
		}
		buf_clear(&b->lines);
		buf_clear(&b->marks);
		return b;
	}
	return NULL;
}

/* Let go of all: none will be needed soon. */
void log_batches_drop(struct log_batches *l)
{
	size_t i;

	for (i = 0; i < LOG_BATCHES; i++) {
		if (l->at[i])
			log_batch_put(l->at[i]);
		l->at[i] = NULL;
	}
}
