/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exchange at a time. Of an answer only the status matters; its body is read only to keep the
 * connection, and only when its length is known.
 */
#include "telemetry/poster.h"

#include "http/h1_parse.h"
#include "http/h1_write.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_BYTES_MAX = 4096 };

static const char user_agent[] = "Lattice/1.0";

static void disconnect(struct poster *p)
{
	socket_wish_cancel(&p->wish);
	if (p->s.watch.fd >= 0)
		stream_close(&p->s, p->loop);
	p->s.watch.fd = -1;
	p->is_connected = false;
}

static void finish(struct poster *p, enum poster_result result, bool keep)
{
	timer_disarm(p->loop, &p->timeout);
	buf_fini(&p->request);
	p->is_busy = false;
	if (!keep)
		disconnect(p);
	p->done(p, result);
}

static void timed_out(struct timer *t)
{
	finish(container_of(t, struct poster, timeout), POSTER_FAILED, false);
}

static enum poster_result judge(unsigned status)
{
	if (status >= 200 && status < 300)
		return POSTER_TAKEN;
	if (status == 408 || status == 429 || status >= 500)
		return POSTER_FAILED;
	return POSTER_REFUSED;
}

/* Take the answer if its head is whole. True: the exchange is over. */
static bool take_answer(struct poster *p)
{
	struct http_response r;
	struct h1_result h;
	bool keep;

	for (;;) {
		h = h1_parse_response(buf_str(&p->s.in), &p->scanned, STR("POST"), &r);
		if (h.outcome == H1_MORE)
			return false;
		if (h.outcome == H1_BAD) {
			finish(p, POSTER_FAILED, false);
			return true;
		}
		if (r.status >= 200)
			break;
		buf_consume(&p->s.in, h.head_bytes);
		p->scanned = 0;
	}
	p->status = r.status;
	keep = r.keep_alive && !buf_len(&p->s.out) &&
	       (r.framing == HTTP_FRAMING_NONE ||
		(r.framing == HTTP_FRAMING_LENGTH &&
		 buf_len(&p->s.in) == h.head_bytes + r.content_length));
	buf_clear(&p->s.in);
	finish(p, judge(p->status), keep);
	return true;
}

static void run(struct poster *p)
{
	stream_flush(&p->s);
	stream_fill(&p->s);
	if (!p->is_busy) {
		/* A kept connection that ends, or speaks unasked, is not kept. */
		disconnect(p);
		return;
	}
	if (buf_len(&p->s.in) && take_answer(p))
		return;
	if (p->s.eof || p->s.error || p->s.is_deaf || buf_len(&p->s.in) >= STREAM_HIGH_BYTES)
		finish(p, POSTER_FAILED, false);
}

static void socket_ready(struct watch *w, uint32_t events)
{
	struct poster *p = container_of(w, struct poster, s.watch);
	socklen_t n = sizeof(int);
	int err = 0;

	stream_note(&p->s, events);
	if (!p->is_connected) {
		if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &n) || err) {
			finish(p, POSTER_FAILED, false);
			return;
		}
		p->is_connected = p->s.writable;
	}
	if (p->is_connected)
		run(p);
}

/* Put the request where it is sent from. */
static void load(struct poster *p)
{
	p->scanned = 0;
	p->status = 0;
	buf_clear(&p->s.in);
	buf_add(&p->s.out, buf_str(&p->request));
	buf_fini(&p->request);
}

static void socket_came(struct socket_wish *wish, int fd)
{
	struct poster *p = container_of(wish, struct poster, wish);
	struct sockaddr_storage os;
	socklen_t n = sock_addr_to_os(&p->url.addr, &os);
	int one = 1;

	if (fd < 0) {
		finish(p, POSTER_FAILED, false);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&os, n) && errno != EINPROGRESS) {
		close(fd);
		finish(p, POSTER_FAILED, false);
		return;
	}
	if (stream_open(&p->s, p->loop, fd, socket_ready)) {
		p->s.watch.fd = -1;
		finish(p, POSTER_FAILED, false);
		return;
	}
	buf_init(&p->s.out, POSTER_BODY_BYTES_MAX + HEAD_BYTES_MAX);
	load(p);
}

/* A poster to @url, whose strings, and @type, stay the caller's. Set @done before posting. */
void poster_init(struct poster *p, struct loop *l, struct socket_desk *desk,
		 const struct log_url *url, struct str type)
{
	*p = (struct poster){ .loop = l, .desk = desk, .url = *url, .type = type };
	p->wish.come = socket_came;
	p->timeout.expired = timed_out;
	p->s.watch.fd = -1;
	buf_init(&p->request, POSTER_BODY_BYTES_MAX + HEAD_BYTES_MAX);
}

/* Post @body, which is copied; done() is called later, never from here. */
void poster_post(struct poster *p, struct str body)
{
	struct buf *to = &p->request;

	p->is_busy = true;
	h1_write_request_line(to, STR("POST"), p->url.path);
	h1_write_header(to, STR("host"), p->url.authority);
	h1_write_header(to, STR("user-agent"), STR(user_agent));
	h1_write_header(to, STR("content-type"), p->type);
	h1_write_header_u64(to, STR("content-length"), body.n);
	h1_write_head_end(to);
	buf_add(to, body);
	timer_arm(p->loop, &p->timeout, to->failed ? 1 : POSTER_TIMEOUT_MS);
	if (to->failed)
		return;
	if (p->s.watch.fd < 0) {
		socket_wish(p->desk, &p->wish, p->url.addr.family, SOCK_STREAM);
		return;
	}
	load(p);
	stream_flush(&p->s);
}

/* Give up what is under way, without a word. */
void poster_fini(struct poster *p)
{
	timer_disarm(p->loop, &p->timeout);
	disconnect(p);
	buf_fini(&p->request);
	p->is_busy = false;
}
