/* SPDX-License-Identifier: Apache-2.0 */
/* One exchange of an HTTP/2 session: a struct stream for its bodies, and its heads. */
#ifndef LATTICE_PROXY_H2_STREAM_H
#define LATTICE_PROXY_H2_STREAM_H

#include "http/head_out.h"
#include "io/stream.h"

struct h2_session;
struct request;

/* Bytes of a body that may come before they are taken; a connection's: all its streams'. */
enum { H2_WINDOW_BYTES = 64 * 1024 };

struct h2_stream {
	struct list link;  /* in session.streams */
	struct list ready; /* in session.ready: to be run */
	struct h2_session *session;
	struct stream s;  /* bodies, without any framing; -ECANCELED: reset, -EPROTO: malformed */
	int32_t id;	  /* 0: not begun */
	size_t unread;	  /* bytes for which the window is to be opened again */
	size_t discarded; /* bytes that came when nobody waited for them */
	bool is_begun;	  /* our head is on its way */
	bool is_ended;	  /* our body is whole: the last of it is in s.out */
	bool is_closed;	  /* the session has forgotten it */
	bool is_refused;  /* the peer did nothing with it */
	struct buf trailers;	 /* lines that follow our body */
	struct buf in_trailers;	 /* what s.trailers is made of */
	struct request *request; /* NULL: the rest only has to be sent */
};

void h2_stream_init(struct h2_stream *st, struct h2_session *ss, int32_t id);
void h2_stream_fini(struct h2_stream *st);
void h2_stream_ready(struct h2_stream *st);
void h2_stream_end(struct h2_stream *st, struct buf *trailers);
void h2_stream_reset(struct h2_stream *st, uint32_t error_code);
int h2_stream_respond(struct h2_stream *st, const struct head_list *fields, bool is_last);
int h2_stream_request(struct h2_stream *st, const struct head_list *fields, bool is_last);
void h2_stream_interim(struct h2_stream *st, const struct head_list *fields);

#endif
