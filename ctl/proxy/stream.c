/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing one nonblocking socket through its buffers. */
#include "proxy/stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Watch @fd, which the stream now owns, in @l. Returns 0 or -errno; on failure @fd is closed. */
int stream_open(struct stream *s, struct loop *l, int fd, void (*ready)(struct watch *, uint32_t))
{
	int err;

	*s = (struct stream){ .watch = { fd, ready } };
	buf_init(&s->in, STREAM_BUFFER_BYTES_MAX);
	buf_init(&s->out, STREAM_BUFFER_BYTES_MAX);
	err = loop_add(l, &s->watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	if (err)
		close(fd);
	return err;
}

void stream_close(struct stream *s, struct loop *l)
{
	loop_remove(l, &s->watch);
	close(s->watch.fd);
	s->watch.fd = -1;
	buf_fini(&s->in);
	buf_fini(&s->out);
}

/* Remember what epoll reported. */
void stream_note(struct stream *s, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		s->readable = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		s->is_ending = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		s->writable = true;
}

/* Read while there is something to read and room for it. Returns the bytes read. */
size_t stream_fill(struct stream *s)
{
	size_t total = 0;

	while (s->readable && !s->eof && !s->error && buf_len(&s->in) < STREAM_HIGH_BYTES) {
		char *room = buf_reserve(&s->in, STREAM_READ_BYTES);
		ssize_t n;

		if (!room) {
			s->error = -ENOMEM;
			break;
		}
		n = recv(s->watch.fd, room, STREAM_READ_BYTES, 0);
		if (n > 0) {
			buf_commit(&s->in, (size_t)n);
			total += (size_t)n;
			/* Less than asked for is all there is; what comes later is an event. */
			if (n < STREAM_READ_BYTES && !s->is_ending)
				s->readable = false;
		} else if (n == 0) {
			s->eof = true;
		} else if (errno == EAGAIN) {
			s->readable = false;
		} else if (errno != EINTR) {
			s->error = -errno;
		}
	}
	return total;
}

/* Write what is in the out buffer while the socket takes it. Returns the bytes written. */
size_t stream_flush(struct stream *s)
{
	size_t total = 0;

	if (s->out.failed && !s->error)
		s->error = -ENOMEM;
	while (s->writable && !s->error && !s->is_deaf && buf_len(&s->out)) {
		struct str out = buf_str(&s->out);
		ssize_t n = send(s->watch.fd, out.p, out.n, MSG_NOSIGNAL);

		if (n >= 0) {
			buf_consume(&s->out, (size_t)n);
			total += (size_t)n;
		} else if (errno == EAGAIN) {
			s->writable = false;
		} else if (errno != EINTR) {
			s->is_deaf = true;
		}
	}
	return total;
}
