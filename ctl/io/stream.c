/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing one nonblocking socket through its buffers. TLS is a branch where bytes meet
 * the socket: a plain stream pays for it with the look at one pointer.
 */
#include "io/stream.h"

#include "io/tls.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* End @s at once: what is in its buffers is lost. A peer over TLS is told if there is room. */
void stream_close(struct stream *s, struct loop *l)
{
	if (stream_is_late(s)) {
		list_remove(&s->late.link);
		stream_flush(s);
	}
	if (s->tls && !s->error && !s->is_shut)
		tls_shut(s->tls);
	tls_free(s->tls);
	s->tls = NULL;
	if (s->is_watched)
		loop_remove(l, &s->watch);
	close(s->watch.fd);
	s->watch.fd = -1;
	buf_fini(&s->in);
	buf_fini(&s->out);
}

/* Speak TLS from here on. @tls, made for the same socket, is the stream's now. */
void stream_secure(struct stream *s, struct tls *tls)
{
	s->tls = tls;
	s->readable = true; /* it may hold what was read before */
}

/* Go on with the handshake: 0 when it is done, -EAGAIN, or -errno when it failed. */
int stream_handshake(struct stream *s)
{
	int err = tls_handshake(s->tls);

	if (err && err != -EAGAIN)
		s->error = err;
	return err;
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
	if (s->tls)
		tls_note(s->tls, events & EPOLLIN, s->is_ending);
}

/*
 * Where bytes meet the socket, not by recv() and send(): in a process with threads glibc wraps
 * these in two locked operations each, for cancellation, which nobody uses here.
 */

/* The bytes received into @room of @max, 0 at the end, or -errno. */
static ssize_t receive(struct stream *s, char *room, size_t max)
{
	ssize_t n;

	if (s->tls) {
		n = tls_recv(s->tls, room, max);
		s->readable = n <= 0 || tls_has_input(s->tls);
		return n;
	}
	n = syscall(SYS_recvfrom, s->watch.fd, room, max, 0, NULL, NULL);
	if (n < 0)
		return -errno;
	/* Less than asked for is all there is; what comes later is an event. */
	if (n && (size_t)n < max && !s->is_ending)
		s->readable = false;
	return n;
}

/* How much to ask for: few bytes come mostly, but where there are many the rest goes at once. */
static size_t ask(const struct stream *s)
{
	size_t held = buf_len(&s->in);

	if (held < STREAM_READ_BYTES || held > STREAM_HIGH_BYTES - STREAM_READ_BYTES)
		return STREAM_READ_BYTES;
	return STREAM_HIGH_BYTES - held;
}

/* The bytes sent, or -errno. */
static ssize_t transmit(struct stream *s, struct str out)
{
	ssize_t n;

	if (s->tls)
		return tls_send(s->tls, out);
	n = syscall(SYS_sendto, s->watch.fd, out.p, out.n, MSG_NOSIGNAL, NULL, 0);
	return n < 0 ? -errno : n;
}

/* Read while there is something to read and room for it. Returns the bytes read. */
static size_t fill(struct stream *s)
{
	size_t total = 0;

	while (s->readable && !s->eof && !s->error && buf_len(&s->in) < STREAM_HIGH_BYTES) {
		size_t max = ask(s);
		char *room = buf_reserve(&s->in, max);
		ssize_t n;

		if (!room) {
			s->error = -ENOMEM;
			break;
		}
		n = receive(s, room, max);
		if (n > 0) {
			buf_commit(&s->in, (size_t)n);
			total += (size_t)n;
		} else if (n == 0) {
			s->eof = true;
		} else if (n == -EAGAIN) {
			s->readable = false;
		} else if (n == -EINPROGRESS) {
			break; /* TLS must send something first: its room is an event */
		} else if (n != -EINTR) {
			s->error = (int)n;
		}
	}
	return total;
}

/* The last byte is written: say so. */
static void finish(struct stream *s)
{
	if (s->tls && tls_shut(s->tls) == -EAGAIN) {
		s->writable = false;
		return;
	}
	s->is_shut = true;
	shutdown(s->watch.fd, SHUT_WR);
}

/* Write what is in the out buffer while the socket takes it. Returns the bytes written. */
static size_t flush(struct stream *s)
{
	size_t total = 0;

	if (s->out.failed && !s->error)
		s->error = -ENOMEM;
	while (s->writable && !s->error && !s->is_deaf && buf_len(&s->out)) {
		ssize_t n = transmit(s, buf_str(&s->out));

		if (n >= 0) {
			buf_consume(&s->out, (size_t)n);
			total += (size_t)n;
		} else if (n == -EAGAIN) {
			s->writable = false;
		} else if (n != -EINTR) {
			s->is_deaf = true;
		}
	}
	if (s->is_final && !s->is_shut && s->writable && !buf_len(&s->out))
		finish(s);
	return total;
}

static const struct stream_ops socket_ops = { fill, flush, NULL };

/* The turn has ended: send. Its owner is told if there is anything left to be done about it. */
static void flush_at_turn_end(struct turn_end *t)
{
	struct stream *s = container_of(t, struct stream, late);

	flush(s);
	if (s->error || s->is_deaf || buf_len(&s->out))
		s->watch.ready(&s->watch, 0);
	else
		buf_fini(&s->out); /* who is idle holds no buffer */
}

/*
 * Send what is in the out buffer at the end of this turn of @l. Who reads all that has come before
 * anything is sent is done with much of it when the first receiver wakes up, and one that is awake
 * need not be woken for each piece. Much is sent at once, and so is what no socket carries.
 */
void stream_flush_late(struct stream *s, struct loop *l)
{
	if (s->ops != &socket_ops || buf_len(&s->out) > STREAM_LATE_BYTES_MAX) {
		stream_flush(s);
		return;
	}
	s->late.run = flush_at_turn_end;
	loop_late(l, &s->late);
}

/*
 * Begin with @fd, which is connected and which the stream now owns, without watching it yet: who
 * comes with all that he has to say and goes when he is answered need never be watched. Until then
 * it is tried whether there is anything to read or room to write, and no event comes.
 */
void stream_begin(struct stream *s, int fd, void (*ready)(struct watch *, uint32_t))
{
	*s = (struct stream){ .ops = &socket_ops, .watch = { fd, ready } };
	s->readable = true;
	s->writable = true;
	buf_init(&s->in, STREAM_BUFFER_BYTES_MAX);
	buf_init(&s->out, STREAM_BUFFER_BYTES_MAX);
}

/* Watch @s in @l, if it is not yet: what is so already is the first event. Returns 0 or -errno. */
int stream_watch(struct stream *s, struct loop *l)
{
	int err = 0;

	if (!s->is_watched)
		err = loop_add(l, &s->watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	s->is_watched = !err;
	return err;
}

/* Watch @fd, which the stream now owns, in @l. Returns 0 or -errno; on failure @fd is closed. */
int stream_open(struct stream *s, struct loop *l, int fd, void (*ready)(struct watch *, uint32_t))
{
	int err;

	stream_begin(s, fd, ready);
	s->readable = false; /* it may not be connected yet */
	s->writable = false;
	err = stream_watch(s, l);
	if (err)
		close(fd);
	return err;
}

/* Is what @s carries just what its socket does? */
bool stream_is_plain(const struct stream *s)
{
	return s->ops == &socket_ops && !s->tls;
}

/* Send what is in the out buffer, then an end; nothing may be put there any more. */
void stream_shut(struct stream *s)
{
	s->is_final = true;
	stream_flush(s);
}
