/* SPDX-License-Identifier: Apache-2.0 */
/* The blocking ends of connections, for tests: they give up after a while, and say what they heard.
 */
#ifndef LATTICE_TESTS_TALK_H
#define LATTICE_TESTS_TALK_H

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cmocka.h>

enum { WAIT_MS = 5000 };

/* @fd, which no longer waits for ever. */
static inline int patient(int fd)
{
	struct timeval t = { .tv_sec = WAIT_MS / 1000 };

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)), 0);
	return fd;
}

static inline void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Read until what came ends with @end; terminated, in memory that is good until the next call. */
static inline const char *hear(int fd, const char *end)
{
	static char text[256 * 1024];
	size_t n = 0, want = strlen(end);

	text[0] = '\0';
	for (;;) {
		ssize_t got = recv(fd, text + n, 1, 0);

		if (got <= 0)
			fail_msg("heard '%s', waited for '%s' (%s)", text, end,
				 got ? strerror(errno) : "closed");
		text[++n] = '\0';
		if (n >= want && memcmp(text + n - want, end, want) == 0)
			return text;
		assert_true(n < sizeof(text) - 1);
	}
}

static inline void hear_exactly(int fd, const char *wanted)
{
	assert_string_equal(hear(fd, wanted), wanted);
}

/* Nothing more comes: the other side has closed or reset the connection. */
static inline void hear_end(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	if (n > 0 || (n < 0 && errno != ECONNRESET))
		fail_msg("not closed: %s", n > 0 ? "there is more" : strerror(errno));
}

/* A request without body, and the target's connection on which it came. */
static inline void ask(int client, const char *method, const char *path)
{
	char text[256];

	snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: h\r\n\r\n", method, path);
	say(client, text);
}

#endif
