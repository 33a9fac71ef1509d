/* SPDX-License-Identifier: Apache-2.0 */
/* Heads are read by the same parser as everywhere, and refused as strictly. */
#include "latticectl/lambda_http.h"

#include "http/h1_write.h"
#include "io/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 256, ACCEPT_BATCH = 64 };

static void serve(struct http_conn *c);

static void conn_close(struct http_conn *c)
{
	struct http_server *s = c->server;

	if (c->is_waiting)
		s->gone(c);
	list_remove(&c->link);
	s->conn_count--;
	stream_close(&c->s, s->loop);
	buf_fini(&c->head);
	buf_fini(&c->body);
	free(c);
}

/* Forget the request that was answered. */
static void reset(struct http_conn *c)
{
	buf_fini(&c->head);
	buf_fini(&c->body);
	c->chunked = (struct h1_chunked){ 0 };
	c->has_head = false;
	c->owner = NULL;
}

static void put_reply(struct http_conn *c, unsigned status, struct str fields, struct str body,
		      bool keep_alive)
{
	struct buf *to = &c->s.out;

	h1_write_status_line(to, status);
	buf_add(to, fields);
	h1_write_header_u64(to, STR("content-length"), body.n);
	if (!keep_alive)
		h1_write_header(to, STR("connection"), STR("close"));
	h1_write_head_end(to);
	buf_add(to, body);
	c->is_closing |= !keep_alive;
}

static void refuse(struct http_conn *c, unsigned status)
{
	put_reply(c, status, STR(""), http_status_reason(status), false);
}

/* Take the head, if it is whole. False: it is not, or was refused. */
static bool take_head(struct http_conn *c)
{
	struct str in = buf_str(&c->s.in);
	struct h1_result r = h1_parse_request(in, &c->scanned, &c->http);

	if (r.outcome == H1_MORE)
		return false;
	c->scanned = 0;
	if (r.outcome == H1_BAD) {
		refuse(c, r.status);
		return false;
	}
	/* What the head points to must outlive the buffer: it is read again from a copy. */
	buf_add(&c->head, str_first(in, r.head_bytes));
	buf_consume(&c->s.in, r.head_bytes);
	h1_parse_request(buf_str(&c->head), &c->scanned, &c->http);
	c->scanned = 0;
	c->left = c->http.framing == HTTP_FRAMING_LENGTH ? c->http.content_length : 0;
	if (c->http.expects_continue) {
		h1_write_status_line(&c->s.out, 100);
		h1_write_head_end(&c->s.out);
	}
	c->has_head = true;
	return true;
}

static bool take_chunked(struct http_conn *c)
{
	struct buf *in = &c->s.in;

	for (;;) {
		struct h1_chunk k = h1_chunked_next(&c->chunked, buf_str(in));

		if (k.outcome == H1_CHUNK_BAD) {
			refuse(c, 400);
			return false;
		}
		buf_add(&c->body, k.outcome == H1_CHUNK_DATA ? k.data : STR(""));
		buf_consume(in, k.consumed);
		if (k.outcome == H1_CHUNK_END)
			return true;
		if (k.outcome == H1_CHUNK_MORE || c->body.failed)
			return false;
	}
}

/* Take in more of the body. True: it is whole. */
static bool take_body(struct http_conn *c)
{
	struct str data = buf_str(&c->s.in);

	if (c->http.framing == HTTP_FRAMING_CHUNKED)
		return take_chunked(c);
	data = str_first(data, c->left < data.n ? (size_t)c->left : data.n);
	buf_add(&c->body, data);
	buf_consume(&c->s.in, data.n);
	c->left -= data.n;
	return !c->left;
}

static void serve(struct http_conn *c)
{
	while (!c->is_waiting && !c->is_closing) {
		if (!c->has_head && !take_head(c))
			return;
		if (!take_body(c)) {
			if (c->body.failed && !c->is_closing)
				refuse(c, 413);
			return;
		}
		c->is_waiting = true;
		c->server->request(c);
	}
}

static void conn_ready(struct watch *w, uint32_t events)
{
	struct http_conn *c = container_of(w, struct http_conn, s.watch);
	size_t moved;

	stream_note(&c->s, events);
	do {
		moved = stream_fill(&c->s);
		serve(c);
		moved += stream_flush(&c->s);
	} while (moved);
	if (c->s.error || c->s.is_deaf || (c->s.eof && !buf_len(&c->s.out)) ||
	    (c->is_closing && !buf_len(&c->s.out)))
		conn_close(c);
}

static void accept_ready(struct watch *w, uint32_t events)
{
	struct http_server *s = container_of(w, struct http_server, watch);
	int i, fd;

	(void)events;
	for (i = 0; i < ACCEPT_BATCH; i++) {
		struct http_conn *c = NULL;

		fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		if (s->conn_count < HTTP_CONNS_MAX)
			c = calloc(1, sizeof(*c));
		if (!c) {
			close(fd);
			continue;
		}
		if (stream_open(&c->s, s->loop, fd, conn_ready)) {
			free(c);
			continue;
		}
		buf_init(&c->s.out, HTTP_BODY_BYTES_MAX);
		buf_init(&c->head, LATTICE_HEADER_BYTES_MAX + 16384);
		buf_init(&c->body, HTTP_BODY_BYTES_MAX);
		c->server = s;
		list_add_tail(&s->conns, &c->link);
		s->conn_count++;
	}
}

/* Listen on @port of 127.0.0.1, any free one for 0; @s has its functions. 0 or -errno. */
int http_server_open(struct http_server *s, struct loop *loop, uint16_t port)
{
	struct sock_addr at = { .family = AF_INET, .port = port };
	struct sockaddr_storage os;
	socklen_t n;
	int on = 1, err, fd;

	at.v4.s_addr = htonl(INADDR_LOOPBACK);
	n = sock_addr_to_os(&at, &os);
	list_init(&s->conns);
	s->loop = loop;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	s->watch = (struct watch){ fd, accept_ready };
	err = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
			      bind(fd, (struct sockaddr *)&os, n) || listen(fd, BACKLOG)
		      ? -errno
		      : sock_local(fd, &at);
	if (!err)
		err = loop_add(loop, &s->watch, EPOLLIN);
	if (err) {
		close(fd);
		s->watch.fd = -1;
		return err;
	}
	s->port = at.port;
	return 0;
}

/* Close the listener and all connections. */
void http_server_close(struct http_server *s)
{
	if (s->watch.fd < 0)
		return;
	loop_remove(s->loop, &s->watch);
	close(s->watch.fd);
	s->watch.fd = -1;
	while (!list_empty(&s->conns))
		conn_close(list_entry(s->conns.next, struct http_conn, link));
}

/*
 * Answer the request that waits on @c with @status and @body. @fields are whole lines. The next
 * request, if it has come, is served when the loop comes by.
 */
void http_reply(struct http_conn *c, unsigned status, struct str fields, struct str body)
{
	put_reply(c, status, fields, body, c->http.keep_alive);
	c->is_waiting = false;
	reset(c);
	stream_flush(&c->s);
	/* Edge-triggered: what is in the buffer already would never be heard of again. */
	loop_modify(c->server->loop, &c->s.watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}
