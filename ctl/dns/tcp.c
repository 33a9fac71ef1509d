/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections of clients. One that does not read its answers is read no further, and closed when
 * it is idle for long; one that sends what is no query at all is closed at once.
 */
#include "dns/tcp.h"

#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LENGTH_BYTES = 2,
	IN_BYTES_MAX = 2 * (LENGTH_BYTES + DNS_QUERY_BYTES_MAX),
	OUT_BYTES_FULL = 64 * 1024, /* no further question is taken while so much waits */
	OUT_BYTES_MAX = 512 * 1024,
	ACCEPT_BATCH = 16,
};

struct tcp_conn {
	struct tcp *t;
	struct watch watch;
	struct timer idle, resume;
	uint32_t slot, vpc;
	uint64_t epoch, until_ms;
	struct buf in, out;
	unsigned waiting; /* questions without an answer yet */
	bool is_ended;	  /* by the client, who may still read */
	bool is_serving;  /* serve() is running: answers are sent behind it */
};

static void conn_close(struct tcp_conn *c)
{
	struct tcp *t = c->t;

	loop_remove(t->loop, &c->watch);
	timer_disarm(t->loop, &c->idle);
	timer_disarm(t->loop, &c->resume);
	close(c->watch.fd);
	t->conns[c->slot] = NULL;
	t->count--;
	t->by_vpc[c->vpc]--;
	buf_fini(&c->in);
	buf_fini(&c->out);
	free(c);
}

static void idle_expired(struct timer *t)
{
	conn_close(container_of(t, struct tcp_conn, idle));
}

static void has_moved(struct tcp_conn *c)
{
	uint64_t now = c->t->loop->now_ms, left = c->until_ms > now ? c->until_ms - now : 0;

	timer_arm(c->t->loop, &c->idle, left < TCP_IDLE_MS ? left : TCP_IDLE_MS);
}

/* The next whole message in what came; false without. */
static bool next_message(const struct tcp_conn *c, struct str *ret)
{
	struct str in = buf_str(&c->in);
	size_t n;

	if (in.n < LENGTH_BYTES)
		return false;
	n = dns_get_u16(in, 0);
	*ret = str_first(str_skip(in, LENGTH_BYTES), n);
	return ret->n == n;
}

static bool may_take_more(const struct tcp_conn *c)
{
	return c->waiting < TCP_PIPELINE_MAX && buf_len(&c->out) < OUT_BYTES_FULL && !c->out.failed;
}

/* Serve what came, as far as may be. */
static void serve_messages(struct tcp_conn *c)
{
	struct dns_client from = {
		.vpc = c->vpc, .is_tcp = true, .epoch = c->epoch, .conn = c->slot
	};
	struct str message;

	c->is_serving = true;
	while (may_take_more(c) && next_message(c, &message)) {
		c->waiting++;
		c->t->serve(c->t, &from, message);
		buf_consume(&c->in, LENGTH_BYTES + message.n);
	}
	c->is_serving = false;
}

/* Send what there is. 0 or -errno. */
static int flush(struct tcp_conn *c)
{
	while (buf_len(&c->out)) {
		struct str out = buf_str(&c->out);
		ssize_t n = send(c->watch.fd, out.p, out.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		buf_consume(&c->out, (size_t)n);
		has_moved(c);
	}
	return 0;
}

/* Read what there is room for. 0 or -errno. */
static int receive(struct tcp_conn *c)
{
	size_t room = IN_BYTES_MAX - buf_len(&c->in);
	char *to = room ? buf_reserve(&c->in, room) : NULL;
	ssize_t n;

	if (!room)
		return 0;
	if (!to)
		return -ENOMEM;
	n = recv(c->watch.fd, to, room, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		c->is_ended = true;
	else
		has_moved(c);
	buf_commit(&c->in, (size_t)n);
	return 0;
}

/* A length that no query has is no DNS. */
static bool is_nonsense(const struct tcp_conn *c)
{
	struct str in = buf_str(&c->in);

	return in.n >= LENGTH_BYTES &&
	       (dns_get_u16(in, 0) < DNS_HEADER_BYTES || dns_get_u16(in, 0) > DNS_QUERY_BYTES_MAX);
}

/* Whatever happened to @c: send, and see what to wait for. It may be gone afterwards. */
static void settle(struct tcp_conn *c, int err)
{
	uint32_t events = 0;

	if (!err)
		err = flush(c);
	if (err || c->out.failed || is_nonsense(c) ||
	    (c->is_ended && !c->waiting && !buf_len(&c->out))) {
		conn_close(c);
		return;
	}
	if (buf_len(&c->out))
		events |= EPOLLOUT;
	if (!c->is_ended && may_take_more(c))
		events |= EPOLLIN;
	loop_modify(c->t->loop, &c->watch, events);
}

static void conn_ready(struct watch *w, uint32_t events)
{
	struct tcp_conn *c = container_of(w, struct tcp_conn, watch);
	int err = events & EPOLLERR ? -ECONNRESET : 0;

	if (!err && (events & (EPOLLIN | EPOLLHUP)) && !c->is_ended)
		err = receive(c);
	if (!err)
		serve_messages(c);
	settle(c, err);
}

static void resume_expired(struct timer *t)
{
	struct tcp_conn *c = container_of(t, struct tcp_conn, resume);

	serve_messages(c);
	settle(c, 0);
}

static uint32_t find_slot(const struct tcp *t)
{
	uint32_t i = 0;

	while (i < TCP_CONNS_MAX && t->conns[i])
		i++;
	return i;
}

/* Take in the connection @fd, or close it when there are too many. */
static void conn_open(struct tcp *t, int fd, uint32_t vpc)
{
	uint32_t slot = find_slot(t);
	struct tcp_conn *c = NULL;

	if (slot < TCP_CONNS_MAX && t->by_vpc[vpc] < TCP_VPC_CONNS_MAX)
		c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	*c = (struct tcp_conn){
		.t = t,
		.watch = { fd, conn_ready },
		.idle.expired = idle_expired,
		.resume.expired = resume_expired,
		.slot = slot,
		.vpc = vpc,
		.epoch = ++t->epoch,
		.until_ms = t->loop->now_ms + TCP_LIFE_MS,
	};
	buf_init(&c->in, IN_BYTES_MAX);
	buf_init(&c->out, OUT_BYTES_MAX);
	if (loop_add(t->loop, &c->watch, EPOLLIN)) {
		close(fd);
		free(c);
		return;
	}
	t->conns[slot] = c;
	t->count++;
	t->by_vpc[vpc]++;
	has_moved(c);
}

/* Take some connections from @listener of @vpc, a number below LATTICE_VPCS_MAX. */
void tcp_accept(struct tcp *t, int listener, uint32_t vpc)
{
	int i, fd;

	for (i = 0; i < ACCEPT_BATCH; i++) {
		fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		conn_open(t, fd, vpc);
	}
}

/* The answer to a message of @to; nothing happens when its connection is gone. Empty: there is
 * none. */
void tcp_send(struct tcp *t, const struct dns_client *to, struct str message)
{
	struct tcp_conn *c = t->conns[to->conn];

	if (!c || c->epoch != to->epoch)
		return;
	c->waiting--;
	if (message.n) {
		uint8_t length[LENGTH_BYTES];

		dns_set_u16(length, 0, (uint16_t)message.n);
		buf_add(&c->out, (struct str){ (const char *)length, LENGTH_BYTES });
		buf_add(&c->out, message);
	}
	if (c->is_serving)
		return;
	/* Not from here: whoever answers may be in the middle of something. */
	timer_arm(t->loop, &c->resume, 0);
}

void tcp_close_vpc(struct tcp *t, uint32_t vpc)
{
	unsigned i;

	for (i = 0; i < TCP_CONNS_MAX && t->by_vpc[vpc]; i++) {
		if (t->conns[i] && t->conns[i]->vpc == vpc)
			conn_close(t->conns[i]);
	}
}

void tcp_init(struct tcp *t, struct loop *loop,
	      void (*serve)(struct tcp *t, const struct dns_client *from, struct str message))
{
	*t = (struct tcp){ .loop = loop, .serve = serve };
}

void tcp_fini(struct tcp *t)
{
	unsigned i;

	for (i = 0; i < TCP_CONNS_MAX; i++) {
		if (t->conns[i])
			conn_close(t->conns[i]);
	}
}
