/* SPDX-License-Identifier: Apache-2.0 */
/* A client's connection: accepted from a handoff socket, carrying one request after another. */
#ifndef LATTICE_PROXY_CONN_H
#define LATTICE_PROXY_CONN_H

#include "io/sock.h"
#include "proxy/side.h"
#include "steer/peer.h"

struct h2_client;
struct request;
struct secure;
struct worker;

enum {
	/* AWS: a connection lives for 10 minutes; clients are told in time to open another. */
	CONN_LIFE_MS_MAX = 10 * 60 * 1000,
	CONN_OLD_MS = CONN_LIFE_MS_MAX - 15 * 1000,
};

struct conn {
	struct list link; /* in worker.conns */
	struct worker *worker;
	struct stream s;
	struct timer timer;
	uint64_t opened_ms; /* when it came */
	struct activity activity;
	uint32_t vpc;
	struct sock_addr peer;	/* the client, as the kernel saw it */
	struct sock_addr local; /* what the client connected to */
	bool peer_is_known;	/* whose process it is was asked for */
	struct peer process;
	size_t scanned;		 /* h1_parse_request()'s memory */
	uint64_t head_ms;	 /* since when a head is not whole; 0: none is begun */
	bool closing;		 /* nothing more is read; close when all is written */
	bool lingering;		 /* all is written; input is thrown away */
	bool must_linger;	 /* the client may be sending yet */
	int unsent;		 /* while it lingers: what the client had not taken last time */
	bool has_begun;		 /* a request came: too late for TLS and HTTP/2 */
	struct secure *secure;	 /* NULL: plain */
	struct request *request; /* NULL between requests */
	struct h2_client *h2;	 /* NULL: HTTP/1 */
};

void conn_open(struct worker *w, uint32_t vpc, int fd, const struct sock_addr *peer);
void conn_speak_h2(struct conn *c);
void conn_run(struct conn *c);
void conn_close(struct conn *c);
void conn_drain(struct conn *c);
uint64_t conn_head_ms_max(const struct worker *w);
bool conn_is_old(const struct conn *c);
bool conn_is_idle(const struct conn *c);

#endif
