/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plane's own state, for the files that it is made of: plane.c runs it, plane_threads.c takes
 * what its threads say, plane_broker.c what the broker says, plane_api.c what the API asks.
 */
#ifndef LATTICE_LATTICED_PLANE_STATE_H
#define LATTICE_LATTICED_PLANE_STATE_H

#include "api/api.h"
#include "health/prober.h"
#include "latticed/options.h"
#include "latticed/plane_counters.h"
#include "latticed/plane_dns.h"
#include "latticed/plane_flows.h"
#include "latticed/plane_link.h"
#include "latticed/plane_logs.h"
#include "latticed/plane_metrics.h"
#include "latticed/plane_pulse.h"
#include "latticed/plane_refusals.h"
#include "latticed/plane_tls.h"
#include "latticed/plane_trace.h"
#include "latticed/plane_usage.h"
#include "latticed/plane_vpcs.h"
#include "proxy/worker.h"
#include "store/compile.h"

/* What the control thread's inbox holds. */
enum plane_letter_kind {
	PLANE_LOG,
	PLANE_METERS,
	PLANE_NEED_SOCKETS,
	PLANE_TARGET_FAILED,
	PLANE_REFUSED,
	PLANE_HOSTS,
	PLANE_WORKER_STOPPED,
};

/* Belongs to the control thread. */
struct plane {
	const struct options *options;
	struct loop loop;
	struct inbox inbox;
	struct plane_link link;
	struct watch signals;
	struct turn_end publish;
	struct timer drain_deadline;
	struct timer rest; /* the API has not been asked anything for a while */
	struct store *store;
	struct compiler *compiler;
	struct api *api;
	struct api_hooks api_hooks;
	struct plane_logs logs;
	struct plane_metrics metrics;
	struct plane_flows flows;
	struct prober prober;
	struct plane_refusals refusals;
	struct plane_vpcs vpcs;
	struct plane_counters counters;
	struct plane_pulse pulse;
	struct plane_usage usage;
	struct plane_trace trace;
	struct dns_server *dns;
	struct hosts *hosts; /* NULL: nothing is known yet */
	struct plane_tls tls;
	struct worker_hooks worker_hooks;
	struct worker *workers;
	unsigned worker_count, workers_stopped;
	struct snapshot *snapshot; /* in force */
	uint64_t generation;
	char steer[LINK_PATH_BYTES]; /* what the broker said of its steering */
	bool is_stale;		     /* the store has changed since */
	bool has_failed;
};

void plane_fail(struct plane *p, const char *what, int err);

void plane_threads_init(struct plane *p);
int plane_threads_start(struct plane *p);
struct worker_letter *plane_letter_new(enum worker_letter_kind kind, uint32_t vpc);
void plane_tell_workers(struct plane *p, enum worker_letter_kind kind, uint32_t vpc);
void plane_open_letter(struct inbox *i, struct letter *letter);

void plane_broker_take(struct plane_link *l, const struct link_msg *m, struct link_fds *fds,
		       int err);

void plane_api_init(struct plane *p);

#endif
