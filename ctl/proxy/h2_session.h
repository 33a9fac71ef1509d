/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection that speaks HTTP/2, of either side: frames through libnghttp2, a struct stream for
 * the body of each exchange, flow control at the pace of whoever takes the bytes. What the peer
 * says is only noted while it is read; streams are run, and frames written, once at the end of the
 * loop's turn.
 */
#ifndef LATTICE_PROXY_H2_SESSION_H
#define LATTICE_PROXY_H2_SESSION_H

#include "http/h2_head.h"
#include "http/head_out.h"
#include "io/stream.h"
#include "proxy/h2_ids.h"

#include <nghttp2/nghttp2.h>

struct h2_session;
struct request;
struct worker;

enum {
	/* What a peer may have under way at once, in one connection. */
	H2_STREAMS_MAX = 100,

	/* Bytes of a body that may come before they are taken; a connection's: all its streams'. */
	H2_WINDOW_BYTES = 64 * 1024,
};

/* One exchange. */
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

/* What the two sides do differently. */
struct h2_role {
	/* A head is whole, in session.head; @st is NULL for a client's new stream @id. */
	void (*take_head)(struct h2_session *ss, struct h2_stream *st, int32_t id, bool is_last);
	/* Something happened to @st: go on with it. It may be gone afterwards. */
	void (*run)(struct h2_stream *st);
	/* At the end of a turn: all that could be run was, all that could be written is. @ss may be
	 * gone afterwards. */
	void (*settle)(struct h2_session *ss);
};

/* Frames that a peer may send without use: so many at once, so many a second for ever. */
struct h2_budget {
	unsigned count;
	uint64_t since_ms;
};

struct h2_session {
	const struct h2_role *role;
	struct worker *worker;
	struct stream *wire;
	nghttp2_session *ng; /* NULL: broken */
	struct list dirty;   /* in worker.h2_dirty */
	struct list streams, ready;
	unsigned stream_count;
	struct h2_head head;  /* that is being read */
	struct arena scratch; /* values of a head that is being written */
	struct h2_budget nuisances, resets;
	struct h2_ids ids;
	bool is_open;	 /* the wire is ready for our frames */
	bool is_over;	 /* nothing more will come or go */
	bool is_leaving; /* the peer, or we, said GOAWAY */
	bool is_acked;	 /* the peer answered our last PING */
};

int h2_session_init(struct h2_session *ss, struct worker *w, struct stream *wire,
		    const struct h2_role *role, bool is_server) __attribute__((warn_unused_result));
void h2_session_fini(struct h2_session *ss);
void h2_session_read(struct h2_session *ss);
void h2_session_touch(struct h2_session *ss);
void h2_session_turns(struct turn_end *t);

void h2_stream_init(struct h2_stream *st, struct h2_session *ss, int32_t id);
void h2_stream_fini(struct h2_stream *st);
void h2_stream_ready(struct h2_stream *st);
void h2_stream_end(struct h2_stream *st, struct buf *trailers);
void h2_stream_reset(struct h2_stream *st, uint32_t error_code);
int h2_stream_respond(struct h2_stream *st, const struct head_list *fields, bool is_last);
int h2_stream_request(struct h2_stream *st, const struct head_list *fields, bool is_last);
void h2_stream_interim(struct h2_stream *st, const struct head_list *fields);

#endif
