/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what the other end of an HTTP/2 connection says: a client's when the first byte is
 * even, a target's when it is odd. Nothing crashes, leaks or outgrows its window, and what is taken
 * for a head is one that HTTP/1 could say.
 */
#include "proxy/h2_session.h"
#include "proxy/worker.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUESTS = 3, PIECE_BYTES = 97 };

/* A connection whose other end is the input. */
struct world {
	struct worker worker;
	struct stream wire;
	struct str input;
	struct h2_session session;
	bool is_over;
};

static struct world *world_of(struct stream *s)
{
	return container_of(s, struct world, wire);
}

static size_t fill(struct stream *s)
{
	struct world *w = world_of(s);
	struct str piece = str_first(w->input, PIECE_BYTES);

	buf_add(&s->in, piece);
	w->input = str_skip(w->input, piece.n);
	s->readable = w->input.n > 0;
	return piece.n;
}

static size_t flush(struct stream *s)
{
	size_t n = buf_len(&s->out);

	assert(!s->out.failed);
	buf_consume(&s->out, n);
	return n;
}

static const struct stream_ops wire_ops = { fill, flush, NULL };

static void assert_writable(const struct http_headers *h)
{
	size_t i, k;

	for (i = 0; i < h->count; i++) {
		assert(h->at[i].name.n);
		for (k = 0; k < h->at[i].name.n; k++)
			assert(h->at[i].name.p[k] > ' ' && h->at[i].name.p[k] != ':');
		for (k = 0; k < h->at[i].value.n; k++)
			assert(h->at[i].value.p[k] != '\r' && h->at[i].value.p[k] != '\n' &&
			       h->at[i].value.p[k] != '\0');
	}
}

/* Any pointer will do: a session only asks whether somebody waits for the stream. */
static struct request *somebody(struct h2_session *ss)
{
	return (struct request *)ss;
}

static void answer(struct h2_session *ss, struct h2_stream *st)
{
	struct head_list list = { .arena = &ss->scratch };

	head_list_add(&list, STR(":status"), STR("200"));
	h2_stream_respond(st, &list, false);
	arena_reset(&ss->scratch);
}

static void take_request(struct h2_session *ss, struct h2_stream *st, int32_t id, bool is_last)
{
	struct http_request *q = malloc(sizeof(*q));

	if (!st && !h2_head_request(&ss->head, is_last, q).reason) {
		assert(q->path.n && q->authority.n && q->method.n);
		assert_writable(&q->headers);
		st = calloc(1, sizeof(*st));
		h2_stream_init(st, ss, id);
		st->request = somebody(ss);
		answer(ss, st);
	}
	free(q);
}

static void take_response(struct h2_session *ss, struct h2_stream *st, int32_t id, bool is_last)
{
	struct http_response *a = malloc(sizeof(*a));

	(void)id;
	if (!h2_head_response(&ss->head, STR("GET"), is_last, a).reason) {
		assert(a->status >= 100 && a->status <= 999);
		assert_writable(&a->headers);
	}
	assert(st);
	free(a);
}

static void drop(struct h2_stream *st)
{
	h2_stream_fini(st);
	free(st);
}

/* Send back what came, and end when the other end has. */
static void run(struct h2_stream *st)
{
	struct str in = buf_str(&st->s.in);

	assert(in.n <= H2_WINDOW_BYTES && st->unread >= in.n);
	if (st->is_closed) {
		drop(st);
		return;
	}
	if (st->is_begun && !st->is_ended && buf_len(&st->s.out) + in.n <= STREAM_BUFFER_BYTES_MAX)
		buf_add(&st->s.out, in);
	buf_consume(&st->s.in, in.n);
	stream_taken(&st->s);
	if (st->s.eof && st->is_begun && !st->is_ended) {
		struct buf none = { 0 };

		h2_stream_end(st, &none);
	}
	stream_flush(&st->s);
}

static void settle(struct h2_session *ss)
{
	container_of(ss, struct world, session)->is_over = ss->is_over;
}

static const struct h2_role server = { take_request, run, settle };
static const struct h2_role client = { take_response, run, settle };

static void ask(struct h2_session *ss)
{
	struct head_list list = { .arena = &ss->scratch };
	int i;

	head_list_add(&list, STR(":method"), STR("GET"));
	head_list_add(&list, STR(":scheme"), STR("http"));
	head_list_add(&list, STR(":authority"), STR("h"));
	head_list_add(&list, STR(":path"), STR("/"));
	for (i = 0; i < REQUESTS; i++) {
		struct h2_stream *st = calloc(1, sizeof(*st));

		h2_stream_init(st, ss, 0);
		st->request = somebody(ss);
		h2_stream_request(st, &list, i == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = calloc(1, sizeof(*w));
	bool is_server = size && data[0] % 2 == 0;
	int i;

	list_init(&w->worker.h2_dirty);
	w->wire.ops = &wire_ops;
	w->wire.readable = true;
	w->wire.writable = true;
	buf_init(&w->wire.in, STREAM_BUFFER_BYTES_MAX);
	buf_init(&w->wire.out, STREAM_BUFFER_BYTES_MAX);
	w->input = str_skip((struct str){ (const char *)data, size }, 1);
	if (h2_session_init(&w->session, &w->worker, &w->wire, is_server ? &server : &client,
			    is_server))
		abort();
	w->session.is_open = true;
	if (is_server)
		buf_add_lit(&w->wire.in, NGHTTP2_CLIENT_MAGIC);
	else
		ask(&w->session);
	for (i = 0; i < 100 && !w->is_over && !list_empty(&w->worker.h2_dirty); i++)
		h2_session_turns(&w->worker.h2_turns);
	assert(w->session.stream_count <= H2_STREAMS_MAX);
	while (!list_empty(&w->session.streams))
		drop(list_entry(w->session.streams.next, struct h2_stream, link));
	h2_session_fini(&w->session);
	buf_fini(&w->wire.in);
	buf_fini(&w->wire.out);
	free(w);
	return 0;
}
