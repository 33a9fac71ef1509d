/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to the API: reads a request, has it answered, writes the reply, again. It ends
 * by itself, and then calls gone: on errors, on its deadline, and when the peer is done.
 */
#ifndef LATTICE_API_CLIENT_H
#define LATTICE_API_CLIENT_H

#include "api/dispatch.h"
#include "api/guests.h"
#include "http/h1_parse.h"
#include "io/loop.h"
#include "io/sock.h"

enum { CLIENT_BODY_BYTES_MAX = 1 << 20, CLIENT_PHASE_MS = 30 * 1000 };

struct client {
	/* set once */
	struct guest guest; /* the owner's, but for its standing */
	struct loop *loop;
	const struct api_context *on;
	struct sock_addr source; /* all-zero: a peer without an address */
	void (*signed_by)(struct client *c, struct str account, void *ctx);
	void (*gone)(struct client *c, void *ctx);
	void *ctx;

	struct watch watch;
	uint32_t interest;
	struct timer deadline; /* of waiting for a whole request, or of writing a reply */
	struct buf in, out, body;
	size_t scanned;		   /* of the head, by the parser */
	struct h1_chunked chunked; /* of the body that is being read */
	size_t chunk_bytes;	   /* raw bytes of the body decoded so far */
	bool continued;		   /* 100 Continue was sent for this request */
	bool closing;		   /* after what is in @out */
};

struct client_config {
	struct loop *loop;
	const struct api_context *on;
	struct sock_addr source;      /* all-zero: a peer without an address */
	enum guest_standing standing; /* where it says UNSIGNED every request must be signed */
	/* a request was rightly signed; may be NULL. It may free other clients, not @c. */
	void (*signed_by)(struct client *c, struct str account, void *ctx);
	void (*gone)(struct client *c, void *ctx); /* @c is freed right after */
	void *ctx;
};

struct client *client_new(const struct client_config *config, int fd);
void client_free(struct client *c);

#endif
