/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 by hand, for tests: frames are written as the test says, right or wrong, and read back one
 * by one. Heads are written as literals and read with libnghttp2's decoder.
 */
#ifndef LATTICE_TESTS_FRAMES_H
#define LATTICE_TESTS_FRAMES_H

#include "talk.h"

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { FRAME_BYTES_MAX = 16384, HEAD_TEXT_MAX = 4096 };

struct frame {
	uint8_t type, flags;
	uint32_t id;
	size_t n;
	uint8_t payload[FRAME_BYTES_MAX];
	char head[HEAD_TEXT_MAX]; /* HEADERS: "name: value\n" for each field */
};

/* One end of a connection. */
struct peer {
	int fd;
	nghttp2_hd_inflater *inflater;
	struct frame frame; /* the last that was read */
};

static inline void frame_send(int fd, uint8_t type, uint8_t flags, uint32_t id, const void *payload,
			      size_t n)
{
	uint8_t head[9] = {
		(uint8_t)(n >> 16),  (uint8_t)(n >> 8),	  (uint8_t)n,	      type,	  flags,
		(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id
	};

	assert_int_equal(send(fd, head, sizeof(head), MSG_NOSIGNAL | MSG_MORE), sizeof(head));
	if (n)
		assert_int_equal(send(fd, payload, n, MSG_NOSIGNAL), n);
	else
		send(fd, NULL, 0, MSG_NOSIGNAL);
}

static inline void frame_u32(int fd, uint8_t type, uint32_t id, uint32_t value)
{
	uint8_t p[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			 (uint8_t)value };

	frame_send(fd, type, 0, id, p, sizeof(p));
}

/* Literals without indexing of the NULL-ended pairs @fields, each shorter than 127 bytes. */
static inline size_t block_write(uint8_t *to, const char *const *fields)
{
	size_t n = 0;

	for (; *fields; fields++) {
		size_t len = strlen(*fields);

		if (*fields[0] == '\0' || len >= 127)
			assert_true(len < 127);
		/* A name is preceded by the kind of its representation. */
		to[n++] = 0;
		to[n++] = (uint8_t)len;
		memcpy(to + n, *fields, len);
		n += len;
		fields++;
		len = strlen(*fields);
		assert_true(len < 127);
		to[n++] = (uint8_t)len;
		memcpy(to + n, *fields, len);
		n += len;
	}
	return n;
}

static inline void head_send(int fd, uint32_t id, uint8_t flags, const char *const *fields)
{
	uint8_t block[FRAME_BYTES_MAX];

	frame_send(fd, NGHTTP2_HEADERS, flags | NGHTTP2_FLAG_END_HEADERS, id, block,
		   block_write(block, fields));
}

#define HEAD(fd, id, flags, ...) \
	head_send((fd), (id), (flags), (const char *const[]){ __VA_ARGS__, NULL })
#define GET(path) ":method", "GET", ":scheme", "http", ":authority", "h", ":path", path

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

static inline void read_head(struct peer *p)
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
			at += (size_t)snprintf(f->head + at, sizeof(f->head) - at, "%.*s: %.*s\n",
					       (int)nv.namelen, nv.name, (int)nv.valuelen,
					       nv.value);
		if (flags & NGHTTP2_HD_INFLATE_FINAL)
			break;
	}
	nghttp2_hd_inflate_end_headers(p->inflater);
}

/* The next frame, or NULL when the connection ended. */
static inline struct frame *frame_read(struct peer *p)
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
static inline void frames_end(struct peer *p)
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
static inline struct frame *frame_await(struct peer *p, uint8_t type, uint32_t id)
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
static inline uint32_t goaway_await(struct peer *p)
{
	return frame_value(frame_await(p, NGHTTP2_GOAWAY, 0), 4);
}

static inline void peer_begin(struct peer *p, int fd)
{
	p->fd = fd;
	assert_int_equal(nghttp2_hd_inflate_new(&p->inflater), 0);
}

static inline void peer_end(struct peer *p)
{
	nghttp2_hd_inflate_del(p->inflater);
	close(p->fd);
}

/* Begin as a client does, or as a server does that took a client's beginning. */
static inline void peer_client(struct peer *p, int fd)
{
	peer_begin(p, fd);
	say(fd, NGHTTP2_CLIENT_MAGIC);
	frame_send(fd, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

static inline void peer_server(struct peer *p, int fd)
{
	char magic[NGHTTP2_CLIENT_MAGIC_LEN];

	peer_begin(p, fd);
	assert_true(read_whole(fd, magic, sizeof(magic)));
	assert_memory_equal(magic, NGHTTP2_CLIENT_MAGIC, sizeof(magic));
	frame_send(fd, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
}

#endif
