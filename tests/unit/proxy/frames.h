/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 by hand, for tests: frames are written as the test says, right or wrong, heads as
 * literals.
 */
#ifndef LATTICE_TESTS_FRAMES_H
#define LATTICE_TESTS_FRAMES_H

#include "talk.h"

#include <nghttp2/nghttp2.h>

enum { FRAME_BYTES_MAX = 16384 };

static inline void put_u32(uint8_t to[4], uint32_t v)
{
	to[0] = (uint8_t)(v >> 24);
	to[1] = (uint8_t)(v >> 16);
	to[2] = (uint8_t)(v >> 8);
	to[3] = (uint8_t)v;
}

static inline void frame_send(int fd, uint8_t type, uint8_t flags, uint32_t id, const void *payload,
			      size_t n)
{
	uint8_t head[9];

	put_u32(head, (uint32_t)n << 8 | type);
	head[4] = flags;
	put_u32(head + 5, id);
	assert_int_equal(send(fd, head, sizeof(head), MSG_NOSIGNAL | MSG_MORE), sizeof(head));
	assert_int_equal(send(fd, payload, n, MSG_NOSIGNAL), n);
}

static inline void frame_u32(int fd, uint8_t type, uint32_t id, uint32_t value)
{
	uint8_t p[4];

	put_u32(p, value);
	frame_send(fd, type, 0, id, p, sizeof(p));
}

static inline size_t literal_write(uint8_t *to, const char *text)
{
	size_t len = strlen(text);

	assert_true(len < 127);
	to[0] = (uint8_t)len;
	memcpy(to + 1, text, len);
	return len + 1;
}

/* Literals without indexing of the NULL-ended pairs @fields. */
static inline size_t block_write(uint8_t *to, const char *const *fields)
{
	size_t n = 0;

	for (; *fields; fields += 2) {
		to[n++] = 0;
		n += literal_write(to + n, fields[0]);
		n += literal_write(to + n, fields[1]);
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

#endif
