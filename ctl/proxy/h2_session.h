/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection that speaks HTTP/2, of either side: frames through libnghttp2, a struct h2_stream
 * for each exchange. What the peer says is only noted while it is read; streams are run, and frames
 * written, once at the end of the loop's turn.
 */
#ifndef LATTICE_PROXY_H2_SESSION_H
#define LATTICE_PROXY_H2_SESSION_H

#include "http/h2_head.h"
#include "proxy/h2_fields.h"
#include "proxy/h2_ids.h"
#include "proxy/h2_stream.h"

struct worker;

/* What a peer may have under way at once, in one connection. */
enum { H2_STREAMS_MAX = 100 };

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

/* Where the peer is in its bytes: a head is begun by HEADERS, whatever becomes of its stream. */
struct h2_place {
	uint64_t came;	   /* bytes of the peer's */
	uint64_t begun;	   /* where its last frame ends */
	uint64_t head_ms;  /* since when a head is not whole; 0: none is begun */
	bool is_head_open; /* a CONTINUATION is to follow */
};

struct h2_session {
	const struct h2_role *role;
	struct worker *worker;
	struct stream *wire;
	nghttp2_session *ng; /* NULL: broken */
	struct list dirty;   /* in worker.h2_dirty */
	struct list streams, ready;
	unsigned stream_count;
	struct h2_head head; /* that is being read */
	struct h2_place place;
	struct arena scratch;	 /* values of a head that is being written */
	struct h2_fields fields; /* of heads that are being written */
	size_t out_bytes;	 /* that the last turn wrote: the next may write as much */
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

#endif
