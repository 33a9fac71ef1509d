/* SPDX-License-Identifier: Apache-2.0 */
/* A check is a connection of its own, one request, and the head of the response. */
#include "health/check.h"

#include "health/check_h2.h"
#include "http/h1_parse.h"
#include "http/h1_write.h"
#include "io/tls.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const char user_agent[] = "Lattice-HealthCheck/1.0";

/* Stop, whatever is under way; @done is not called. */
void check_cancel(struct check *c)
{
	if (!c->is_running)
		return;
	timer_disarm(c->loop, &c->timeout);
	if (c->has_socket)
		stream_close(&c->s, c->loop);
	check_h2_free(c->h2);
	c->h2 = NULL;
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
	timer_arm(c->loop, &c->timeout, timeout_ms);
}

/* Look for a whole head in what has come. False: the check is over. */
static bool read_head(struct check *c, bool has_ended)
{
	struct http_response r;
	struct h1_result result;

	for (;;) {
		result = h1_parse_response(buf_str(&c->s.in), &c->scanned, STR("GET"), &r);
		if (result.outcome != H1_DONE)
			break;
		if (r.status >= 200) {
			finish(c, r.status, NULL);
			return false;
		}
		buf_consume(&c->s.in, result.head_bytes);
		c->scanned = 0;
	}
	if (result.outcome == H1_MORE && !has_ended)
		return true;
	finish(c, 0, result.outcome == H1_BAD ? result.reason : "closed without a response");
	return false;
}

/* What the socket's connecting came to. False: the check is over. */
static bool finish_connect(struct check *c)
{
	struct tls_client as = { .context = c->context, .wants_h2 = c->is_h2 };
	struct tls *tls = NULL;
	int err = 0;
	socklen_t n = sizeof(err);

	if (getsockopt(c->s.watch.fd, SOL_SOCKET, SO_ERROR, &err, &n) || err) {
		finish(c, 0, strerror(err ? err : errno));
		return false;
	}
	c->is_connected = true;
	if (!c->is_tls)
		return true;
	if (c->context)
		tls = tls_connect(&as, c->s.watch.fd);
	if (!tls) {
		finish(c, 0, "no memory for TLS");
		return false;
	}
	stream_secure(&c->s, tls);
	return true;
}

/* Targets' certificates are not verified, as in AWS. False: wait, or the check is over. */
static bool shake_hands(struct check *c)
{
	char why[128];
	int err = stream_handshake(&c->s);

	if (!err)
		return true;
	if (err != -EAGAIN) {
		snprintf(why, sizeof(why), "TLS: %s", tls_reason(c->s.tls));
		finish(c, 0, why);
	}
	return false;
}

static void run_h1(struct check *c)
{
	size_t got;

	stream_flush(&c->s);
	do {
		got = stream_fill(&c->s);
		if (c->s.error) {
			finish(c, 0, strerror(-c->s.error));
			return;
		}
		if ((got || c->s.eof) && !read_head(c, c->s.eof))
			return;
	} while (got);
}

static void socket_ready(struct watch *w, uint32_t events)
{
	struct check *c = container_of(w, struct check, s.watch);
	unsigned status;
	const char *why;

	stream_note(&c->s, events);
	if (!c->is_connected && (!c->s.writable || !finish_connect(c)))
		return;
	if (c->is_tls && !shake_hands(c))
		return;
	if (!c->h2)
		run_h1(c);
	else if (check_h2_run(c->h2, &c->s, &status, &why))
		finish(c, status, why);
}

static bool write_request(struct check *c, const struct sock_addr *addr, struct str path)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct str host = sock_addr_write(addr, text);
	struct check_h2_question q = {
		.scheme = c->is_tls ? STR("https") : STR("http"),
		.authority = host,
		.path = path,
		.user_agent = STR(user_agent),
	};

	if (c->is_h2) {
		c->h2 = check_h2_new(&q);
		return c->h2 != NULL;
	}
	h1_write_request_line(&c->s.out, STR("GET"), path);
	h1_write_header(&c->s.out, STR("host"), host);
	h1_write_header(&c->s.out, STR("user-agent"), STR(user_agent));
	h1_write_header(&c->s.out, STR("accept"), STR("*/*"));
	h1_write_header(&c->s.out, STR("connection"), STR("close"));
	h1_write_head_end(&c->s.out);
	return !c->s.out.failed;
}

/*
 * Ask for @path at @addr on @fd, an unconnected socket that the check owns from here; below 0:
 * there is none to be had.
 */
void check_connect(struct check *c, int fd, const struct sock_addr *addr, struct str path)
{
	struct sockaddr_storage os;
	socklen_t n = sock_addr_to_os(addr, &os);
	int err;

	if (fd < 0) {
		finish(c, 0, "no socket in the VPC");
		return;
	}
	if (connect(fd, (struct sockaddr *)&os, n) && errno != EINPROGRESS) {
		err = errno;
		close(fd);
		finish(c, 0, strerror(err));
		return;
	}
	if (stream_open(&c->s, c->loop, fd, socket_ready)) {
		finish(c, 0, "out of memory");
		return;
	}
	c->has_socket = true;
	if (!write_request(c, addr, path))
		finish(c, 0, "out of memory");
}
