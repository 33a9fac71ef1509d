/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on their way: written once, by the thread that made the batch, and then only read, by
 * as many threads as hold a reference. log_batch_new(), fill it, hand references on with
 * log_batch_get(); the last log_batch_put() frees it.
 */
#ifndef LATTICE_TELEMETRY_LOG_BATCH_H
#define LATTICE_TELEMETRY_LOG_BATCH_H

#include "base/buf.h"

#include <stdatomic.h>

struct log_batch {
	struct buf lines; /* whole ones */
	struct buf marks; /* struct log_marks of them; none: nobody's in particular */
	atomic_uint references;
};

struct log_batch *log_batch_new(size_t bytes, size_t bytes_max);
struct log_batch *log_batch_of(struct str lines);
struct log_batch *log_batch_get(struct log_batch *b);
void log_batch_put(struct log_batch *b);

/* What it counts for where batches wait. */
static inline size_t log_batch_bytes(const struct log_batch *b)
{
	return sizeof(*b) + buf_len(&b->lines) + buf_len(&b->marks);
}

/* The lines in @s. */
static inline uint32_t log_lines_count(struct str s)
{
	uint32_t n = 0;

	while (s.n) {
		const char *end = memchr(s.p, '\n', s.n);

		if (!end)
			break;
		n++;
		s = str_skip(s, (size_t)(end - s.p) + 1);
	}
	return n;
}

#endif
