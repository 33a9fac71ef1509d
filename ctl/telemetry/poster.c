/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exchange at a time. The status of an answer says how it went. Its body is read for who posts,
 * and to keep the connection, when its length is known and not too large. Until there is a
 * connection, over TLS a proved one, the addresses of the host are tried in turn, and the request
 * waits.
 */
#include "telemetry/poster.h"

#include "base/clock.h"
#include "http/h1_parse.h"
#include "http/h1_write.h"
#include "io/tls.h"
#include "telemetry/otlp_answer.h"

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
	p->state = POSTER_ALONE;
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

/* The first reason counts: later addresses are a last resort. */
static void note(struct poster *p, const char *reason)
{
	if (!p->reason[0])
		strncat(p->reason, reason, sizeof(p->reason) - 1);
}

static enum poster_result judge(unsigned status)
{
	if (status >= 200 && status < 300)
		return POSTER_TAKEN;
	if (status == 408 || status == 429 || status >= 500)
		return POSTER_FAILED;
	return POSTER_REFUSED;
}

static void timed_out(struct timer *t)
{
	struct poster *p = container_of(t, struct poster, timeout);

	note(p, "not done in time");
	finish(p, p->status ? judge(p->status) : POSTER_FAILED, false);
}

/* Take the answer if it is whole, as far as it is read. True: the exchange is over. */
static bool take_answer(struct poster *p)
{
	const struct http_header *retry_after;
	struct http_response r;
	struct h1_result h;
	struct str body;
	bool has_body, keep;

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
	retry_after = http_headers_find(&r.headers, STR("retry-after"));
	p->retry_after_ms =
		retry_after ? otlp_retry_after_ms(retry_after->value, clock_wall_ms()) : 0;
	has_body = r.framing == HTTP_FRAMING_LENGTH && r.content_length <= POSTER_ANSWER_BYTES_MAX;
	body = str_skip(buf_str(&p->s.in), h.head_bytes);
	if (has_body && body.n < r.content_length && !p->s.eof && !p->s.error) {
		p->scanned = 0;
		return false;
	}
	keep = r.keep_alive && !buf_len(&p->s.out) &&
	       (r.framing == HTTP_FRAMING_NONE || (has_body && body.n == r.content_length));
	if (has_body && body.n >= r.content_length)
		buf_add(&p->answer, str_first(body, (size_t)r.content_length));
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
		if (p->s.eof || p->s.error || buf_len(&p->s.in))
			disconnect(p);
		return;
	}
	if (buf_len(&p->s.in) && take_answer(p))
		return;
	if (p->s.eof || p->s.error || p->s.is_deaf || buf_len(&p->s.in) >= STREAM_HIGH_BYTES)
		finish(p, POSTER_FAILED, false);
}

/* Put the request where it is sent from. */
static void load(struct poster *p)
{
	p->scanned = 0;
	buf_clear(&p->s.in);
	buf_add(&p->s.out, buf_str(&p->request));
	buf_fini(&p->request);
}

/* The next address of the host. False: there is none any more. */
static bool next_addr(struct poster *p)
{
	unsigned n = p->tried++;

	p->addr = p->url.addr;
	if (p->url.addr.family != AF_UNSPEC)
		return n == 0;
	if (hosts_choose(p->desk->hosts, p->url.name, n, &p->addr))
		return true;
	if (n == 0)
		note(p, "its name leads nowhere");
	return false;
}

/* What was tried is not a connection, because of @reason: try the next address, or give up. */
static void try_next(struct poster *p, const char *reason)
{
	if (reason)
		note(p, reason);
	disconnect(p);
	if (next_addr(p))
		socket_wish(p->desk, &p->wish, p->addr.family, SOCK_STREAM);
	else
		finish(p, POSTER_FAILED, false);
}

static void be_connected(struct poster *p)
{
	p->state = POSTER_CONNECTED;
	load(p);
	run(p);
}

static void shake_hands(struct poster *p)
{
	int err = stream_handshake(&p->s);

	if (!err)
		be_connected(p);
	else if (err != -EAGAIN)
		try_next(p, tls_reason(p->s.tls));
}

static void secure(struct poster *p)
{
	const struct tls_client c = {
		.context = p->desk->client,
		.name = p->url.addr.family == AF_UNSPEC ? p->host : NULL,
		.trust = p->trust ? p->trust : p->desk->trust,
		.host = p->host,
	};
	struct tls *tls = c.context && c.trust ? tls_connect(&c, p->s.watch.fd) : NULL;

	if (!tls) {
		try_next(p, "out of memory");
		return;
	}
	stream_secure(&p->s, tls);
	p->state = POSTER_SECURING;
	shake_hands(p);
}

static void socket_ready(struct watch *w, uint32_t events)
{
	struct poster *p = container_of(w, struct poster, s.watch);
	socklen_t n = sizeof(int);
	int err = 0;

	stream_note(&p->s, events);
	switch (p->state) {
	case POSTER_ALONE:
		break;
	case POSTER_CONNECTING:
		if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &n) || err)
			try_next(p, strerror(err ? err : errno));
		else if (p->s.writable && p->url.is_tls)
			secure(p);
		else if (p->s.writable)
			be_connected(p);
		break;
	case POSTER_SECURING:
		shake_hands(p);
		break;
	case POSTER_CONNECTED:
		run(p);
		break;
	}
}

static void socket_came(struct socket_wish *wish, int fd)
{
	struct poster *p = container_of(wish, struct poster, wish);
	struct sockaddr_storage os;
	socklen_t n = sock_addr_to_os(&p->addr, &os);
	int one = 1;

	if (fd < 0) {
		try_next(p, "there is no socket for it");
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&os, n) && errno != EINPROGRESS) {
		note(p, strerror(errno));
		close(fd);
		try_next(p, NULL);
		return;
	}
	if (stream_open(&p->s, p->loop, fd, socket_ready)) {
		p->s.watch.fd = -1;
		try_next(p, "out of memory");
		return;
	}
	buf_init(&p->s.out, POSTER_BODY_BYTES_MAX + HEAD_BYTES_MAX);
	p->state = POSTER_CONNECTING;
}

/* A poster to @url, whose strings, but for its ca, and @type stay the caller's. Set @done before
 * posting. */
void poster_init(struct poster *p, struct loop *l, struct socket_desk *desk,
		 const struct log_url *url, struct str type)
{
	*p = (struct poster){ .loop = l, .desk = desk, .url = *url, .type = type };
	p->wish.come = socket_came;
	p->timeout.expired = timed_out;
	p->s.watch.fd = -1;
	buf_init(&p->request, POSTER_BODY_BYTES_MAX + HEAD_BYTES_MAX);
	buf_init(&p->answer, POSTER_ANSWER_BYTES_MAX);
	if (url->name.n && url->name.n <= HOST_NAME_BYTES_MAX)
		memcpy(p->host, url->name.p, url->name.n);
	/* Should it not be read, the system's authorities decide: nobody is believed blindly. */
	if (url->ca.n)
		p->trust = tls_trust_new(url->ca);
}

/* Post @body, which is copied; done() is called later, never from here. */
void poster_post(struct poster *p, struct str body)
{
	struct buf *to = &p->request;

	p->is_busy = true;
	p->tried = 0;
	p->status = 0;
	p->reason[0] = '\0';
	p->retry_after_ms = 0;
	buf_clear(&p->answer);
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
	if (p->s.watch.fd >= 0) {
		load(p);
		stream_flush(&p->s);
	} else if (next_addr(p)) {
		socket_wish(p->desk, &p->wish, p->addr.family, SOCK_STREAM);
	} else {
		timer_arm(p->loop, &p->timeout, 1);
	}
}

/* Give up what is under way, without a word. */
void poster_fini(struct poster *p)
{
	timer_disarm(p->loop, &p->timeout);
	disconnect(p);
	buf_fini(&p->request);
	buf_fini(&p->answer);
	tls_trust_free(p->trust);
	p->trust = NULL;
	p->is_busy = false;
}
