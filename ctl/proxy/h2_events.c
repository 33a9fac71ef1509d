/* SPDX-License-Identifier: Apache-2.0 */
/* What libnghttp2 tells of a connection is only noted here; h2_session.c acts on it. */
#include "proxy/h2_events.h"

#include "http/trailers.h"
#include "proxy/h2_session.h"
#include "proxy/worker.h"

#include <errno.h>

enum {
	FRAME_HEAD_BYTES = 9,
	FRAME_BYTES_MAX = 16 * 1024, /* SETTINGS_MAX_FRAME_SIZE, of which we say nothing */
};

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
	spend(ss, &ss->nuisances, H2_NUISANCES_MAX, H2_NUISANCES_PER_SECOND);
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
	buf_add(to, (struct str){ (const char *)head, FRAME_HEAD_BYTES });
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
 * What becomes of a frame is known when it is whole, if at all; that one is begun is known always.
 * So the end of a head is told from where its last frame ends.
 */
static void note_frame(struct h2_session *ss, const nghttp2_frame_hd *hd)
{
	struct h2_place *p = &ss->place;

	p->begun += FRAME_HEAD_BYTES + hd->length;
	if (hd->type == NGHTTP2_HEADERS)
		p->head_ms = ss->worker->loop.now_ms;
	else if (hd->type != NGHTTP2_CONTINUATION)
		p->head_ms = 0;
	p->is_head_open = p->head_ms && !(hd->flags & NGHTTP2_FLAG_END_HEADERS);
}

/*
 * What libnghttp2 lets through: a CONTINUATION of any size (RFC 9113 section 4.2), and a head on a
 * stream that the client passed over.
 */
static int begin_frame(nghttp2_session *ng, const nghttp2_frame_hd *hd, void *user)
{
	struct h2_session *ss = user;

	note_frame(ss, hd);
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
	/* The one before may have gone with a message, memory and all. */
	ss->head.text.reuse = &ss->worker->reuse;
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
		spend(ss, &ss->resets, H2_RESETS_MAX, H2_RESETS_PER_SECOND);
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
		spend(ss, &ss->resets, H2_RESETS_MAX, H2_RESETS_PER_SECOND);
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

/* 0 or -errno. The caller deletes what it got. */
int h2_events_new(nghttp2_session_callbacks **ret)
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
