/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two sides of an exchange as a request sees them: a stream for the bodies, and what differs
 * between protocols. A client is an HTTP/1 connection (client_h1.c) or a stream of an HTTP/2
 * session; a target an HTTP/1 connection (target_h1.c), or whatever else can answer.
 */
#ifndef LATTICE_PROXY_SIDE_H
#define LATTICE_PROXY_SIDE_H

#include "http/h1_parse.h"
#include "io/stream.h"

struct request;

/* When bytes last moved, and for how long none may. */
struct activity {
	uint64_t last_ms, idle_ms_max;
};

struct client_ops {
	/* Run @r on: something happened at its target. @r may be gone afterwards. */
	void (*wake)(struct request *r);
	/* Send the head of @a, a final one or 101; r->to_client is its body from then on. */
	void (*put_head)(struct request *r, const struct http_response *a);
	void (*put_continue)(struct request *r);
	/* The response's body is whole: every byte of it is in the out buffer. */
	void (*end)(struct request *r);
	/* The response that was begun will never be whole: see that the client notices. */
	void (*cut)(struct request *r);
};

struct client {
	const struct client_ops *ops;
	struct stream *s;
	struct activity *activity;
};

/* How far the way to a target has come. */
enum target_state {
	TARGET_CONNECTING,
	TARGET_CONNECTED,
	TARGET_FAILED, /* could not connect: close, and perhaps open another */
	TARGET_NO_MEMORY,
};

struct target_ops {
	/* Begin to connect to r->target, or say how far that is; r->client.ops->wake() follows. */
	enum target_state (*open)(struct request *r);
	/* Send the request's head; r->to_target is its body from then on. */
	void (*put_head)(struct request *r);
	/* The next head of a response, 1xx too; what it points to holds until the next fill. */
	struct h1_result (*take_head)(struct request *r, struct http_response *ret);
	/* The request's body, or the tunnel's sending side, is whole and in the out buffer. */
	void (*end)(struct request *r);
	/* Let go; @is_clean: both messages were whole, so that what carried them may carry more. */
	void (*close)(struct request *r, bool is_clean);
};

struct target_side {
	const struct target_ops *ops;
	struct stream *s; /* set once it is TARGET_CONNECTED */
	void *held;	  /* by the ops; NULL: nothing is open */
	bool was_used;	  /* before: that it is closed may have crossed our request */
	bool is_refused;  /* the target said that it did nothing with the request */
};

#endif
