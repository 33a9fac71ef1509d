/* SPDX-License-Identifier: Apache-2.0 */
/* Fan-out of log lines to the readers of the log socket, each with a bounded queue. */
#include "proxy/log_hub.h"

#include "io/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READERS_MAX = 64,
	DROP_NOTICE_BYTES_MAX = 64,
};

struct reader {
	struct list link;
	struct log_hub *hub;
	struct stream s;  /* its out buffer is the queue */
	uint64_t dropped; /* lines since the last notice */
};

static void count_reader(struct log_hub *h, int more)
{
	bool had_some = h->reader_count > 0;

	h->reader_count += (unsigned)more;
	if (h->has_changed && had_some != (h->reader_count > 0))
		h->has_changed(h);
}

static void reader_close(struct reader *r)
{
	list_remove(&r->link);
	count_reader(r->hub, -1);
	stream_close(&r->s, r->hub->loop);
	free(r);
}

/* Write what can be written; a reader that is gone is forgotten. */
static void reader_push(struct reader *r)
{
	stream_flush(&r->s);
	while (stream_fill(&r->s))
		buf_clear(&r->s.in); /* readers have nothing to say */
	if (r->s.eof || r->s.error || r->s.is_deaf)
		reader_close(r);
}

static void reader_ready(struct watch *w, uint32_t events)
{
	struct reader *r = container_of(w, struct reader, s.watch);

	stream_note(&r->s, events);
	reader_push(r);
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
	if (stream_open(&r->s, h->loop, fd, reader_ready)) {
		free(r);
		return;
	}
	list_add_tail(&h->readers, &r->link);
	count_reader(h, 1);
}

/* Serve readers that connect to @listen_fd, which the hub does not close. Returns 0 or -errno. */
int log_hub_init(struct log_hub *h, struct loop *l, int listen_fd)
{
	*h = (struct log_hub){ .loop = l, .listener = { listen_fd, accept_ready } };
	list_init(&h->readers);
	return loop_add(l, &h->listener, EPOLLIN);
}

/* Part with all readers, after one last try to give them what is queued. */
void log_hub_fini(struct log_hub *h)
{
	loop_remove(h->loop, &h->listener);
	while (!list_empty(&h->readers)) {
		struct reader *r = list_entry(h->readers.next, struct reader, link);

		stream_flush(&r->s);
		reader_close(r);
	}
}

static uint64_t count_lines(struct str lines)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < lines.n; i++)
		n += lines.p[i] == '\n';
	return n;
}

/* Queue @lines, whole lines, for every reader that has room. */
void log_hub_write(struct log_hub *h, struct str lines)
{
	struct list *pos, *after;

	list_each_safe (pos, after, &h->readers) {
		struct reader *r = list_entry(pos, struct reader, link);
		size_t room = STREAM_BUFFER_BYTES_MAX - buf_len(&r->s.out);

		if (lines.n + DROP_NOTICE_BYTES_MAX > room) {
			r->dropped += count_lines(lines);
			continue;
		}
		if (r->dropped) {
			buf_addf(&r->s.out, "{\"droppedLines\":%llu}\n",
				 (unsigned long long)r->dropped);
			r->dropped = 0;
		}
		buf_add(&r->s.out, lines);
		reader_push(r);
	}
}
