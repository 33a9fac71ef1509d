/* SPDX-License-Identifier: Apache-2.0 */
/* One end of an HTTP/2 connection, for tests: frames read one by one, and how each side begins. */
#ifndef LATTICE_TESTS_H2_PEER_H
#define LATTICE_TESTS_H2_PEER_H

#include "frames.h"

#include <stdbool.h>
#include <unistd.h>

enum { HEAD_TEXT_MAX = 4096 };

struct frame {
	uint8_t type, flags;
	uint32_t id;
	size_t n;
	uint8_t payload[FRAME_BYTES_MAX];
	char head[HEAD_TEXT_MAX]; /* HEADERS: "name: value\n" for each field */
};

/* One end of a connection. */
struct h2_peer {
	int fd;
	nghttp2_hd_inflater *inflater;
	struct frame frame; /* the last that was read */
};

static inline bool read_whole(int fd, void *to, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = recv(fd, (char *)to + got, n - got, 0);

		if (r <= 0)
			return false;
		got += (size_t)r;
	}
	return true;
}

static inline void read_head(struct h2_peer *p)
{
	struct frame *f = &p->frame;
	const uint8_t *in = f->payload;
	size_t n = f->n, at = 0;

	for (;;) {
		nghttp2_nv nv;
		int flags = 0;
		ssize_t used = nghttp2_hd_inflate_hd2(p->inflater, &nv, &flags, in, n, 1);

		assert_true(used >= 0);
		in += used;
		n -= (size_t)used;
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			at += (size_t)snprintf(f->head + at, sizeof(f->head) - at, "%s: %s\n",
					       (const char *)nv.name, (const char *)nv.value);
		if (flags & NGHTTP2_HD_INFLATE_FINAL)
			break;
	}
	nghttp2_hd_inflate_end_headers(p->inflater);
}

/* The next frame, or NULL when the connection ended. */
static inline struct frame *frame_read(struct h2_peer *p)
{
	struct frame *f = &p->frame;
	uint8_t head[9];

	if (!read_whole(p->fd, head, sizeof(head)))
		return NULL;
	f->n = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
	f->type = head[3];
	f->flags = head[4];
	f->id = (uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 8 |
		head[8];
	f->head[0] = '\0';
	assert_true(f->n <= FRAME_BYTES_MAX);
	if (!read_whole(p->fd, f->payload, f->n))
		return NULL;
	if (f->type == NGHTTP2_HEADERS)
		read_head(p);
	return f;
}

/* Whatever frames are still on their way, the connection ends. */
static inline void frames_end(struct h2_peer *p)
{
	char bytes[4096];
	ssize_t n;

	do
		n = recv(p->fd, bytes, sizeof(bytes), 0);
	while (n > 0);
	if (n < 0 && errno != ECONNRESET)
		fail_msg("not closed: %s", strerror(errno));
}

static inline uint32_t frame_value(const struct frame *f, size_t at)
{
	return (uint32_t)f->payload[at] << 24 | (uint32_t)f->payload[at + 1] << 16 |
	       (uint32_t)f->payload[at + 2] << 8 | f->payload[at + 3];
}

/* Read on to the next frame of @type on @id; others are passed over. It must come. */
static inline struct frame *frame_await(struct h2_peer *p, uint8_t type, uint32_t id)
{
	for (;;) {
		struct frame *f = frame_read(p);

		if (!f)
			fail_msg("closed while waiting for type %u on stream %u", type, id);
		if (f->type == type && f->id == id)
			return f;
	}
}

/* The error code with which the connection says goodbye; it must. */
static inline uint32_t goaway_await(struct h2_peer *p)
{
	return frame_value(frame_await(p, NGHTTP2_GOAWAY, 0), 4);
}

static inline void peer_begin(struct h2_peer *p, int fd)
{
	p->fd = fd;
	assert_int_equal(nghttp2_hd_inflate_new(&p->inflater), 0);
}

static inline void peer_end(struct h2_peer *p)
{
	nghttp2_hd_inflate_del(p->inflater);
	close(p->fd);
}

/* Begin as a client does, or as a server does that took a client's beginning. */
static inline void peer_client(struct h2_peer *p, int fd)
{
	peer_begin(p, fd);
	say(fd, NGHTTP2_CLIENT_MAGIC);
	frame_send(fd, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static inline void peer_server(struct h2_peer *p, int fd)
{
	char magic[NGHTTP2_CLIENT_MAGIC_LEN];

	peer_begin(p, fd);
	assert_true(read_whole(fd, magic, sizeof(magic)));
	assert_memory_equal(magic, NGHTTP2_CLIENT_MAGIC, sizeof(magic));
	frame_send(fd, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

#endif
