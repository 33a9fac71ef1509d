/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pipes that carry bytes from one plain socket to another past user space, by splice(2). A thread
 * has a few of them: pipes_init(), pipe_take(), then pipe_fill() and pipe_flush() in turn, and
 * pipe_give() when nothing is held any more, or nobody wants what is.
 */
#ifndef LATTICE_IO_PIPE_H
#define LATTICE_IO_PIPE_H

#include "base/list.h"
#include "io/stream.h"

enum {
	/* The most that Linux gives a process without privileges, unless it was told otherwise. */
	PIPE_BYTES = 1024 * 1024,

	/* Open in a thread, in use or not: so much of the kernel's memory may wait in them. */
	PIPES_MAX = 32,
	PIPES_IDLE_MAX = 8, /* kept open while nobody uses them */

	/* Once the kernel gave none it is not asked again for so long: bodies are copied. */
	PIPE_REFUSED_MS = 10 * 1000,
};

struct pipes {
	const struct loop *loop; /* its clock */
	struct list idle;
	unsigned idle_count, count;
	uint64_t ask_ms; /* not before then; 0: at any time */
};

struct pipe {
	struct list link; /* in pipes.idle */
	struct pipes *pipes;
	int in, out;
	size_t held; /* bytes that are inside */
};

void pipes_init(struct pipes *p, const struct loop *loop);
void pipes_fini(struct pipes *p);
struct pipe *pipe_take(struct pipes *p);
void pipe_give(struct pipe *p);
size_t pipe_fill(struct pipe *p, struct stream *from, uint64_t max);
size_t pipe_flush(struct pipe *p, struct stream *to);

#endif
