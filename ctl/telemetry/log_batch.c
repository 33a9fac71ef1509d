/* SPDX-License-Identifier: Apache-2.0 */
/* Counted references to log lines. */
#include "telemetry/log_batch.h"

#include "telemetry/log_mark.h"

#include <stdlib.h>

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
