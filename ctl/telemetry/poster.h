/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/1.1 client that posts one body after another to one URL, over a connection that it
 * keeps: poster_init(), poster_post() whenever none is under way, poster_fini(). Who posts tries
 * again; the poster only says how it went. Over https the collector must prove who it is.
 */
#ifndef LATTICE_TELEMETRY_POSTER_H
#define LATTICE_TELEMETRY_POSTER_H

#include "io/stream.h"
#include "model/log_place.h"
#include "telemetry/socket_desk.h"

enum {
	POSTER_BODY_BYTES_MAX = 4 << 20,
	POSTER_ANSWER_BYTES_MAX = 16 << 10, /* of an answer's body, to be read */
	POSTER_TIMEOUT_MS = 10 * 1000,
	POSTER_REASON_BYTES = 128,
};

enum poster_result {
	POSTER_TAKEN,	/* 2xx */
	POSTER_REFUSED, /* a status that trying again will not change */
	POSTER_FAILED,	/* no connection, no answer, 408, 429 or 5xx */
};

enum poster_state {
	POSTER_ALONE, /* not connected */
	POSTER_CONNECTING,
	POSTER_SECURING, /* shaking hands */
	POSTER_CONNECTED,
};

struct poster {
	struct loop *loop;
	struct socket_desk *desk;
	struct log_url url;
	struct str type; /* content-type */
	/* The post under way is over; another may be begun from here. */
	void (*done)(struct poster *p, enum poster_result result);

	bool is_busy;
	enum poster_state state;
	unsigned tried;			  /* addresses, for the post under way */
	unsigned status;		  /* of the last answer; 0: there was none */
	char reason[POSTER_REASON_BYTES]; /* why there was none, if that is known */
	uint64_t retry_after_ms;	  /* as the last answer asks for; 0: it does not */
	struct buf answer;		  /* its body, if that was read */
	size_t scanned;
	char host[HOST_NAME_BYTES_MAX + 1];
	struct sock_addr addr;
	struct tls_trust *trust; /* NULL: whom the system trusts */
	struct socket_wish wish;
	struct stream s; /* watch.fd -1: none */
	struct timer timeout;
	struct buf request;
};

void poster_init(struct poster *p, struct loop *l, struct socket_desk *desk,
		 const struct log_url *url, struct str type);
void poster_post(struct poster *p, struct str body);
void poster_fini(struct poster *p);

#endif
