/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 connections: what came is read at once, and acted upon at the end of the turn. */
#include "proxy/h2_session.h"

#include "proxy/h2_events.h"
#include "proxy/h2_memory.h"
#include "proxy/worker.h"

#include <errno.h>

enum {
	/* Then others have their turn. */
	ROUNDS_MAX = 8,

	/*
	 * Frames that only answer, waiting for a peer that does not read (RFC 9113 section 10.5).
	 * The library says nothing when it gives up, so H2_NUISANCES_MAX comes first.
	 */
	ACKS_MAX = 2 * H2_NUISANCES_MAX,
	CONTINUATIONS_MAX = 8,
	SETTINGS_MAX = 32,	      /* entries of a SETTINGS frame */
	LIBRARY_RESETS_MAX = 1 << 20, /* never: H2_RESETS_MAX comes first, and says why */
	HEAD_SCRATCH_BYTES_MAX = 64 * 1024,
};

/* Its streams, or its wire, have something to do: see to it at the end of this turn. */
void h2_session_touch(struct h2_session *ss)
{
	list_remove(&ss->dirty);
	list_add_tail(&ss->worker->h2_dirty, &ss->dirty);
}

static int make_session(struct h2_session *ss, const nghttp2_session_callbacks *c, bool is_server)
{
	nghttp2_mem memory = h2_memory(&ss->worker->reuse);
	nghttp2_option *o;
	int err;

	if (nghttp2_option_new(&o))
		return -ENOMEM;
	nghttp2_option_set_no_auto_window_update(o, 1);
	nghttp2_option_set_no_closed_streams(o, 1);
	nghttp2_option_set_max_outbound_ack(o, ACKS_MAX);
	nghttp2_option_set_max_settings(o, SETTINGS_MAX);
	nghttp2_option_set_stream_reset_rate_limit(o, LIBRARY_RESETS_MAX, LIBRARY_RESETS_MAX);
	nghttp2_option_set_max_continuations(o, CONTINUATIONS_MAX);
	nghttp2_option_set_peer_max_concurrent_streams(o, H2_STREAMS_MAX);
	err = is_server ? nghttp2_session_server_new3(&ss->ng, c, ss, o, &memory)
			: nghttp2_session_client_new3(&ss->ng, c, ss, o, &memory);
	nghttp2_option_del(o);
	return err ? -ENOMEM : 0;
}

static int send_settings(struct h2_session *ss, bool is_server)
{
	const nghttp2_settings_entry entries[] = {
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, H2_WINDOW_BYTES },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LATTICE_HEADER_BYTES_MAX },
		is_server ? (nghttp2_settings_entry){ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
						      H2_STREAMS_MAX }
			  : (nghttp2_settings_entry){ NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
	};

	if (nghttp2_submit_settings(ss->ng, NGHTTP2_FLAG_NONE, entries, ARRAY_SIZE(entries)) ||
	    nghttp2_session_set_local_window_size(ss->ng, NGHTTP2_FLAG_NONE, 0,
						  H2_STREAMS_MAX * H2_WINDOW_BYTES))
		return -ENOMEM;
	return 0;
}

/*
 * Speak HTTP/2 over @wire, whose events the caller hands on with h2_session_read(). Returns 0 or
 * -errno; on failure @ss holds nothing.
 */
int h2_session_init(struct h2_session *ss, struct worker *w, struct stream *wire,
		    const struct h2_role *role, bool is_server)
{
	nghttp2_session_callbacks *callbacks;
	int err = h2_events_new(&callbacks);

	if (err)
		return err;
	ss->role = role;
	ss->worker = w;
	ss->wire = wire;
	ss->nuisances.since_ms = w->loop.now_ms;
	ss->resets.since_ms = w->loop.now_ms;
	list_init(&ss->dirty);
	list_init(&ss->streams);
	list_init(&ss->ready);
	err = make_session(ss, callbacks, is_server);
	nghttp2_session_callbacks_del(callbacks);
	if (err)
		return err;
	err = send_settings(ss, is_server);
	if (err) {
		nghttp2_session_del(ss->ng);
		ss->ng = NULL;
		return err;
	}
	arena_init(&ss->scratch, HEAD_SCRATCH_BYTES_MAX);
	ss->fields.reuse = &w->reuse;
	ss->place.begun = is_server ? NGHTTP2_CLIENT_MAGIC_LEN : 0;
	h2_session_touch(ss);
	return 0;
}

/* Free what @ss holds; it has no streams any more. The wire is the caller's. */
void h2_session_fini(struct h2_session *ss)
{
	nghttp2_session_del(ss->ng);
	ss->ng = NULL;
	list_remove(&ss->dirty);
	h2_fields_release(&ss->fields);
	h2_head_fini(&ss->head);
	arena_fini(&ss->scratch);
}

/* Nothing more will come or go: every stream learns it. */
static void break_session(struct h2_session *ss)
{
	struct list *pos;

	ss->is_over = true;
	list_each (pos, &ss->streams) {
		struct h2_stream *st = list_entry(pos, struct h2_stream, link);

		if (!st->s.error && !st->s.eof)
			st->s.error = -ECONNRESET;
		st->is_closed = true;
		h2_stream_ready(st);
	}
}

/* @n more bytes of the peer's were read: do they end the head that it began? */
static void note_place(struct h2_place *p, size_t n)
{
	p->came += n;
	if (!p->is_head_open && p->came >= p->begun)
		p->head_ms = 0;
}

/* Take in what the wire has. A peer that does not take what we write is not read either. */
static bool read_wire(struct h2_session *ss)
{
	bool got_some = false;

	while (!ss->wire->error && buf_len(&ss->wire->out) < STREAM_HIGH_BYTES) {
		size_t got = stream_fill(ss->wire);
		struct str in = buf_str(&ss->wire->in);
		ssize_t n;

		if (!got && !in.n)
			break;
		n = nghttp2_session_mem_recv(ss->ng, (const uint8_t *)in.p, in.n);
		if (n < 0) {
			ss->wire->error = -EPROTO;
			break;
		}
		buf_consume(&ss->wire->in, (size_t)n);
		note_place(&ss->place, (size_t)n);
		got_some = true;
	}
	return got_some;
}

/* Something happened to the wire: see to it at the end of this turn. */
void h2_session_read(struct h2_session *ss)
{
	read_wire(ss);
	h2_session_touch(ss);
}

/* Put the frames that there are into the wire's buffer, until that is full. */
static void put_frames(struct h2_session *ss)
{
	struct buf *out = &ss->wire->out;
	const uint8_t *data;
	ssize_t n;

	if (!out->cap && ss->out_bytes && nghttp2_session_want_write(ss->ng)) {
		buf_reserve(out, ss->out_bytes);
		ss->out_bytes = 0;
	}
	while (buf_len(out) < STREAM_HIGH_BYTES) {
		n = nghttp2_session_mem_send(ss->ng, &data);
		if (n < 0)
			ss->wire->error = -EPROTO;
		if (n <= 0)
			break;
		buf_add(out, (struct str){ (const char *)data, (size_t)n });
	}
	if (buf_len(out) > ss->out_bytes)
		ss->out_bytes = buf_len(out);
	if (!nghttp2_session_get_outbound_queue_size(ss->ng))
		h2_fields_release(&ss->fields);
}

/* Write what there is to write, as far as the wire takes it. */
static void write_wire(struct h2_session *ss)
{
	do
		put_frames(ss);
	while (stream_flush(ss->wire) && !ss->wire->error);
}

static void run_ready(struct h2_session *ss)
{
	while (!list_empty(&ss->ready)) {
		struct h2_stream *st = list_entry(ss->ready.next, struct h2_stream, ready);

		list_remove(&st->ready);
		ss->role->run(st);
	}
}

/* Do what there is to do, for a while. False: it is over, and all streams know. */
static bool take_turn(struct h2_session *ss)
{
	struct stream *wire = ss->wire;
	int i;

	if (!ss->is_open) {
		run_ready(ss);
		return true;
	}
	for (i = 0; i < ROUNDS_MAX; i++) {
		bool got_some;

		run_ready(ss);
		write_wire(ss);
		got_some = wire->readable && !wire->eof && read_wire(ss);
		if (wire->error || wire->is_deaf || wire->eof ||
		    (!nghttp2_session_want_read(ss->ng) && !nghttp2_session_want_write(ss->ng))) {
			break_session(ss);
			run_ready(ss);
			return false;
		}
		if (!got_some && list_empty(&ss->ready)) {
			list_remove(&ss->dirty);
			return true;
		}
	}
	h2_session_touch(ss);
	return true;
}

/* The end of a turn in which something happened. @ss may be gone afterwards. */
static void end_turn(struct h2_session *ss)
{
	if (!take_turn(ss))
		list_remove(&ss->dirty);
	if (!buf_len(&ss->wire->in))
		buf_fini(&ss->wire->in);
	if (!buf_len(&ss->wire->out))
		buf_fini(&ss->wire->out);
	ss->role->settle(ss);
}

/* The end of a worker's turn: all its sessions to which something happened. */
void h2_session_turns(struct turn_end *t)
{
	struct worker *w = container_of(t, struct worker, h2_turns);
	struct list now;
	int i;

	list_init(&now);
	for (i = 0; i < ROUNDS_MAX && !list_empty(&w->h2_dirty); i++) {
		list_splice_tail(&now, &w->h2_dirty);
		while (!list_empty(&now)) {
			struct h2_session *ss = list_entry(now.next, struct h2_session, dirty);

			list_remove(&ss->dirty);
			end_turn(ss);
		}
	}
	if (!list_empty(&w->h2_dirty))
		loop_hurry(&w->loop);
}
