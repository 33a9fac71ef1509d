/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP/1 server on 127.0.0.1: http_server_open(), then request() is called with each whole
 * request, which is answered with http_reply(), at once or later, one at a time on a connection.
 */
#ifndef LATTICE_LATTICECTL_LAMBDA_HTTP_H
#define LATTICE_LATTICECTL_LAMBDA_HTTP_H

#include "http/h1_parse.h"
#include "io/stream.h"

enum {
	HTTP_BODY_BYTES_MAX = 40 << 20, /* an event of a body of 6 MB, every byte of it escaped */
	HTTP_CONNS_MAX = 1024,		/* of one server */
};

struct http_conn;

struct http_server {
	struct loop *loop;
	struct watch watch;
	uint16_t port;
	struct list conns;
	unsigned conn_count;
	/* c->http and c->body hold until the reply. */
	void (*request)(struct http_conn *c);
	/* A connection whose request waits for a reply is gone: forget it. */
	void (*gone)(struct http_conn *c);
};

struct http_conn {
	struct list link;
	struct http_server *server;
	struct stream s;
	struct http_request http;
	struct buf head, body; /* of the request that is read or waits */
	size_t scanned;
	uint64_t left; /* of a body with a length */
	struct h1_chunked chunked;
	bool has_head, is_waiting, is_closing;
	void *owner; /* whoever took the request */
};

int http_server_open(struct http_server *s, struct loop *loop, uint16_t port);
void http_server_close(struct http_server *s);
void http_reply(struct http_conn *c, unsigned status, struct str fields, struct str body);

#endif
