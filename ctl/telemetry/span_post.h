/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans to a collector that speaks OTLP over HTTP, in JSON. They wait in memory, up to a limit:
 * beyond it they are dropped and counted. Belongs to the scribe's thread but for its counts.
 */
#ifndef LATTICE_TELEMETRY_SPAN_POST_H
#define LATTICE_TELEMETRY_SPAN_POST_H

#include "telemetry/poster.h"

#include <stdatomic.h>

enum {
	SPAN_POST_QUEUE_BYTES = 8 << 20, /* that may wait */
	SPAN_POST_BATCH = 512,		 /* spans that are posted at once, */
	SPAN_POST_BATCH_BYTES = 1 << 20, /* or so many bytes of them */
	/* The first of a batch waits for others, and a plane that ends waits for it. */
	SPAN_POST_MS = 250,
};

struct span_post {
	struct loop *loop;
	struct str url; /* the caller's */
	struct poster poster;
	struct buf queue; /* lines of span_write() */
	size_t queued;	  /* spans in it */
	size_t posting, posting_bytes;
	struct timer gather, retry;
	unsigned backoff_ms;
	bool is_full, is_away, is_partial; /* said already */

	/* written by the owner and who hands spans over, read by any thread */
	atomic_ullong exported, dropped, waiting;
};

void span_post_init(struct span_post *p, struct loop *l, struct socket_desk *desk,
		    const struct log_url *url);
void span_post_take(struct span_post *p, struct str lines);
void span_post_fini(struct span_post *p);

#endif
