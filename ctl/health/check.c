/* SPDX-License-Identifier: Apache-2.0 */
/* A check is a connection of its own, one request, and the head of the response. */
#include "health/check.h"

#include "http/h1_parse.h"
#include "http/h1_write.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	REQUEST_BYTES_MAX = 4096, /* AWS takes paths of 2048 */
	RESPONSE_BYTES_MAX = 64 * 1024,
	READ_BYTES = 4096,
};

static const char user_agent[] = "Lattice-HealthCheck/1.0";

/* Stop, whatever is under way; @done is not called. */
void check_cancel(struct check *c)
{
	if (!c->is_running)
		return;
	timer_disarm(c->loop, &c->timeout);
	if (c->has_socket) {
		loop_remove(c->loop, &c->watch);
		close(c->watch.fd);
	}
	buf_fini(&c->in);
	buf_fini(&c->out);
	c->is_running = false;
	c->has_socket = false;
}

static void finish(struct check *c, unsigned status, const char *why)
{
	check_cancel(c);
	c->done(c, status, why);
}

static void timed_out(struct timer *t)
{
	struct check *c = container_of(t, struct check, timeout);

	finish(c, 0, c->is_connected ? "no response in time" : "no connection in time");
}

/* Begin: the time runs from now. */
void check_start(struct check *c, uint64_t timeout_ms)
{
	c->is_running = true;
	c->has_socket = false;
	c->is_connected = false;
	c->scanned = 0;
	c->timeout.expired = timed_out;
	buf_init(&c->in, RESPONSE_BYTES_MAX);
	buf_init(&c->out, REQUEST_BYTES_MAX);
	timer_arm(c->loop, &c->timeout, timeout_ms);
}

/* Look for a whole head in what has come. False: the check is over. */
static bool read_head(struct check *c, bool has_ended)
{
	struct http_response r;
	struct h1_result result;

	for (;;) {
		result = h1_parse_response(buf_str(&c->in), &c->scanned, STR("GET"), &r);
		if (result.outcome != H1_DONE)
			break;
		if (r.status >= 200) {
			finish(c, r.status, NULL);
			return false;
		}
		buf_consume(&c->in, result.head_bytes);
		c->scanned = 0;
	}
	if (result.outcome == H1_MORE && !has_ended)
		return true;
	finish(c, 0, result.outcome == H1_BAD ? result.reason : "closed without a response");
	return false;
}

static void receive(struct check *c)
{
	for (;;) {
		char *room = buf_reserve(&c->in, READ_BYTES);
		ssize_t n = room ? recv(c->watch.fd, room, READ_BYTES, 0) : 0;

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			finish(c, 0, strerror(errno));
			return;
		}
		if (room)
			buf_commit(&c->in, (size_t)n);
		if (!read_head(c, n == 0))
			return;
	}
}

static void transmit(struct check *c)
{
	while (buf_len(&c->out)) {
		struct str out = buf_str(&c->out);
		ssize_t n = send(c->watch.fd, out.p, out.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			finish(c, 0, strerror(errno));
			return;
		}
		buf_consume(&c->out, (size_t)n);
	}
	loop_modify(c->loop, &c->watch, EPOLLIN);
}

static void socket_ready(struct watch *w, uint32_t events)
{
	struct check *c = container_of(w, struct check, watch);
	int err = 0;
	socklen_t n = sizeof(err);

	(void)events;
	if (!c->is_connected) {
		if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &n) || err) {
			finish(c, 0, strerror(err ? err : errno));
			return;
		}
		c->is_connected = true;
	}
	if (buf_len(&c->out))
		transmit(c);
	else
		receive(c);
}

static void write_request(struct check *c, const struct sock_addr *addr, struct str path)
{
	char text[SOCK_ADDR_TEXT_MAX];

	h1_write_request_line(&c->out, STR("GET"), path);
	h1_write_header(&c->out, STR("host"), sock_addr_write(addr, text));
	h1_write_header(&c->out, STR("user-agent"), STR(user_agent));
	h1_write_header(&c->out, STR("accept"), STR("*/*"));
	h1_write_header(&c->out, STR("connection"), STR("close"));
	h1_write_head_end(&c->out);
}

/*
 * Ask for @path at @addr on @fd, an unconnected socket that the check owns from here; below 0:
 * there is none to be had.
 */
void check_connect(struct check *c, int fd, const struct sock_addr *addr, struct str path)
{
	struct sockaddr_storage os;
	socklen_t n = sock_addr_to_os(addr, &os);

	if (fd < 0) {
		finish(c, 0, "no socket in the VPC");
		return;
	}
	c->watch = (struct watch){ fd, socket_ready };
	write_request(c, addr, path);
	if (c->out.failed || (connect(fd, (struct sockaddr *)&os, n) && errno != EINPROGRESS) ||
	    loop_add(c->loop, &c->watch, EPOLLOUT)) {
		close(fd);
		finish(c, 0, c->out.failed ? "request too long" : strerror(errno));
		return;
	}
	c->has_socket = true;
}
