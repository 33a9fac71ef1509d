/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that one socket has received become pages that another sends. A pipe is full when its bytes
 * or its slots are used up; splice() says EAGAIN for the latter as it does for an empty socket.
 */
#include "io/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* None is open yet. */
void pipes_init(struct pipes *p, const struct loop *loop)
{
	*p = (struct pipes){ .loop = loop };
	list_init(&p->idle);
}

static void pipe_close(struct pipe *p)
{
	p->pipes->count--;
	close(p->in);
	close(p->out);
	free(p);
}

/* Close those that are idle; none is in use any more. */
void pipes_fini(struct pipes *p)
{
	while (!list_empty(&p->idle)) {
		struct pipe *pipe = list_entry(p->idle.next, struct pipe, link);

		list_remove(&pipe->link);
		pipe_close(pipe);
	}
}

static struct pipe *pipe_open(struct pipes *pipes)
{
	struct pipe *p = calloc(1, sizeof(*p));
	int fds[2];

	if (!p)
		return NULL;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		goto err_memory;
	/* A small one would cost more calls than it saves copying. */
	if (fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES) < PIPE_BYTES)
		goto err_fds;
	*p = (struct pipe){ .pipes = pipes, .in = fds[1], .out = fds[0] };
	list_init(&p->link);
	pipes->count++;
	return p;

err_fds:
	close(fds[0]);
	close(fds[1]);
err_memory:
	free(p);
	return NULL;
}

/* A new one, if there may be one more and the kernel has not just refused one; or NULL. */
static struct pipe *ask_for_one(struct pipes *p)
{
	struct pipe *pipe;

	if (p->count == PIPES_MAX || p->loop->now_ms < p->ask_ms)
		return NULL;
	pipe = pipe_open(p);
	if (!pipe)
		p->ask_ms = p->loop->now_ms + PIPE_REFUSED_MS;
	return pipe;
}

/*
 * An empty pipe; NULL: all are in use, or the kernel gives no more for now. All of a user's have so
 * much memory (pipe(7)), which others may give back.
 */
struct pipe *pipe_take(struct pipes *p)
{
	struct pipe *pipe;

	if (list_empty(&p->idle))
		return ask_for_one(p);
	pipe = list_entry(p->idle.next, struct pipe, link);
	list_remove(&pipe->link);
	p->idle_count--;
	return pipe;
}

/* @p is used no more; what it holds is lost. NULL is fine. */
void pipe_give(struct pipe *p)
{
	if (!p)
		return;
	if (p->held || p->pipes->idle_count == PIPES_IDLE_MAX) {
		pipe_close(p);
		return;
	}
	list_add(&p->pipes->idle, &p->link);
	p->pipes->idle_count++;
}

/* Take in what @from has, at once and no more than @max. Returns the bytes taken. */
size_t pipe_fill(struct pipe *p, struct stream *from, uint64_t max)
{
	size_t room = PIPE_BYTES - p->held;
	ssize_t n;

	if (!from->readable || from->eof || from->error || !room || !max)
		return 0;
	n = splice(from->watch.fd, NULL, p->in, NULL, max < room ? (size_t)max : room,
		   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0) {
		p->held += (size_t)n;
		return (size_t)n;
	}
	if (n == 0)
		from->eof = true;
	else if (errno == EAGAIN && !p->held)
		from->readable = false;
	else if (errno != EAGAIN && errno != EINTR)
		from->error = -errno;
	return 0;
}

/* Send what @p holds while @to takes it. Returns the bytes sent. */
size_t pipe_flush(struct pipe *p, struct stream *to)
{
	size_t total = 0;

	while (p->held && to->writable && !to->error && !to->is_deaf) {
		ssize_t n = splice(p->out, NULL, to->watch.fd, NULL, p->held,
				   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

		if (n > 0) {
			p->held -= (size_t)n;
			total += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			to->writable = false;
		} else if (n == 0 || errno != EINTR) {
			to->is_deaf = true;
		}
	}
	return total;
}
