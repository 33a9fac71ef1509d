/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 connections: libnghttp2's callbacks note what came, and h2_session_turn() acts on it. */
#include "proxy/h2_session.h"

#include "http/trailers.h"
#include "proxy/h2_memory.h"
#include "proxy/worker.h"

#include <errno.h>

enum {
	/*
	 * PING, SETTINGS, PRIORITY and empty DATA cost us work and bring nobody anything, and so
	 * do streams that are reset. A peer may send so many at once, and so many a second for
	 * ever; then it is told to calm down and the connection ends. Every frame with bytes of a
	 * body makes up for one: some clients measure the way with a PING while bodies come.
	 */
	NUISANCES_MAX = 400,
	NUISANCES_PER_SECOND = 40,
	RESETS_MAX = 500,
	RESETS_PER_SECOND = 50,

	/* Then others have their turn. */
	ROUNDS_MAX = 8,

	/*
	 * Frames that only answer, waiting for a peer that does not read (RFC 9113 section 10.5).
	 * The library says nothing when it gives up, so the budget above comes first.
	 */
	ACKS_MAX = 2 * NUISANCES_MAX,
	CONTINUATIONS_MAX = 8,
	SETTINGS_MAX = 32,	      /* entries of a SETTINGS frame */
	LIBRARY_RESETS_MAX = 1 << 20, /* never: RESETS_MAX comes first, and says why */
	HEAD_SCRATCH_BYTES_MAX = 64 * 1024,
	FRAME_BYTES_MAX = 16 * 1024, /* SETTINGS_MAX_FRAME_SIZE, of which we say nothing */
};

/* Its streams, or its wire, have something to do: see to it at the end of this turn. */
void h2_session_touch(struct h2_session *ss)
{
	list_remove(&ss->dirty);
	list_add_tail(&ss->worker->h2_dirty, &ss->dirty);
}

/* Run @st at the end of this turn. */
void h2_stream_ready(struct h2_stream *st)
{
	list_remove(&st->ready);
	list_add_tail(&st->session->ready, &st->ready);
	h2_session_touch(st->session);
}

/* Open the peer's window for what was taken from @st since. */
static void credit(struct h2_stream *st)
{
	struct h2_session *ss = st->session;
	size_t taken = st->unread - buf_len(&st->s.in);

	if (!taken || !ss->ng)
		return;
	st->unread -= taken;
	if (st->is_closed)
		nghttp2_session_consume_connection(ss->ng, taken);
	else
		nghttp2_session_consume(ss->ng, st->id, taken);
	if (nghttp2_session_want_write(ss->ng))
		h2_session_touch(ss);
}

/* Bytes come when the session is read, not when a stream asks. */
static size_t fill(struct stream *s)
{
	(void)s;
	return 0;
}

static void taken(struct stream *s)
{
	credit(container_of(s, struct h2_stream, s));
}

static size_t flush(struct stream *s)
{
	struct h2_stream *st = container_of(s, struct h2_stream, s);

	if (s->out.failed && !s->error)
		s->error = -ENOMEM;
	if (st->is_begun && !st->is_closed && (buf_len(&s->out) || st->is_ended)) {
		nghttp2_session_resume_data(st->session->ng, st->id);
		h2_session_touch(st->session);
	}
	return 0;
}

static const struct stream_ops stream_ops = { fill, flush, taken };

/* Make @st, all-zero and embedded in its owner, a stream of @ss: that of @id, or none yet for 0. */
void h2_stream_init(struct h2_stream *st, struct h2_session *ss, int32_t id)
{
	st->session = ss;
	st->id = id;
	st->s.ops = &stream_ops;
	st->s.watch.fd = -1;
	buf_init(&st->s.in, H2_WINDOW_BYTES);
	buf_init(&st->s.out, STREAM_BUFFER_BYTES_MAX);
	list_init(&st->ready);
	list_add_tail(&ss->streams, &st->link);
	ss->stream_count++;
	if (id)
		nghttp2_session_set_stream_user_data(ss->ng, id, st);
}

/* Forget @st. What it still had to send is not sent: reset it first if the peer should know. */
void h2_stream_fini(struct h2_stream *st)
{
	struct h2_session *ss = st->session;

	buf_clear(&st->s.in);
	credit(st);
	if (st->id && !st->is_closed && ss->ng)
		nghttp2_session_set_stream_user_data(ss->ng, st->id, NULL);
	list_remove(&st->link);
	list_remove(&st->ready);
	ss->stream_count--;
	buf_fini(&st->s.in);
	buf_fini(&st->s.out);
	buf_fini(&st->trailers);
	buf_fini(&st->in_trailers);
}

/* Our body is whole; @trailers, whose memory moves here, follow it. */
void h2_stream_end(struct h2_stream *st, struct buf *trailers)
{
	st->is_ended = true;
	st->trailers = *trailers;
	*trailers = (struct buf){ 0 };
	flush(&st->s);
}

void h2_stream_reset(struct h2_stream *st, uint32_t error_code)
{
	if (!st->id || st->is_closed || !st->session->ng)
		return;
	nghttp2_submit_rst_stream(st->session->ng, NGHTTP2_FLAG_NONE, st->id, error_code);
	h2_session_touch(st->session);
}

/*
 * Is the value of the field called @name another in each message? Kept in the peer's table it
 * would only push out those that come again.
 */
static bool is_unique(struct str name)
{
	static const struct str names[] = {
		{ "x-amzn-requestid", 16 },
		{ "x-amzn-trace-id", 15 },
		{ "traceparent", 11 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return false;
}

static nghttp2_nv field_nv(const struct http_header *h)
{
	return (nghttp2_nv){ (uint8_t *)h->name.p, (uint8_t *)h->value.p, h->name.n, h->value.n,
			     is_unique(h->name) ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE };
}

/* The fields of @text, a trailer's lines, to be sent behind the body of @id. */
static int submit_trailers(nghttp2_session *ng, int32_t id, struct str text)
{
	nghttp2_nv nv[LATTICE_HEADERS_MAX];
	struct http_header h;
	size_t n = 0;

	while (n < LATTICE_HEADERS_MAX && trailers_next(&text, &h)) {
		if (trailers_allow(h.name))
			nv[n++] = field_nv(&h);
	}
	return n && !nghttp2_submit_trailer(ng, id, nv, n) ? 1 : 0;
}

/* libnghttp2 asks how much of a body the next frame may carry. */
static ssize_t offer_body(nghttp2_session *ng, int32_t id, uint8_t *room, size_t length,
			  uint32_t *flags, nghttp2_data_source *source, void *user)
{
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, id);
	size_t held, n;

	(void)room, (void)source, (void)user;
	if (!st)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	held = buf_len(&st->s.out);
	n = held < length ? held : length;
	if (!n && !st->is_ended)
		return NGHTTP2_ERR_DEFERRED;
	if (n)
		*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (st->is_ended && n == held) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (submit_trailers(ng, id, buf_str(&st->trailers)))
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
	}
	return (ssize_t)n;
}

/* Count a frame that brings nothing against @b, which forgives @per_second. */
static void spend(struct h2_session *ss, struct h2_budget *b, unsigned max, unsigned per_second)
{
	uint64_t now_ms = ss->worker->loop.now_ms;
	uint64_t forgiven = (now_ms - b->since_ms) * per_second / 1000;

	if (forgiven) {
		b->count -= forgiven < b->count ? (unsigned)forgiven : b->count;
		b->since_ms = now_ms;
	}
	if (++b->count > max)
		nghttp2_session_terminate_session(ss->ng, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void note_nuisance(struct h2_session *ss)
{
	spend(ss, &ss->nuisances, NUISANCES_MAX, NUISANCES_PER_SECOND);
}

static void forgive_nuisance(struct h2_session *ss)
{
	if (ss->nuisances.count)
		ss->nuisances.count--;
}

/* A frame of a body goes out: from the stream's buffer into the wire's. */
static int send_data(nghttp2_session *ng, nghttp2_frame *frame, const uint8_t *head, size_t length,
		     nghttp2_data_source *source, void *user)
{
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
	struct h2_session *ss = user;
	struct buf *to = &ss->wire->out;

	(void)source;
	if (!st)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (buf_len(to) >= STREAM_HIGH_BYTES)
		return NGHTTP2_ERR_WOULDBLOCK;
	buf_add(to, (struct str){ (const char *)head, 9 });
	buf_add(to, str_first(buf_str(&st->s.out), length));
	/* Whoever fills this buffer stopped when it was full, or waits for it to be empty. */
	if (st->request &&
	    (buf_len(&st->s.out) >= STREAM_HIGH_BYTES || buf_len(&st->s.out) == length))
		h2_stream_ready(st);
	buf_consume(&st->s.out, length);
	forgive_nuisance(ss);
	return 0;
}

/*
 * What libnghttp2 lets through: a CONTINUATION of any size (RFC 9113 section 4.2), and a head on a
 * stream that the client passed over.
 */
static int begin_frame(nghttp2_session *ng, const nghttp2_frame_hd *hd, void *user)
{
	struct h2_session *ss = user;

	if (hd->type == NGHTTP2_CONTINUATION && hd->length > FRAME_BYTES_MAX)
		nghttp2_session_terminate_session(ng, NGHTTP2_FRAME_SIZE_ERROR);
	if (hd->type == NGHTTP2_HEADERS && hd->stream_id % 2 &&
	    nghttp2_session_check_server_session(ng) && !h2_ids_open(&ss->ids, hd->stream_id))
		nghttp2_session_terminate_session(ng, NGHTTP2_PROTOCOL_ERROR);
	return 0;
}

static int begin_headers(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
	struct h2_session *ss = user;

	(void)ng, (void)frame;
	h2_head_begin(&ss->head);
	return 0;
}

static struct str text_of(nghttp2_rcbuf *b)
{
	nghttp2_vec v = nghttp2_rcbuf_get_buf(b);

	return (struct str){ (const char *)v.base, v.len };
}

static int take_field(nghttp2_session *ng, const nghttp2_frame *frame, nghttp2_rcbuf *name,
		      nghttp2_rcbuf *value, uint8_t flags, void *user)
{
	struct h2_session *ss = user;

	(void)ng, (void)frame, (void)flags;
	h2_head_add(&ss->head, text_of(name), text_of(value));
	return 0;
}

/* libnghttp2 would leave the field out and go on. */
static int refuse_field(nghttp2_session *ng, const nghttp2_frame *frame, nghttp2_rcbuf *name,
			nghttp2_rcbuf *value, uint8_t flags, void *user)
{
	(void)ng, (void)frame, (void)name, (void)value, (void)flags, (void)user;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* The fields that were just read are a trailer of @st. */
static void take_trailer(struct h2_session *ss, struct h2_stream *st)
{
	const struct h2_head *h = &ss->head;
	struct str text = buf_str(&h->text);
	size_t i;

	if (h->refusal.reason || h->seen) {
		h2_stream_reset(st, NGHTTP2_PROTOCOL_ERROR);
		st->s.error = -EPROTO;
		return;
	}
	for (i = 0; i < h->count; i++) {
		struct str field = str_skip(text, h->at[i].at);

		trailers_add(&st->in_trailers, str_first(field, h->at[i].name_n),
			     str_first(str_skip(field, h->at[i].name_n), h->at[i].value_n));
	}
}

static void take_headers(struct h2_session *ss, const nghttp2_frame *frame, struct h2_stream *st)
{
	bool is_last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		ss->role->take_head(ss, NULL, frame->hd.stream_id, is_last);
	else if (st && frame->headers.cat == NGHTTP2_HCAT_HEADERS && !ss->head.seen)
		take_trailer(ss, st);
	else if (st)
		ss->role->take_head(ss, st, frame->hd.stream_id, is_last);
}

static void note_end(struct h2_stream *st)
{
	st->s.eof = true;
	st->s.trailers = buf_str(&st->in_trailers);
	h2_stream_ready(st);
}

static int take_frame(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
	bool is_last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	struct h2_session *ss = user;

	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
		take_headers(ss, frame, st);
		st = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
		if (st && is_last)
			note_end(st);
		break;
	case NGHTTP2_DATA:
		if (!frame->hd.length && !is_last)
			note_nuisance(ss);
		if (st && is_last)
			note_end(st);
		break;
	case NGHTTP2_PING:
		if (frame->hd.flags & NGHTTP2_FLAG_ACK)
			ss->is_acked = true;
		note_nuisance(ss);
		break;
	case NGHTTP2_GOAWAY:
		ss->is_leaving = true;
		break;
	case NGHTTP2_RST_STREAM:
		spend(ss, &ss->resets, RESETS_MAX, RESETS_PER_SECOND);
		break;
	case NGHTTP2_SETTINGS:
	case NGHTTP2_PRIORITY:
		note_nuisance(ss);
		break;
	default:
		break;
	}
	return 0;
}

/* Bytes for which nobody waits: a peer that goes on sending them is told to stop. */
static void note_discard(struct h2_stream *st, size_t n)
{
	bool was_fine = st->discarded < H2_WINDOW_BYTES;

	st->discarded += n;
	if (was_fine && st->discarded >= H2_WINDOW_BYTES)
		h2_stream_reset(st, NGHTTP2_NO_ERROR);
}

static int take_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *data, size_t n,
		     void *user)
{
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, id);

	(void)flags;
	forgive_nuisance(user);
	if (!st || !st->request || st->s.error) {
		nghttp2_session_consume(ng, id, n);
		if (st)
			note_discard(st, n);
		return 0;
	}
	st->unread += n;
	buf_add(&st->s.in, (struct str){ (const char *)data, n });
	if (st->s.in.failed)
		st->s.error = -ENOMEM;
	h2_stream_ready(st);
	return 0;
}

static int forget_stream(nghttp2_session *ng, int32_t id, uint32_t error_code, void *user)
{
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ng, id);

	(void)user;
	if (!st)
		return 0;
	st->is_closed = true;
	st->is_refused = error_code == NGHTTP2_REFUSED_STREAM;
	if (!st->s.eof && !st->s.error)
		st->s.error = -ECANCELED;
	h2_stream_ready(st);
	return 0;
}

/*
 * We had to reset a stream. A window that was overrun may be every stream's (RFC 9113 section
 * 6.9.2). A client that makes us do it brings about the work of a request as one that resets it
 * does, and has as many.
 */
static void sent_reset(struct h2_session *ss, int32_t id, uint32_t error_code)
{
	struct h2_stream *st = nghttp2_session_get_stream_user_data(ss->ng, id);

	if (st && !st->s.error && error_code == NGHTTP2_PROTOCOL_ERROR)
		st->s.error = -EPROTO;
	if (error_code == NGHTTP2_FLOW_CONTROL_ERROR)
		nghttp2_session_terminate_session(ss->ng, error_code);
	if ((error_code == NGHTTP2_PROTOCOL_ERROR || error_code == NGHTTP2_STREAM_CLOSED) &&
	    nghttp2_session_check_server_session(ss->ng))
		spend(ss, &ss->resets, RESETS_MAX, RESETS_PER_SECOND);
}

/*
 * The answer to a head that was refused is out: a client that is still sending does so in vain. Our
 * first GOAWAY is out: the answer to a PING behind it says that the client has seen it.
 */
static int sent_frame(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
	if (frame->hd.type == NGHTTP2_RST_STREAM)
		sent_reset(user, frame->hd.stream_id, frame->rst_stream.error_code);
	if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.last_stream_id == INT32_MAX)
		nghttp2_submit_ping(ng, NGHTTP2_FLAG_NONE, NULL);
	if (frame->hd.type != NGHTTP2_HEADERS || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) ||
	    nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id))
		return 0;
	if (nghttp2_session_check_server_session(ng) &&
	    !nghttp2_session_get_stream_remote_close(ng, frame->hd.stream_id))
		nghttp2_submit_rst_stream(ng, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
					  NGHTTP2_NO_ERROR);
	return 0;
}

static int make_callbacks(nghttp2_session_callbacks **ret)
{
	nghttp2_session_callbacks *c;

	if (nghttp2_session_callbacks_new(&c))
		return -ENOMEM;
	nghttp2_session_callbacks_set_on_begin_frame_callback(c, begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(c, begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(c, take_field);
	nghttp2_session_callbacks_set_on_invalid_header_callback2(c, refuse_field);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, take_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, take_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, forget_stream);
	nghttp2_session_callbacks_set_on_frame_send_callback(c, sent_frame);
	nghttp2_session_callbacks_set_send_data_callback(c, send_data);
	*ret = c;
	return 0;
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
	int err = make_callbacks(&callbacks);

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
	h2_session_touch(ss);
	return 0;
}

/* Free what @ss holds; it has no streams any more. The wire is the caller's. */
void h2_session_fini(struct h2_session *ss)
{
	nghttp2_session_del(ss->ng);
	ss->ng = NULL;
	list_remove(&ss->dirty);
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

/* Write what there is to write, as far as the wire takes it. */
static void write_wire(struct h2_session *ss)
{
	const uint8_t *data;
	ssize_t n;

	do {
		while (buf_len(&ss->wire->out) < STREAM_HIGH_BYTES) {
			n = nghttp2_session_mem_send(ss->ng, &data);
			if (n < 0)
				ss->wire->error = -EPROTO;
			if (n <= 0)
				break;
			buf_add(&ss->wire->out, (struct str){ (const char *)data, (size_t)n });
		}
	} while (stream_flush(ss->wire) && !ss->wire->error);
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

static size_t make_nv(const struct head_list *fields, nghttp2_nv *ret)
{
	size_t i;

	for (i = 0; i < fields->count; i++)
		ret[i] = field_nv(&fields->at[i]);
	return fields->count;
}

static int begun(struct h2_stream *st, int err, bool is_last)
{
	if (err) {
		st->s.error = -EPROTO;
		h2_stream_ready(st);
		return -EPROTO;
	}
	st->is_begun = true;
	st->is_ended |= is_last;
	h2_session_touch(st->session);
	return 0;
}

/* Send the final head of a response. 0 or -errno, and then st->s.error says it too. */
int h2_stream_respond(struct h2_stream *st, const struct head_list *fields, bool is_last)
{
	const nghttp2_data_provider body = { .read_callback = offer_body };
	nghttp2_nv nv[HEAD_LIST_MAX];
	size_t n = make_nv(fields, nv);

	return begun(st,
		     fields->failed || nghttp2_submit_response(st->session->ng, st->id, nv, n,
							       is_last ? NULL : &body),
		     is_last);
}

/* As h2_stream_respond(), for a request, which gets its id here. */
int h2_stream_request(struct h2_stream *st, const struct head_list *fields, bool is_last)
{
	const nghttp2_data_provider body = { .read_callback = offer_body };
	nghttp2_nv nv[HEAD_LIST_MAX];
	size_t n = make_nv(fields, nv);
	int32_t id = -1;

	if (!fields->failed && st->session->ng)
		id = nghttp2_submit_request(st->session->ng, NULL, nv, n, is_last ? NULL : &body,
					    st);
	if (id > 0)
		st->id = id;
	return begun(st, id < 0, is_last);
}

/* Send a head of 1xx. */
void h2_stream_interim(struct h2_stream *st, const struct head_list *fields)
{
	nghttp2_nv nv[HEAD_LIST_MAX];
	size_t n = make_nv(fields, nv);

	nghttp2_submit_headers(st->session->ng, NGHTTP2_FLAG_NONE, st->id, NULL, nv, n, NULL);
	h2_session_touch(st->session);
}
