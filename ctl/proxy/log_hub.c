/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fan-out of log lines to the readers of the log socket. A reader's queue holds references to
 * batches, so that lines are copied by the kernel only. Room in a socket is asked for only when it
 * had none: else each read at the other end would wake the control thread. A single reader that
 * keeps up is written to by the thread that has the lines: no other thread is woken for them.
 */
#include "proxy/log_hub.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READERS_MAX = 64,
	QUEUE_BYTES_MAX = 1 << 20,
	DROP_NOTICE_BYTES_MAX = 64,
	WATCH_EVENTS = EPOLLIN | EPOLLRDHUP,
};

/* A batch in a reader's queue. */
struct queued {
	struct list link;
	struct log_batch *batch;
};

struct reader {
	struct list link;
	struct log_hub *hub;
	struct watch watch;
	struct list queue;
	size_t queue_bytes;
	size_t sent;	     /* bytes of the first batch */
	bool waits_for_room; /* in its socket */
	uint64_t dropped;    /* lines since the last notice */
};

static void count_reader(struct log_hub *h, int more)
{
	bool had_some = h->reader_count > 0;

	h->reader_count += (unsigned)more;
	if (h->has_changed && had_some != (h->reader_count > 0))
		h->has_changed(h);
}

static size_t queued_bytes(const struct queued *q)
{
	return sizeof(*q) + log_batch_bytes(q->batch);
}

/* The first batch of the queue is done with. */
static void dequeue(struct reader *r)
{
	struct queued *q = list_entry(r->queue.next, struct queued, link);

	list_remove(&q->link);
	r->queue_bytes -= queued_bytes(q);
	r->sent = 0;
	log_batch_put(q->batch);
	free(q);
}

/* Queue @b, whose reference moves here. */
static bool enqueue(struct reader *r, struct log_batch *b)
{
	struct queued *q = malloc(sizeof(*q));

	if (!q) {
		log_batch_put(b);
		return false;
	}
	q->batch = b;
	list_add_tail(&r->queue, &q->link);
	r->queue_bytes += queued_bytes(q);
	return true;
}

static void reader_close(struct reader *r)
{
	while (!list_empty(&r->queue))
		dequeue(r);
	list_remove(&r->link);
	count_reader(r->hub, -1);
	loop_remove(r->hub->loop, &r->watch);
	close(r->watch.fd);
	free(r);
}

/* In any thread: epoll lets another change what is watched for. */
static void wait_for_room(struct reader *r, bool waits)
{
	if (r->waits_for_room != waits)
		loop_modify(r->hub->loop, &r->watch, WATCH_EVENTS | (waits ? EPOLLOUT : 0));
	r->waits_for_room = waits;
}

/* Send what can be sent. 0, or -errno when the reader is gone. */
static int send_queue(struct reader *r)
{
	while (!list_empty(&r->queue)) {
		struct queued *q = list_entry(r->queue.next, struct queued, link);
		struct str left = str_skip(buf_str(&q->batch->lines), r->sent);
		ssize_t n = send(r->watch.fd, left.p, left.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n < 0)
			break;
		r->sent += (size_t)n;
		if ((size_t)n == left.n)
			dequeue(r);
	}
	wait_for_room(r, !list_empty(&r->queue));
	return 0;
}

/* Readers have nothing to say. 0, or -errno when the reader is gone. */
static int discard(struct reader *r)
{
	char bytes[256];
	ssize_t n;

	do
		n = recv(r->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n == 0)
		return -ENOTCONN;
	return errno == EAGAIN ? 0 : -errno;
}

static void reader_ready(struct watch *w, uint32_t events)
{
	struct reader *r = container_of(w, struct reader, watch);
	struct log_hub *h = r->hub;

	pthread_mutex_lock(&h->lock);
	if (((events & ~(uint32_t)EPOLLOUT) && discard(r)) || send_queue(r))
		reader_close(r);
	pthread_mutex_unlock(&h->lock);
}

static void accept_ready(struct watch *w, uint32_t events)
{
	struct log_hub *h = container_of(w, struct log_hub, listener);
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct reader *r;

	(void)events;
	if (fd < 0)
		return;
	r = h->reader_count < READERS_MAX ? calloc(1, sizeof(*r)) : NULL;
	if (!r) {
		close(fd);
		return;
	}
	r->hub = h;
	r->watch = (struct watch){ fd, reader_ready };
	list_init(&r->queue);
	if (loop_add(h->loop, &r->watch, WATCH_EVENTS)) {
		close(fd);
		free(r);
		return;
	}
	pthread_mutex_lock(&h->lock);
	list_add_tail(&h->readers, &r->link);
	count_reader(h, 1);
	pthread_mutex_unlock(&h->lock);
}

/* Serve readers that connect to @listen_fd, which the hub does not close. Returns 0 or -errno. */
int log_hub_init(struct log_hub *h, struct loop *l, int listen_fd)
{
	*h = (struct log_hub){ .loop = l, .listener = { listen_fd, accept_ready } };
	pthread_mutex_init(&h->lock, NULL);
	list_init(&h->readers);
	return loop_add(l, &h->listener, EPOLLIN);
}

/*
 * Part with all readers, after one last try to give them what is queued. A thread that is late may
 * still call log_hub_write_now().
 */
void log_hub_fini(struct log_hub *h)
{
	loop_remove(h->loop, &h->listener);
	pthread_mutex_lock(&h->lock);
	while (!list_empty(&h->readers)) {
		struct reader *r = list_entry(h->readers.next, struct reader, link);

		send_queue(r);
		reader_close(r);
	}
	pthread_mutex_unlock(&h->lock);
}

/* Say how many lines were dropped, if any. */
static void notice(struct reader *r)
{
	struct log_batch *b;

	if (!r->dropped)
		return;
	b = log_batch_new(0, DROP_NOTICE_BYTES_MAX);
	if (!b)
		return; /* next time */
	buf_addf(&b->lines, "{\"droppedLines\":%llu}\n", (unsigned long long)r->dropped);
	if (enqueue(r, b))
		r->dropped = 0;
}

/* Queue the lines of @b for every reader that has room; a reference moves here. */
void log_hub_write(struct log_hub *h, struct log_batch *b)
{
	struct list *pos, *after;

	pthread_mutex_lock(&h->lock);
	list_each_safe (pos, after, &h->readers) {
		struct reader *r = list_entry(pos, struct reader, link);

		if (r->queue_bytes + log_batch_bytes(b) > QUEUE_BYTES_MAX) {
			r->dropped += log_lines_count(buf_str(&b->lines));
			continue;
		}
		notice(r);
		if (!enqueue(r, log_batch_get(b)))
			r->dropped += log_lines_count(buf_str(&b->lines));
		else if (!r->waits_for_room && send_queue(r))
			reader_close(r);
	}
	pthread_mutex_unlock(&h->lock);
	log_batch_put(b);
}

/* Is there one reader alone, for whom nothing waits? */
static struct reader *find_idle_reader(const struct log_hub *h)
{
	struct reader *r;

	if (h->reader_count != 1)
		return NULL;
	r = list_entry(h->readers.next, struct reader, link);
	return list_empty(&r->queue) && !r->dropped ? r : NULL;
}

/*
 * Give @b to the only reader, from any thread and without waiting. False: nothing was written,
 * and it is for log_hub_write(). What its socket has no room for waits for the control thread.
 */
bool log_hub_write_now(struct log_hub *h, struct log_batch *b)
{
	struct reader *r;
	bool is_taken;

	if (pthread_mutex_trylock(&h->lock))
		return false;
	r = log_batch_bytes(b) <= QUEUE_BYTES_MAX ? find_idle_reader(h) : NULL;
	is_taken = r && enqueue(r, log_batch_get(b));
	if (is_taken)
		send_queue(r); /* who is gone is found so by the control thread, too */
	pthread_mutex_unlock(&h->lock);
	return is_taken;
}
