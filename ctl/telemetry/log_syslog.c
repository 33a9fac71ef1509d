/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line is a datagram in the form of syslog(3), which journald takes as well as syslogd. While
 * the logger does not keep up, or is not there, lines wait in memory up to a limit.
 */
#include "telemetry/log_syslog.h"

#include "base/log.h"
#include "io/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE_BYTES_MAX = 4 << 20, RETRY_MS = 1000, DATAGRAM_BYTES_MAX = 1 << 17 };

/* Facility local0, severity info. */
static const char prefix[] = "<134>lattice: ";

struct log_syslog {
	struct log_sink sink;
	struct log_site site;
	char *path;
	struct buf queue;
	struct socket_wish wish;
	struct watch watch; /* fd -1: not connected */
	bool is_full_socket, is_lossy, is_away;
	struct timer retry;
};

static void lose(struct log_syslog *s, uint32_t lines)
{
	if (!s->is_lossy)
		log_error("system log %s: it does not keep up; lines are lost", s->path);
	s->is_lossy = true;
	atomic_fetch_add_explicit(s->sink.lost, lines, memory_order_relaxed);
}

static void disconnect(struct log_syslog *s)
{
	if (s->watch.fd < 0)
		return;
	loop_remove(s->site.loop, &s->watch);
	close(s->watch.fd);
	s->watch.fd = -1;
}

static void be_away(struct log_syslog *s, int err)
{
	if (!s->is_away)
		log_warn("system log %s: %s; lines wait", s->path, strerror(err));
	s->is_away = true;
	disconnect(s);
	timer_arm(s->site.loop, &s->retry, RETRY_MS);
}

/* Send the line at the front of the queue. 0, or the errno. */
static int send_line(struct log_syslog *s, struct str line)
{
	struct iovec parts[] = { { (void *)(uintptr_t)prefix, sizeof(prefix) - 1 },
				 { (void *)(uintptr_t)line.p, line.n } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };

	return sendmsg(s->watch.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? errno : 0;
}

static void drain(struct log_syslog *s)
{
	while (buf_len(&s->queue) && s->watch.fd >= 0) {
		struct str_cut c = str_cut(buf_str(&s->queue), '\n');
		int err = send_line(s, c.head);

		if (err == EINTR)
			continue;
		s->is_full_socket = err == EAGAIN;
		if (err == EAGAIN)
			break;
		if (err && err != EMSGSIZE) {
			be_away(s, err);
			return;
		}
		if (err)
			lose(s, 1);
		else
			atomic_fetch_add_explicit(s->sink.written, 1, memory_order_relaxed);
		buf_consume(&s->queue, c.head.n + 1);
	}
	if (s->watch.fd >= 0)
		loop_modify(s->site.loop, &s->watch, s->is_full_socket ? EPOLLOUT : 0);
}

static void socket_ready(struct watch *w, uint32_t events)
{
	struct log_syslog *s = container_of(w, struct log_syslog, watch);

	s->is_full_socket = false;
	if (events & (EPOLLERR | EPOLLHUP))
		be_away(s, ECONNRESET);
	else
		drain(s);
}

static void socket_came(struct socket_wish *wish, int fd)
{
	struct log_syslog *s = container_of(wish, struct log_syslog, wish);
	int bytes = DATAGRAM_BYTES_MAX * 2;
	struct sockaddr_un os;

	if (fd < 0) {
		be_away(s, EMFILE);
		return;
	}
	s->watch = (struct watch){ fd, socket_ready };
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	if (sock_unix_addr(str_of(s->path), &os) ||
	    connect(fd, (struct sockaddr *)&os, sizeof(os)) ||
	    loop_add(s->site.loop, &s->watch, 0)) {
		int err = errno;

		close(fd);
		s->watch.fd = -1;
		be_away(s, err);
		return;
	}
	if (s->is_away)
		log_info("system log %s: it takes lines again", s->path);
	s->is_away = false;
	drain(s);
}

static void connect_again(struct timer *t)
{
	struct log_syslog *s = container_of(t, struct log_syslog, retry);

	socket_wish(s->site.desk, &s->wish, AF_UNIX, SOCK_DGRAM);
}

static void write_sink(struct log_sink *k, struct str lines, uint32_t count)
{
	struct log_syslog *s = container_of(k, struct log_syslog, sink);

	if (buf_len(&s->queue) + lines.n > QUEUE_BYTES_MAX) {
		lose(s, count);
		return;
	}
	s->is_lossy = false;
	buf_add(&s->queue, lines);
}

static void flush(struct log_sink *k)
{
	struct log_syslog *s = container_of(k, struct log_syslog, sink);

	if (s->watch.fd >= 0 && !s->is_full_socket && buf_len(&s->queue))
		drain(s);
}

static void reopen(struct log_sink *k)
{
	flush(k);
}

static void close_sink(struct log_sink *k)
{
	struct log_syslog *s = container_of(k, struct log_syslog, sink);

	flush(k);
	if (buf_len(&s->queue))
		lose(s, log_lines_count(buf_str(&s->queue)));
	timer_disarm(s->site.loop, &s->retry);
	socket_wish_cancel(&s->wish);
	disconnect(s);
	buf_fini(&s->queue);
	free(s->path);
	free(s);
}

static const struct log_sink_ops ops = { write_sink, flush, reopen, close_sink };

/* The logger whose socket @place names; NULL without memory. */
struct log_sink *log_syslog_new(const struct log_site *site, const struct log_place *place)
{
	struct log_syslog *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->path = strndup(place->name.p, place->name.n);
	if (!s->path) {
		free(s);
		return NULL;
	}
	s->sink.ops = &ops;
	s->site = *site;
	s->watch.fd = -1;
	s->wish.come = socket_came;
	s->retry.expired = connect_again;
	buf_init(&s->queue, QUEUE_BYTES_MAX);
	connect_again(&s->retry);
	return &s->sink;
}
