/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scribe's thread: letters with lines come in, sinks take them, and at the end of each turn
 * of the loop every sink that took some writes. Letters wait in memory up to a limit while a disk
 * is slow; beyond it lines are lost and counted, and requests go on.
 */
#include "telemetry/scribe.h"

#include "base/log.h"
#include "io/inbox.h"
#include "telemetry/log_file.h"
#include "telemetry/log_mark.h"
#include "telemetry/log_spool.h"
#include "telemetry/log_syslog.h"
#include "telemetry/span_post.h"

#include <errno.h>
#include <stdlib.h>

/* Lines on their way to the scribe: seconds of the highest load, should a disk stand still. */
static const size_t waiting_bytes_max = (size_t)128 << 20;

enum scribe_letter_kind {
	SCRIBE_LINES,
	SCRIBE_FILE,
	SCRIBE_SPANS,
	SCRIBE_SNAPSHOT,
	SCRIBE_REOPEN,
	SCRIBE_SOCKET,
	SCRIBE_HOSTS,
	SCRIBE_STOP
};

struct scribe_letter {
	struct letter letter;
	struct snapshot *snapshot; /* SCRIBE_SNAPSHOT: its reference moves to the scribe */
	struct hosts *hosts;	   /* SCRIBE_HOSTS: likewise */
	uint64_t tag;
	int fd;			 /* SCRIBE_SOCKET */
	struct log_batch *batch; /* SCRIBE_LINES, SCRIBE_FILE, SCRIBE_SPANS */
	size_t file_bytes;
	char file[]; /* SCRIBE_FILE: its name */
};

struct scribe {
	struct loop loop;
	struct inbox inbox;
	struct turn_end turn_end;
	pthread_t thread;
	struct socket_desk desk;
	struct log_site site;

	/* owner: the scribe's thread */
	struct list sinks;
	uint64_t last_mark;
	struct log_sink *by_number[LOG_NUMBER_MAX + 1];
	bool has_spans;
	struct span_post spans;

	/* any thread */
	atomic_size_t waiting;
	atomic_ullong written, lost;
	atomic_size_t spans_bytes; /* on their way here */
};

/* What makes a place another than those of its way: collectors differ in more than their URLs. */
static struct str identity_of(const struct log_place *p)
{
	return p->way == LOG_WAY_HTTP ? p->id : p->name;
}

static struct log_sink *find_sink(struct scribe *s, const struct log_place *p)
{
	struct str identity = identity_of(p);
	struct list *pos;

	list_each (pos, &s->sinks) {
		struct log_sink *k = list_entry(pos, struct log_sink, link);

		if (k->way == p->way && str_eq(str_of(k->identity), identity))
			return k;
	}
	return NULL;
}

static struct log_sink *open_sink(const struct log_site *site, const struct log_place *p)
{
	switch (p->way) {
	case LOG_WAY_FILE:
		return log_file_new(site->dir, p);
	case LOG_WAY_SYSLOG:
		return log_syslog_new(site, p);
	case LOG_WAY_HTTP:
		return log_spool_new(site, p);
	}
	return NULL;
}

static struct log_sink *make_sink(struct scribe *s, const struct log_place *p)
{
	char *identity = strndup(identity_of(p).p, identity_of(p).n);
	struct log_sink *k = identity ? open_sink(&s->site, p) : NULL;

	if (!k) {
		log_error("log destination " STR_FMT " cannot be opened; its lines are lost",
			  STR_ARG(p->name));
		free(identity);
		return NULL;
	}
	k->way = p->way;
	k->identity = identity;
	k->written = &s->written;
	k->lost = &s->lost;
	list_add_tail(&s->sinks, &k->link);
	return k;
}

static void close_sink(struct log_sink *k)
{
	char *identity = k->identity;

	list_remove(&k->link);
	k->ops->close(k);
	free(identity);
}

/* Keep the sinks that @next still names, open those that are new, close the rest. */
static void take_snapshot(struct scribe *s, struct snapshot *next)
{
	struct list *pos, *after;
	size_t i;

	memset(s->by_number, 0, sizeof(s->by_number));
	list_each (pos, &s->sinks)
		list_entry(pos, struct log_sink, link)->is_wanted = false;
	for (i = 0; i < next->logs.count; i++) {
		const struct log_subscription *sub = &next->logs.at[i];
		struct log_sink *k = find_sink(s, &sub->place);

		if (!k)
			k = make_sink(s, &sub->place);
		if (k)
			k->is_wanted = true;
		s->by_number[sub->number] = k;
	}
	list_each_safe (pos, after, &s->sinks) {
		if (!list_entry(pos, struct log_sink, link)->is_wanted)
			close_sink(list_entry(pos, struct log_sink, link));
	}
	snapshot_put(next);
}

/* Give a run of lines to its sinks; two subscriptions that share one count once. */
static void write_run(struct scribe *s, const struct log_mark *m, struct str lines)
{
	unsigned i;

	s->last_mark++;
	for (i = 0; i < m->count && i < LOG_MARK_NUMBERS_MAX; i++) {
		struct log_sink *k = s->by_number[m->numbers[i]];

		if (!k || k->last_mark == s->last_mark)
			continue;
		k->last_mark = s->last_mark;
		k->ops->write(k, lines, m->lines);
	}
}

/* The scribe is done with the lines of @l. */
static void let_go(struct scribe *s, const struct scribe_letter *l)
{
	atomic_fetch_sub(&s->waiting, log_batch_bytes(l->batch));
	log_batch_put(l->batch);
}

static void take_lines(struct scribe *s, const struct scribe_letter *l)
{
	struct str lines = buf_str(&l->batch->lines), marks = buf_str(&l->batch->marks);

	for (; marks.n >= sizeof(struct log_mark);
	     marks = str_skip(marks, sizeof(struct log_mark))) {
		struct log_mark m;

		memcpy(&m, marks.p, sizeof(m));
		write_run(s, &m, str_first(lines, m.bytes));
		lines = str_skip(lines, m.bytes);
	}
	let_go(s, l);
}

/* Lines for a file that is no subscription's; it is closed with the next snapshot. */
static void take_file(struct scribe *s, const struct scribe_letter *l)
{
	const struct log_place p = { .way = LOG_WAY_FILE, .name = { l->file, l->file_bytes } };
	struct str lines = buf_str(&l->batch->lines);
	struct log_sink *k = find_sink(s, &p);

	if (!k)
		k = make_sink(s, &p);
	if (k)
		k->ops->write(k, lines, log_lines_count(lines));
	let_go(s, l);
}

static void take_spans(struct scribe *s, const struct scribe_letter *l)
{
	atomic_fetch_sub(&s->spans_bytes, log_batch_bytes(l->batch));
	span_post_take(&s->spans, buf_str(&l->batch->lines));
	log_batch_put(l->batch);
}

static void flush_sinks(struct turn_end *t)
{
	struct scribe *s = container_of(t, struct scribe, turn_end);
	struct list *pos;

	list_each (pos, &s->sinks) {
		struct log_sink *k = list_entry(pos, struct log_sink, link);

		k->ops->flush(k);
	}
}

static void reopen_sinks(struct scribe *s)
{
	struct list *pos;

	list_each (pos, &s->sinks) {
		struct log_sink *k = list_entry(pos, struct log_sink, link);

		k->ops->reopen(k);
	}
}

static void open_letter(struct inbox *i, struct letter *letter)
{
	struct scribe *s = container_of(i, struct scribe, inbox);
	struct scribe_letter *l = container_of(letter, struct scribe_letter, letter);

	switch ((enum scribe_letter_kind)letter->kind) {
	case SCRIBE_LINES:
		take_lines(s, l);
		break;
	case SCRIBE_FILE:
		take_file(s, l);
		break;
	case SCRIBE_SPANS:
		take_spans(s, l);
		break;
	case SCRIBE_SNAPSHOT:
		take_snapshot(s, l->snapshot);
		break;
	case SCRIBE_REOPEN:
		reopen_sinks(s);
		break;
	case SCRIBE_SOCKET:
		socket_desk_give(&s->desk, l->tag, l->fd);
		break;
	case SCRIBE_HOSTS:
		hosts_put(s->desk.hosts);
		s->desk.hosts = l->hosts;
		break;
	case SCRIBE_STOP:
		loop_stop(&s->loop);
		break;
	}
	free(l);
}

static void *scribe_main(void *arg)
{
	struct scribe *s = arg;

	loop_run(&s->loop);
	while (!list_empty(&s->sinks))
		close_sink(list_entry(s->sinks.next, struct log_sink, link));
	if (s->has_spans)
		span_post_fini(&s->spans);
	return NULL;
}

/* Start a scribe. 0 or -errno. */
int scribe_start(const struct scribe_config *c, struct scribe **ret)
{
	struct scribe *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	socket_desk_init(&s->desk, c->need_socket, c->ctx);
	s->desk.client = c->client;
	s->desk.trust = c->trust;
	s->site = (struct log_site){ c->log_dir, &s->loop, &s->desk };
	s->turn_end.run = flush_sinks;
	list_init(&s->sinks);
	err = loop_init(&s->loop);
	if (err)
		goto err_free;
	err = inbox_init(&s->inbox, &s->loop, open_letter);
	if (err)
		goto err_loop;
	loop_each_turn(&s->loop, &s->turn_end);
	s->has_spans = c->otlp;
	if (c->otlp)
		span_post_init(&s->spans, &s->loop, &s->desk, c->otlp);
	err = -pthread_create(&s->thread, NULL, scribe_main, s);
	if (err)
		goto err_inbox;
	*ret = s;
	return 0;

err_inbox:
	inbox_fini(&s->inbox, &s->loop);
err_loop:
	loop_fini(&s->loop);
err_free:
	free(s);
	return err;
}

/* A letter of @kind with room for @bytes; NULL without memory. */
static struct scribe_letter *new_letter(enum scribe_letter_kind kind, size_t bytes)
{
	struct scribe_letter *l = malloc(sizeof(*l) + bytes);

	if (!l)
		return NULL;
	*l = (struct scribe_letter){ .letter.kind = kind };
	return l;
}

/* From now on lines are for the subscriptions of @snapshot, whose reference moves here. */
void scribe_publish(struct scribe *s, struct snapshot *snapshot)
{
	struct scribe_letter *l = new_letter(SCRIBE_SNAPSHOT, 0);

	if (!l)
		abort(); /* the broker starts a plane that has memory again */
	l->snapshot = snapshot;
	inbox_send(&s->inbox, &l->letter);
}

static void send_lines(struct scribe *s, enum scribe_letter_kind kind, struct str file,
		       struct log_batch *b)
{
	size_t bytes = log_batch_bytes(b);
	struct scribe_letter *l = NULL;

	if (atomic_fetch_add(&s->waiting, bytes) < waiting_bytes_max)
		l = new_letter(kind, file.n);
	if (!l) {
		atomic_fetch_sub(&s->waiting, bytes);
		atomic_fetch_add(&s->lost, log_lines_count(buf_str(&b->lines)));
		log_batch_put(b);
		return;
	}
	l->batch = b;
	l->file_bytes = file.n;
	memcpy(l->file, file.p, file.n);
	inbox_send(&s->inbox, &l->letter);
}

/* Take @b, whose marks say whose lines they are; a reference moves here. Any thread. */
void scribe_write(struct scribe *s, struct log_batch *b)
{
	send_lines(s, SCRIBE_LINES, STR(""), b);
}

/* The same for @file in the log directory, without marks. */
void scribe_write_file(struct scribe *s, struct str file, struct log_batch *b)
{
	send_lines(s, SCRIBE_FILE, file, b);
}

/* Take spans, a line each; a reference moves here. NULL: one was lost. Any thread. */
void scribe_write_spans(struct scribe *s, struct log_batch *b)
{
	size_t n = b ? log_lines_count(buf_str(&b->lines)) : 1;
	size_t bytes = b ? log_batch_bytes(b) : 0;
	struct scribe_letter *l = NULL;

	if (b && atomic_fetch_add(&s->spans_bytes, bytes) < SPAN_POST_QUEUE_BYTES)
		l = new_letter(SCRIBE_SPANS, 0);
	if (!l) {
		atomic_fetch_sub(&s->spans_bytes, bytes);
		atomic_fetch_add(&s->spans.dropped, n);
		if (b)
			log_batch_put(b);
		return;
	}
	atomic_fetch_add(&s->spans.waiting, n);
	l->batch = b;
	inbox_send(&s->inbox, &l->letter);
}

/* Files may have been renamed: write to new ones from here on. */
void scribe_reopen(struct scribe *s)
{
	struct scribe_letter *l = new_letter(SCRIBE_REOPEN, 0);

	if (!l)
		abort();
	inbox_send(&s->inbox, &l->letter);
}

/* Where names of collectors lead from now on; the reference moves here. */
void scribe_use_hosts(struct scribe *s, struct hosts *h)
{
	struct scribe_letter *l = new_letter(SCRIBE_HOSTS, 0);

	if (!l)
		abort();
	l->hosts = h;
	inbox_send(&s->inbox, &l->letter);
}

/* Here is @fd, which was asked for with @tag; below 0: there is none. Any thread. */
void scribe_give_socket(struct scribe *s, uint64_t tag, int fd)
{
	struct scribe_letter *l = new_letter(SCRIBE_SOCKET, 0);

	if (!l)
		abort();
	l->tag = tag;
	l->fd = fd;
	inbox_send(&s->inbox, &l->letter);
}

/* Wait until all that was sent is written. What is sent later, by a thread that is late, is lost.
 */
void scribe_stop(struct scribe *s)
{
	struct scribe_letter *l = new_letter(SCRIBE_STOP, 0);

	if (!l)
		abort();
	inbox_send(&s->inbox, &l->letter);
	pthread_join(s->thread, NULL);
}

/* Free a scribe that was stopped, when no thread can send to it any more. */
void scribe_free(struct scribe *s)
{
	hosts_put(s->desk.hosts);
	inbox_fini(&s->inbox, &s->loop);
	loop_fini(&s->loop);
	free(s);
}

struct scribe_counts scribe_counts(struct scribe *s)
{
	return (struct scribe_counts){
		.written = atomic_load_explicit(&s->written, memory_order_relaxed),
		.lost = atomic_load_explicit(&s->lost, memory_order_relaxed),
		.waiting_bytes = atomic_load_explicit(&s->waiting, memory_order_relaxed),
		.spans_exported = atomic_load_explicit(&s->spans.exported, memory_order_relaxed),
		.spans_dropped = atomic_load_explicit(&s->spans.dropped, memory_order_relaxed),
		.spans_waiting = atomic_load_explicit(&s->spans.waiting, memory_order_relaxed),
	};
}
