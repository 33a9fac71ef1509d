/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes each way through a buffer, whatever carries them: a nonblocking socket here, one of the
 * streams of an HTTP/2 session elsewhere. A socket is watched edge-triggered: the flags remember
 * what epoll said until a call answers EAGAIN, so no event is asked for twice. Plain, or TLS from
 * stream_secure() on: then stream_handshake() until it is done, and the rest is the same.
 */
#ifndef LATTICE_IO_STREAM_H
#define LATTICE_IO_STREAM_H

#include "base/buf.h"
#include "io/loop.h"

enum {
	STREAM_READ_BYTES = 16 * 1024, /* at once; of what proves to be more, up to the next */
	STREAM_BUFFER_BYTES_MAX = 128 * 1024,
	STREAM_HIGH_BYTES = 64 * 1024,	   /* beyond this nothing more is put into a buffer */
	STREAM_LATE_BYTES_MAX = 16 * 1024, /* may wait for the end of a turn */
};

struct tls;

struct stream;

/* What carries the bytes. The first two return how many were moved. */
struct stream_ops {
	size_t (*fill)(struct stream *s);  /* take in what has come, as far as there is room */
	size_t (*flush)(struct stream *s); /* send what is in the out buffer, as far as it goes */
	void (*taken)(struct stream *s);   /* NULL, or told when the in buffer was emptied some */
};

struct stream {
	const struct stream_ops *ops;
	struct watch watch; /* fd -1: not a socket, or not yet one */
	struct tls *tls;    /* NULL: plain */
	struct buf in, out;
	struct turn_end late; /* see stream_flush_late() */
	struct str trailers;  /* lines behind what came in, when that has ended; not of a socket */
	bool is_watched;      /* by the loop: see stream_watch() */
	bool readable, writable;
	bool is_ending; /* epoll says that an end or an error is to be read */
	bool eof;	/* the peer has sent its last byte */
	bool is_deaf;	/* the peer takes no more; what it sent before can still be read */
	bool is_final;	/* nothing more is written: what is in the buffer, then the end */
	bool is_shut;	/* and so it was told */
	int error;	/* 0 or -errno: the stream is of no more use */
};

int stream_open(struct stream *s, struct loop *l, int fd, void (*ready)(struct watch *, uint32_t));
void stream_begin(struct stream *s, int fd, void (*ready)(struct watch *, uint32_t));
int stream_watch(struct stream *s, struct loop *l) __attribute__((warn_unused_result));
void stream_close(struct stream *s, struct loop *l);
void stream_secure(struct stream *s, struct tls *tls);
int stream_handshake(struct stream *s);
void stream_note(struct stream *s, uint32_t events);
void stream_shut(struct stream *s);
void stream_flush_late(struct stream *s, struct loop *l);
bool stream_is_plain(const struct stream *s);

static inline size_t stream_fill(struct stream *s)
{
	return s->ops->fill(s);
}

static inline size_t stream_flush(struct stream *s)
{
	return s->ops->flush(s);
}

/* Is what the out buffer holds to be sent at the end of this turn? */
static inline bool stream_is_late(const struct stream *s)
{
	return turn_end_is_late(&s->late);
}

/* Whoever took bytes from s->in says so: there is room for more. */
static inline void stream_taken(struct stream *s)
{
	if (s->ops->taken)
		s->ops->taken(s);
}

#endif
