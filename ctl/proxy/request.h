/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request from its head to its log line. request_run() takes it through the stages of
 * proxy/stages.c until it must wait for an event or is finished.
 */
#ifndef LATTICE_PROXY_REQUEST_H
#define LATTICE_PROXY_REQUEST_H

#include "auth/claim.h"
#include "auth/decision.h"
#include "balance/turns.h"
#include "proxy/body.h"
#include "proxy/conn.h"
#include "proxy/lease.h"
#include "proxy/side.h"
#include "proxy/trace.h"
#include "proxy/upstream.h"

/* A stage's answer. */
enum step { STEP_NEXT, STEP_WAIT, STEP_DONE };

/* A client's x-amzn-requestid is kept up to this many bytes; ours is a UUID of 36. */
enum { REQUEST_ID_BYTES_MAX = 512 };

/* What policies said of a request, for the log. */
struct request_verdict {
	bool is_evaluated, is_denied;
	enum auth_layer layer; /* whose policy denied; the part is what it said */
	struct auth_part part;
};

struct request {
	struct conn *conn; /* of the client: its addresses, its VPC, the worker */
	struct client client;
	struct lease *lease;
	struct list waits; /* among those of request_wait() */
	struct buf head;   /* what @http points into */
	size_t stage;
	struct buf target_text; /* what path and query point into, once the signature says so */

	/* decided by the stages, in this order */
	const struct snap_vpc *vpc;
	const struct snap_service *service;
	const struct snap_listener *listener;
	uint64_t asked_ms;		   /* when it was asked who calls, since 1970 */
	const struct principal *principal; /* NULL: nobody asked who it is */
	enum sigv4_reason signature;	   /* why it was refused */
	struct request_verdict verdict, trial;
	const struct snap_action *action;
	const struct snap_target_group *group;
	const struct snap_target *target;
	struct turns_ticket turn; /* that it has at the target */
	unsigned attempts;	  /* connections tried and given up */
	uint64_t name_due_ms;	  /* when it has waited enough for its target's name; or 0 */
	struct target_side upstream;

	/* the bodies, towards the target and back */
	struct body to_target, to_client;
	size_t response_scanned;
	unsigned interims;     /* heads of 1xx that came */
	bool head_sent;	       /* the target has our request's head */
	bool response_started; /* the client has a status line */
	bool keep_client, keep_target;
	bool is_tunnel;	     /* the protocol was switched: bytes both ways */
	bool is_passthrough; /* a tunnel from the start, without heads: passthrough.c */

	struct request_trace trace;

	/* for the log */
	struct str id;
	char id_text[36];
	unsigned status;
	bool has_grpc_status; /* a call of gRPC that was answered with a status */
	uint16_t grpc_status;
	const char *failure;	 /* failureReason, or NULL */
	struct sock_addr called; /* where the target was found by name, or none */
	uint64_t started_us, sent_us, answered_us;
	size_t head_bytes, response_head_bytes;

	struct http_request http; /* last: see request_new() */
};

struct request *request_new(struct conn *c, struct client client, const struct http_request *http);
void request_free(struct request *r);
bool request_run(struct request *r);
bool request_uses(const struct request *r, uint32_t vpc);
void request_wait(struct request *r, struct list *waiters);
void requests_wake(struct list *waiters);
void request_leave_target(struct request *r, bool is_clean);
enum step request_answer(struct request *r, unsigned status, const char *failure);
enum step request_answer_text(struct request *r, unsigned status, const char *failure,
			      struct str text);

#endif
