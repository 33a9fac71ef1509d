/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on their way: written once, by the thread that made the batch, and then only read, by
 * as many threads as hold a reference. log_batch_new(), fill it, hand references on with
 * log_batch_get(); the last log_batch_put() frees it. Who fills one after another keeps those that
 * it handed on in a struct log_batches, and fills them again when nobody else holds them any more.
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

/* A batch in use by readers, and one that they have done with. */
enum { LOG_BATCHES = 2 };

/* Belongs to the thread that fills them; all-zero holds none. */
struct log_batches {
	struct log_batch *at[LOG_BATCHES];
};

struct log_batch *log_batch_new(size_t bytes, size_t bytes_max);
struct log_batch *log_batch_of(struct str lines);
struct log_batch *log_batch_get(struct log_batch *b);
void log_batch_put(struct log_batch *b);
void log_batches_keep(struct log_batches *l, struct log_batch *b);
struct log_batch *log_batches_take(struct log_batches *l);
void log_batches_drop(struct log_batches *l);

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
