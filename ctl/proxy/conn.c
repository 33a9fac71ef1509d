/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's connection. conn_run() is the only way forward: every event, of the client's socket
 * or of the target's, ends there, and it alone may free the connection.
 */
#include "proxy/conn.h"

#include "base/clock.h"
#include "http/h1_write.h"
#include "proxy/access_log.h"
#include "proxy/request.h"
#include "proxy/worker.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* AWS: 60 s without a request or without a byte, the service's default idle timeout. */
enum { IDLE_MS_MAX = 60 * 1000 };

static void log_request(struct conn *c)
{
	access_log_write(&c->worker->log, c->request, clock_mono_us());
	if (buf_len(&c->worker->log) >= WORKER_LOG_BYTES_FULL)
		worker_flush_log(c->worker);
}

/* Close @c now; a request in flight is given up and logged. */
void conn_close(struct conn *c)
{
	struct worker *w = c->worker;

	if (c->request) {
		if (!c->request->failure)
			c->request->failure = "ClientConnectionClosed";
		log_request(c);
		request_free(c->request);
	}
	timer_disarm(&w->loop, &c->timer);
	stream_close(&c->s, &w->loop);
	list_remove(&c->link);
	w->conn_count--;
	free(c);
	if (w->draining && !w->conn_count)
		loop_stop(&w->loop);
}

static void conn_expired(struct timer *t)
{
	struct conn *c = container_of(t, struct conn, timer);
	uint64_t idle_ms = c->worker->loop.now_ms - c->active_ms;

	if (idle_ms < IDLE_MS_MAX) {
		timer_arm(&c->worker->loop, t, IDLE_MS_MAX - idle_ms);
		return;
	}
	if (c->request && c->request->upstream && !c->request->response_started) {
		request_answer(c->request, 504, "TargetDataTimeout");
		c->request->keep_client = false;
		stream_flush(&c->s);
	}
	conn_close(c);
}

static void conn_ready(struct watch *w, uint32_t events)
{
	struct conn *c = container_of(w, struct conn, s.watch);

	stream_note(&c->s, events);
	c->active_ms = c->worker->loop.now_ms;
	if (events & (EPOLLERR | EPOLLHUP)) {
		conn_close(c);
		return;
	}
	conn_run(c);
}

/* Serve the client behind @fd, which came through @vpc's handoff socket. Owns @fd from here. */
void conn_open(struct worker *w, uint32_t vpc, int fd, const struct sock_addr *peer)
{
	struct conn *c = calloc(1, sizeof(*c));
	int one = 1;

	if (!c) {
		close(fd);
		return;
	}
	*c = (struct conn){ .worker = w, .vpc = vpc, .peer = *peer, .active_ms = w->loop.now_ms };
	c->timer.expired = conn_expired;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (sock_local(fd, &c->local)) {
		close(fd);
		free(c);
		return;
	}
	if (stream_open(&c->s, &w->loop, fd, conn_ready)) {
		free(c);
		return;
	}
	list_add_tail(&w->conns, &c->link);
	w->conn_count++;
	timer_arm(&w->loop, &c->timer, IDLE_MS_MAX);
}

/* A head that cannot be answered within a request: say why and close. */
static void refuse_head(struct conn *c, const struct h1_result *result)
{
	struct str why = str_of(result->reason);
	struct buf *out = &c->s.out;

	h1_write_status_line(out, result->status);
	h1_write_header(out, STR("content-type"), STR("text/plain"));
	h1_write_header_u64(out, STR("content-length"), why.n);
	h1_write_header(out, STR("connection"), STR("close"));
	h1_write_head_end(out);
	buf_add(out, why);
	c->closing = true;
}

/* Begin the next request if its head is whole. False: wait, or see closing. */
static bool read_request(struct conn *c)
{
	struct http_request http;
	struct h1_result result;

	for (;;) {
		size_t got = stream_fill(&c->s);

		if (buf_len(&c->s.in)) {
			result = h1_parse_request(buf_str(&c->s.in), &c->scanned, &http);
			if (result.outcome != H1_MORE)
				break;
		}
		if (c->s.eof || c->s.error) {
			c->closing = true;
			return false;
		}
		if (!got) {
			if (!buf_len(&c->s.in))
				buf_fini(&c->s.in); /* idle connections hold no buffer */
			return false;
		}
	}
	c->scanned = 0;
	if (result.outcome == H1_BAD) {
		refuse_head(c, &result);
		return false;
	}
	c->request = request_new(c, result.head_bytes, &http);
	if (!c->request)
		c->closing = true;
	return c->request != NULL;
}

static void finish_request(struct conn *c)
{
	struct request *r = c->request;

	log_request(c);
	if (!r->keep_client || c->worker->draining)
		c->closing = true;
	c->request = NULL;
	request_free(r);
}

/*
 * What is written reaches the client before the close: unread input would turn the close into a
 * reset that overtakes it, so the sending side is shut first and input is thrown away.
 */
static bool linger_done(struct conn *c)
{
	if (buf_len(&c->s.out))
		return false;
	shutdown(c->s.watch.fd, SHUT_WR);
	while (stream_fill(&c->s))
		buf_clear(&c->s.in);
	return true;
}

/* Go on with @c as far as possible. @c may be gone afterwards. */
void conn_run(struct conn *c)
{
	for (;;) {
		stream_flush(&c->s);
		if (c->s.error) {
			conn_close(c);
			return;
		}
		if (c->closing) {
			if (linger_done(c))
				conn_close(c);
			return;
		}
		if (!c->request && !read_request(c)) {
			if (c->closing)
				continue;
			return;
		}
		if (!request_run(c->request))
			return;
		finish_request(c);
	}
}
