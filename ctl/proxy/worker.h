/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker: one thread, one loop, its own connections, pools and snapshot lease. The control
 * thread speaks to it in letters only: worker_start(), worker_send(), worker_stop().
 */
#ifndef LATTICE_PROXY_WORKER_H
#define LATTICE_PROXY_WORKER_H

#include "auth/sigv4.h"
#include "balance/turns.h"
#include "base/buf.h"
#include "base/reuse.h"
#include "io/inbox.h"
#include "io/pipe.h"
#include "io/tls_tickets.h"
#include "proxy/access_log.h"
#include "proxy/attest.h"
#include "proxy/lease.h"
#include "proxy/name_waits.h"
#include "proxy/sessions.h"
#include "telemetry/log_batch.h"
#include "telemetry/meter.h"

struct refusal;
struct trace_rules;

enum worker_letter_kind {
	WORKER_SNAPSHOT, /* snapshot: its reference moves to the worker */
	WORKER_LISTENER, /* vpc, fds[0] and perhaps fds[1]: accept its connections */
	WORKER_VPC_GONE, /* vpc: close everything in it */
	WORKER_SOCKETS,
	WORKER_LOG,	/* is_on: is anyone reading the log? */
	WORKER_TICKETS, /* tickets: what sessions are sealed with from now on */
	WORKER_CGROUP,	/* cgroup is at path, which moves to the worker */
	WORKER_PING,	/* sent_us: when, so that the worker tells how it is */
	WORKER_HOSTS,	/* hosts: where names outside lead; its reference moves */
	WORKER_DRAIN,	/* accept nothing more, finish what runs, then stop */
};

enum { WORKER_FDS_MAX = 32 };

/* Refused requests that a worker keeps for explanation in a second; of the rest the log tells. */
enum { WORKER_REFUSALS_MAX = 100 };

enum worker_family { WORKER_V4, WORKER_V6, WORKER_FAMILIES };

/*
 * Lines are handed on when there are so many bytes, or when the first has waited so long; the rest
 * is room for the longest line: a head of 60 K in which every byte is escaped.
 */
enum { WORKER_LOG_BYTES_FULL = 64 << 10, WORKER_LOG_BYTES_MAX = 1 << 20, WORKER_LOG_MS_MAX = 50 };

struct worker_letter {
	struct letter letter;
	uint64_t cgroup;  /* WORKER_CGROUP */
	uint64_t sent_us; /* WORKER_PING */
	char *path;
	struct snapshot *snapshot;
	uint32_t vpc;
	uint16_t family; /* WORKER_SOCKETS */
	bool is_on;	 /* WORKER_LOG */
	struct tls_tickets tickets;
	struct hosts *hosts;
	unsigned fd_count;
	int fds[WORKER_FDS_MAX];
};

/* What all workers use for TLS, and none changes. */
struct worker_tls {
	SSL_CTX *server, *client;
	struct tls_trust *system; /* whom the system trusts */
};

/* What a worker asks of the control thread; called in the worker's thread. */
struct worker_hooks {
	void (*need_sockets)(void *ctx, unsigned worker, uint32_t vpc, uint16_t family,
			     uint32_t count);
	/* WORKER_CGROUP is to follow. */
	void (*need_cgroup)(void *ctx, unsigned worker, uint64_t cgroup);
	void (*target_failed)(void *ctx, uint32_t vpc, const struct sock_addr *addr);
	/* What was counted since the last time; may be NULL. */
	void (*meters)(void *ctx, const struct meter *at, size_t count);
	/* Whole lines with their marks; a reference to @b moves. */
	void (*log_lines)(void *ctx, struct log_batch *b);
	/* @f is the control thread's from here. */
	void (*refused)(void *ctx, struct refusal *f);
	void (*stopped)(void *ctx, unsigned worker); /* drained; the last call */
	void *ctx;
	const struct worker_tls *tls;	 /* NULL: no TLS is spoken */
	const struct vault *vault;	 /* NULL: no access key is known */
	struct str region;		 /* of signatures */
	const struct trace_rules *trace; /* NULL: traces are for others */
	uint32_t idle_ms, head_ms;	 /* patience with clients; 0: as conn.c says */
	/* Spans, a line each, whose reference moves; NULL: one found no memory. */
	void (*spans)(void *ctx, struct log_batch *b);
};

/* How a worker was when it opened a WORKER_PING; written by it, read by any thread. */
struct worker_pulse {
	atomic_ullong sent_us; /* of that letter, written last */
	atomic_ullong lag_us;  /* how long it lay */
	atomic_ullong generation;
	atomic_uint conns;
};

/* A VPC's handoff listener for IPv4 or IPv6. */
struct worker_listener {
	struct watch watch; /* fd -1 while there is none */
	struct worker_vpc *vpc;
};

/* Unconnected sockets of one VPC and address family. */
struct socket_stock {
	int fds[2 * WORKER_FDS_MAX];
	unsigned count;
	bool is_asked;	     /* sockets are on their way */
	struct list waiters; /* upstreams that want one */
};

/* What a worker keeps per VPC that it has met. */
struct worker_vpc {
	struct worker *worker;
	uint32_t number;
	struct worker_listener listeners[WORKER_FAMILIES];
	struct socket_stock stock[WORKER_FAMILIES]; /* by enum worker_family */
	struct list idle;			    /* upstreams connected and unused */
	unsigned idle_count;
	struct list h2_targets; /* HTTP/2 connections to targets */
};

struct worker {
	struct loop loop;
	struct inbox inbox;
	pthread_t thread;
	unsigned number;
	const struct worker_hooks *hooks;

	/* owner: the worker's thread */
	struct lease *lease;
	struct turns turns;
	struct worker_vpc *vpcs[LATTICE_VPCS_MAX];
	struct list conns;
	unsigned conn_count;
	unsigned conn_peak; /* the most there were since memory was given back */
	struct pipes pipes;
	struct reuse reuse;   /* of requests, streams and what HTTP/2 needs */
	struct list h2_dirty; /* HTTP/2 sessions to which something happened in this turn */
	struct turn_end h2_turns;
	bool draining, is_logging;
	struct log_batch *log; /* NULL: no line was written */
	size_t log_bytes;      /* of the last batch: the next may be as large */
	struct log_batches log_batches;
	struct log_memo log_memo;
	struct timer log_flush;	 /* armed while there are lines */
	struct log_batch *spans; /* likewise */
	struct timer spans_flush;
	struct meters meters;
	struct timer meters_flush; /* armed while something was counted */
	unsigned meters_flushes;
	struct timer quiet; /* armed while something was counted lately */
	bool was_busy;	    /* something was, since it was armed */
	uint64_t rng;
	struct attest attest;
	uint64_t refusals_second; /* the second in which they were counted */
	unsigned refusals;
	struct sigv4 sigv4;
	struct hosts *hosts; /* NULL: no name is known */
	struct name_waits name_waits;
	struct sessions sessions;
	struct tls_tickets tickets;
	uint64_t tls_logged_ms;	   /* when a failed handshake was */
	uint64_t lambda_logged_ms; /* when a call that could not be signed was */

	struct worker_pulse pulse;

	/* written by the worker, read by any thread */
	atomic_ullong tls_handshakes, tls_failures;
};

int worker_start(struct worker *w, unsigned number, const struct worker_hooks *hooks)
	__attribute__((warn_unused_result));
void worker_send(struct worker *w, struct worker_letter *letter);
void worker_join(struct worker *w);
struct worker_vpc *worker_find_vpc(struct worker *w, uint32_t number);
void worker_count_conn(struct worker *w, int more);
uint64_t worker_random(struct worker *w);
struct log_batch *worker_log(struct worker *w);
void worker_logged(struct worker *w);
struct meter *worker_meter(struct worker *w, struct str id);
struct meter *worker_meter_target(struct worker *w, uint32_t vpc, const struct sock_addr *addr);
struct meter *worker_meter_vpc(struct worker *w, uint32_t vpc);

#endif
