/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streams of an HTTP/2 session: bodies with flow control at the pace of whoever takes them, and
 * the heads that we send.
 */
#include "proxy/h2_stream.h"

#include "http/trailers.h"
#include "proxy/h2_session.h"
#include "proxy/worker.h"

#include <errno.h>

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
	st->s.in.reuse = st->s.out.reuse = &ss->worker->reuse;
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

/* The fields of @text, a trailer's lines, to be sent behind the body of @id. */
static int submit_trailers(nghttp2_session *ng, int32_t id, struct str text)
{
	nghttp2_nv nv[LATTICE_HEADERS_MAX];
	struct http_header h;
	size_t n = 0;

	while (n < LATTICE_HEADERS_MAX && trailers_next(&text, &h)) {
		if (trailers_allow(h.name))
			nv[n++] = (nghttp2_nv){ (uint8_t *)h.name.p, (uint8_t *)h.value.p, h.name.n,
						h.value.n, NGHTTP2_NV_FLAG_NONE };
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
	size_t n = h2_fields_make(&st->session->fields, fields, nv);

	return begun(st,
		     !n || fields->failed ||
			     nghttp2_submit_response(st->session->ng, st->id, nv, n,
						     is_last ? NULL : &body),
		     is_last);
}

/* As h2_stream_respond(), for a request, which gets its id here. */
int h2_stream_request(struct h2_stream *st, const struct head_list *fields, bool is_last)
{
	const nghttp2_data_provider body = { .read_callback = offer_body };
	nghttp2_nv nv[HEAD_LIST_MAX];
	size_t n = h2_fields_make(&st->session->fields, fields, nv);
	int32_t id = -1;

	if (n && !fields->failed && st->session->ng)
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
	size_t n = h2_fields_make(&st->session->fields, fields, nv);

	if (n)
		nghttp2_submit_headers(st->session->ng, NGHTTP2_FLAG_NONE, st->id, NULL, nv, n,
				       NULL);
	h2_session_touch(st->session);
}
