/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker with a service, for tests: clients connect to house.front, the target is the test
 * itself at house.back. Everything is real TCP on the loopback; the worker runs in its own thread.
 */
#ifndef LATTICE_TESTS_HOUSE_H
#define LATTICE_TESTS_HOUSE_H

#include "plan.h"
#include "proxy/worker.h"
#include "talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOUSE_LOG_BYTES_MAX = 1 << 20 };

struct house {
	struct worker worker;
	struct worker_hooks hooks;
	struct snapshot *snapshot;
	struct snap_target_group *group;
	struct sock_addr front, back;
	int back_fd;
	atomic_uint failed_targets, refused_sockets;
	atomic_bool has_no_sockets, is_draining;

	/* lock */
	pthread_mutex_t lock;
	struct buf log;
};

static inline void house_need_sockets(void *ctx, unsigned worker, uint32_t vpc, uint16_t family,
				      uint32_t count)
{
	struct house *h = ctx;
	struct worker_letter *l = calloc(1, sizeof(*l));

	(void)worker;
	l->letter.kind = WORKER_SOCKETS;
	l->vpc = vpc;
	l->family = family;
	while (!h->has_no_sockets && l->fd_count < count)
		l->fds[l->fd_count++] =
			socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	worker_send(&h->worker, l);
}

static inline void house_target_failed(void *ctx, uint32_t vpc, const struct sock_addr *addr)
{
	(void)vpc, (void)addr;
	((struct house *)ctx)->failed_targets++;
}

static inline void house_log_lines(void *ctx, struct log_batch *b)
{
	struct house *h = ctx;

	pthread_mutex_lock(&h->lock);
	buf_add(&h->log, buf_str(&b->lines));
	pthread_mutex_unlock(&h->lock);
	log_batch_put(b);
}

static inline void house_stopped(void *ctx, unsigned worker)
{
	(void)ctx, (void)worker;
}

static inline int house_listen(struct sock_addr *ret)
{
	struct sockaddr_in os = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&os, sizeof(os)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(sock_local(fd, ret), 0);
	return fd;
}

static inline struct worker_letter *house_letter(enum worker_letter_kind kind)
{
	struct worker_letter *l = calloc(1, sizeof(*l));

	l->letter.kind = kind;
	l->vpc = PLAN_VPC;
	return l;
}

/* Give the worker the snapshot as it is now. */
static inline void house_publish(struct house *h)
{
	struct worker_letter *l = house_letter(WORKER_SNAPSHOT);

	l->snapshot = snapshot_get(h->snapshot);
	worker_send(&h->worker, l);
}

/* Open a house whose snapshot the test may change before house_publish() lets anyone in. */
static inline struct house *house_prepare(void)
{
	struct house *h = calloc(1, sizeof(*h));
	struct worker_letter *l = house_letter(WORKER_LISTENER);

	pthread_mutex_init(&h->lock, NULL);
	buf_init(&h->log, HOUSE_LOG_BYTES_MAX);
	h->hooks = (struct worker_hooks){
		.region = STR("us-east-1"),
		.need_sockets = house_need_sockets,
		.target_failed = house_target_failed,
		.log_lines = house_log_lines,
		.stopped = house_stopped,
		.ctx = h,
	};
	h->back_fd = house_listen(&h->back);
	l->fds[l->fd_count++] = house_listen(&h->front);
	assert_int_equal(fcntl(l->fds[0], F_SETFL, O_NONBLOCK), 0);
	h->snapshot = plan_snapshot(&h->front, &h->back);
	h->group = snapshot_find_group(h->snapshot, PLAN_GROUP);
	assert_int_equal(worker_start(&h->worker, 0, &h->hooks), 0);
	house_publish(h);
	worker_send(&h->worker, l);
	l = house_letter(WORKER_LOG);
	l->is_on = true;
	worker_send(&h->worker, l);
	return h;
}

static inline int house_open(void **state)
{
	*state = house_prepare();
	return 0;
}

static inline int house_close(void **state)
{
	struct house *h = *state;

	if (!h->is_draining) { /* a worker that ends reads no letters at last */
		worker_send(&h->worker, house_letter(WORKER_VPC_GONE)); /* what was left open */
		worker_send(&h->worker, house_letter(WORKER_DRAIN));
	}
	worker_join(&h->worker);
	snapshot_put(h->snapshot);
	close(h->back_fd);
	buf_fini(&h->log);
	free(h);
	return 0;
}

static inline int house_client(struct house *h)
{
	struct sockaddr_storage os;
	socklen_t n = sock_addr_to_os(&h->front, &os);
	int fd = patient(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	assert_int_equal(connect(fd, (struct sockaddr *)&os, n), 0);
	return fd;
}

/* The next connection to the target. */
static inline int house_accept(struct house *h)
{
	struct pollfd p = { .fd = h->back_fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	return patient(accept4(h->back_fd, NULL, NULL, SOCK_CLOEXEC));
}

/* Wait for @text in the access log. */
static inline void house_wait_log(struct house *h, const char *text)
{
	int i;

	for (i = 0; i < WAIT_MS / 10; i++) {
		bool found;

		pthread_mutex_lock(&h->lock);
		found = buf_len(&h->log) &&
			memmem(h->log.p + h->log.start, buf_len(&h->log), text, strlen(text));
		pthread_mutex_unlock(&h->lock);
		if (found)
			return;
		poll(NULL, 0, 10);
	}
	fail_msg("waited in vain for %s in the log", text);
}

#endif
