/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks over HTTP/2: a session of libnghttp2 with one stream. */
#include "health/check_h2.h"

#include "base/array.h"
#include "base/num.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

struct check_h2 {
	nghttp2_session *ng;
	uint16_t status; /* of the head that is read; 1xx is followed by another */
	bool is_answered, is_closed;
};

static int take_field(nghttp2_session *ng, const nghttp2_frame *frame, nghttp2_rcbuf *name,
		      nghttp2_rcbuf *value, uint8_t flags, void *user)
{
	nghttp2_vec n = nghttp2_rcbuf_get_buf(name), v = nghttp2_rcbuf_get_buf(value);
	struct check_h2 *h = user;

	(void)ng, (void)frame, (void)flags;
	if (str_eq((struct str){ (const char *)n.base, n.len }, STR(":status")) &&
	    num_parse_u16((struct str){ (const char *)v.base, v.len }, &h->status) < 0)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	return 0;
}

static int take_frame(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
	struct check_h2 *h = user;

	(void)ng;
	if (frame->hd.type == NGHTTP2_HEADERS && h->status >= 200)
		h->is_answered = true;
	return 0;
}

static int forget_stream(nghttp2_session *ng, int32_t id, uint32_t error_code, void *user)
{
	(void)ng, (void)id, (void)error_code;
	((struct check_h2 *)user)->is_closed = true;
	return 0;
}

static int make_session(struct check_h2 *h)
{
	nghttp2_session_callbacks *c;
	int err;

	if (nghttp2_session_callbacks_new(&c))
		return -1;
	nghttp2_session_callbacks_set_on_header_callback2(c, take_field);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, take_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, forget_stream);
	err = nghttp2_session_client_new(&h->ng, c, h);
	nghttp2_session_callbacks_del(c);
	return err;
}

static nghttp2_nv field(struct str name, struct str value)
{
	return (nghttp2_nv){ (uint8_t *)name.p, (uint8_t *)value.p, name.n, value.n,
			     NGHTTP2_NV_FLAG_NONE };
}

/* A GET of what @q says, to be sent by check_h2_run(); NULL without memory. */
struct check_h2 *check_h2_new(const struct check_h2_question *q)
{
	const nghttp2_settings_entry no_push = { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 };
	const nghttp2_nv head[] = {
		field(STR(":method"), STR("GET")),	 field(STR(":scheme"), q->scheme),
		field(STR(":authority"), q->authority),	 field(STR(":path"), q->path),
		field(STR("user-agent"), q->user_agent), field(STR("accept"), STR("*/*")),
	};
	struct check_h2 *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	if (make_session(h)) {
		free(h);
		return NULL;
	}
	if (nghttp2_submit_settings(h->ng, NGHTTP2_FLAG_NONE, &no_push, 1) ||
	    nghttp2_submit_request(h->ng, NULL, head, ARRAY_SIZE(head), NULL, NULL) < 0) {
		check_h2_free(h);
		return NULL;
	}
	return h;
}

void check_h2_free(struct check_h2 *h)
{
	if (!h)
		return;
	nghttp2_session_del(h->ng);
	free(h);
}

static bool write_frames(struct check_h2 *h, struct stream *s)
{
	const uint8_t *data;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(h->ng, &data)) > 0)
		buf_add(&s->out, (struct str){ (const char *)data, (size_t)n });
	stream_flush(s);
	return n == 0 && !s->out.failed;
}

/*
 * Move what can be moved. True: the check is over, with the status of the response, or 0 and why
 * there is none.
 */
bool check_h2_run(struct check_h2 *h, struct stream *s, unsigned *ret_status, const char **ret_why)
{
	size_t got;

	*ret_status = 0;
	do {
		struct str in;
		ssize_t n;

		*ret_why = "not HTTP/2";
		if (!write_frames(h, s))
			return true;
		got = stream_fill(s);
		in = buf_str(&s->in);
		n = in.n ? nghttp2_session_mem_recv(h->ng, (const uint8_t *)in.p, in.n) : 0;
		if (n < 0 || !write_frames(h, s))
			return true;
		buf_consume(&s->in, (size_t)n);
		if (h->is_answered) {
			*ret_status = h->status;
			*ret_why = NULL;
			return true;
		}
		*ret_why = "closed without a response";
		if (h->is_closed || s->eof || s->error)
			return true;
		if (!nghttp2_session_want_read(h->ng) && !nghttp2_session_want_write(h->ng)) {
			*ret_why = "not HTTP/2";
			return true;
		}
	} while (got);
	return false;
}
