/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the broker, in order, without ever waiting for it. */
#include "latticed/plane_link.h"

#include <errno.h>
#include <stdlib.h>

/* Some hundred bytes each; the tables of a few hundred VPCs with thousands of services. */
enum { QUEUE_MAX = 256 * 1024 };

struct queued {
	struct list link;
	struct link_msg msg;
};

static void fail(struct plane_link *l, int err)
{
	struct link_fds none = { .count = 0 };

	l->take(l, NULL, &none, err);
}

static void set_writing(struct plane_link *l, bool is_writing)
{
	if (l->is_writing == is_writing)
		return;
	l->is_writing = is_writing;
	loop_modify(l->loop, &l->watch, is_writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Send what is queued. 0, also when some must wait, or -errno. */
static int flush(struct plane_link *l)
{
	while (!list_empty(&l->queue)) {
		struct queued *q = list_entry(l->queue.next, struct queued, link);
		int err = link_send(l->watch.fd, &q->msg, NULL);

		if (err == -EAGAIN)
			break;
		if (err)
			return err;
		list_remove(&q->link);
		l->queued--;
		free(q);
	}
	set_writing(l, !list_empty(&l->queue));
	return 0;
}

static void link_ready(struct watch *w, uint32_t events)
{
	struct plane_link *l = container_of(w, struct plane_link, watch);
	struct link_fds fds;
	struct link_msg m;
	int err = 0;

	if (events & EPOLLOUT)
		err = flush(l);
	if (!err && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		err = link_recv(w->fd, &m, &fds);
	else if (!err)
		return;
	if (err == -EAGAIN)
		return;
	if (err)
		fail(l, err);
	else
		l->take(l, &m, &fds, 0);
}

/* The line on @fd; set @take before plane_link_watch(). Messages may be queued from now on. */
void plane_link_init(struct plane_link *l, struct loop *loop, int fd)
{
	*l = (struct plane_link){ .loop = loop, .watch = { fd, link_ready } };
	list_init(&l->queue);
}

/* Receive from now on, and send what is queued. 0 or -errno. */
int plane_link_watch(struct plane_link *l)
{
	int err = loop_add(l->loop, &l->watch, EPOLLIN);

	return err ? err : flush(l);
}

/* Send @m behind all that was sent before. 0 or -errno, and then the line is of no more use. */
int plane_link_send(struct plane_link *l, const struct link_msg *m)
{
	struct queued *q;

	if (list_empty(&l->queue)) {
		int err = link_send(l->watch.fd, m, NULL);

		if (err != -EAGAIN)
			return err;
	}
	if (l->queued == QUEUE_MAX)
		return -ENOBUFS;
	q = malloc(sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->msg = *m;
	list_add_tail(&l->queue, &q->link);
	l->queued++;
	set_writing(l, true);
	return 0;
}
