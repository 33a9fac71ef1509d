/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the control thread and the others say to each other: the workers, the name server and the
 * scribe. The hooks run in those threads and only send letters.
 */
#include "latticed/plane_hosts.h"
#include "latticed/plane_state.h"

#include <errno.h>
#include <stdlib.h>

struct sockets_letter {
	struct letter letter;
	struct link_msg msg;
};

struct failure_letter {
	struct letter letter;
	uint32_t vpc;
	struct sock_addr addr;
};

/* A letter to a worker; memory that is out ends the plane, and the broker starts another. */
struct worker_letter *plane_letter_new(enum worker_letter_kind kind, uint32_t vpc)
{
	struct worker_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->letter.kind = kind;
	l->vpc = vpc;
	return l;
}

/* The same to each of them. */
void plane_tell_workers(struct plane *p, enum worker_letter_kind kind, uint32_t vpc)
{
	unsigned i;

	for (i = 0; i < p->worker_count; i++)
		worker_send(&p->workers[i], plane_letter_new(kind, vpc));
}

/* Called in a worker's thread. */
static void hook_need_sockets(void *ctx, unsigned worker, uint32_t vpc, uint16_t family,
			      uint32_t count)
{
	struct plane *p = ctx;
	struct sockets_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->letter.kind = PLANE_NEED_SOCKETS;
	l->msg = (struct link_msg){
		.kind = vpc == LATTICE_HOST_VPC ? LINK_HOST_SOCKETS : LINK_SOCKETS,
		.vpc = vpc,
		.worker = worker,
		.count = count,
		.family = family,
		.type = SOCK_STREAM,
	};
	inbox_send(&p->inbox, &l->letter);
}

/* Called in the name server's thread. */
static void hook_dns_sockets(void *ctx, uint16_t family, int type, unsigned count)
{
	struct plane *p = ctx;
	struct sockets_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->letter.kind = PLANE_NEED_SOCKETS;
	l->msg = plane_dns_need_sockets(family, type, count);
	inbox_send(&p->inbox, &l->letter);
}

/* Called in the scribe's thread. */
static void hook_scribe_socket(void *ctx, uint16_t family, int type, uint64_t tag)
{
	struct plane *p = ctx;
	struct sockets_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->letter.kind = PLANE_NEED_SOCKETS;
	l->msg = plane_logs_need_socket(family, type, tag);
	inbox_send(&p->inbox, &l->letter);
}

/* Called in a worker's thread. */
static void hook_target_failed(void *ctx, uint32_t vpc, const struct sock_addr *addr)
{
	struct plane *p = ctx;
	struct failure_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->letter.kind = PLANE_TARGET_FAILED;
	l->vpc = vpc;
	l->addr = *addr;
	inbox_send(&p->inbox, &l->letter);
}

/* Called in a worker's thread. */
static void hook_need_cgroup(void *ctx, unsigned worker, uint64_t cgroup)
{
	struct plane *p = ctx;
	struct sockets_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->letter.kind = PLANE_NEED_SOCKETS;
	l->msg = (struct link_msg){ .kind = LINK_CGROUP, .worker = worker, .generation = cgroup };
	inbox_send(&p->inbox, &l->letter);
}

/* Called in a worker's thread. */
static void hook_refused(void *ctx, struct refusal *f)
{
	f->letter.kind = PLANE_REFUSED;
	inbox_send(&((struct plane *)ctx)->inbox, &f->letter);
}

/* Called in a worker's thread. */
static void hook_log_lines(void *ctx, struct log_batch *b)
{
	plane_logs_take(&((struct plane *)ctx)->logs, b);
}

/* Called in a worker's thread. */
static void hook_spans(void *ctx, struct log_batch *b)
{
	scribe_write_spans(((struct plane *)ctx)->logs.scribe, b);
}

/* Called in a worker's thread. */
static void hook_meters(void *ctx, const struct meter *at, size_t count)
{
	plane_metrics_take(&((struct plane *)ctx)->metrics, at, count);
}

/* Called in a worker's thread, last of all. */
static void hook_stopped(void *ctx, unsigned worker)
{
	struct plane *p = ctx;
	struct letter *l = calloc(1, sizeof(*l));

	(void)worker;
	if (!l)
		abort();
	l->kind = PLANE_WORKER_STOPPED;
	inbox_send(&p->inbox, l);
}

static void open_need_sockets(struct plane *p, struct sockets_letter *l)
{
	int err = plane_link_send(&p->link, &l->msg);

	free(l);
	if (err)
		plane_fail(p, "line to the broker", err);
}

static void open_target_failed(struct plane *p, struct failure_letter *l)
{
	prober_target_failed(&p->prober, l->vpc, &l->addr);
	free(l);
}

/* Take what a thread said. */
void plane_open_letter(struct inbox *i, struct letter *letter)
{
	struct plane *p = container_of(i, struct plane, inbox);

	switch ((enum plane_letter_kind)letter->kind) {
	case PLANE_LOG:
		plane_logs_open(&p->logs, letter);
		break;
	case PLANE_METERS:
		plane_metrics_open(&p->metrics, letter);
		break;
	case PLANE_NEED_SOCKETS:
		open_need_sockets(p, container_of(letter, struct sockets_letter, letter));
		break;
	case PLANE_TARGET_FAILED:
		open_target_failed(p, container_of(letter, struct failure_letter, letter));
		break;
	case PLANE_REFUSED:
		plane_refusals_take(&p->refusals, container_of(letter, struct refusal, letter));
		break;
	case PLANE_HOSTS:
		plane_hosts_open(p, letter);
		break;
	case PLANE_WORKER_STOPPED:
		free(letter);
		if (++p->workers_stopped == p->worker_count)
			plane_trace_drain(&p->trace);
		break;
	}
}

static int start_workers(struct plane *p)
{
	unsigned i;
	int err = 0;

	p->workers = calloc(p->options->workers, sizeof(*p->workers));
	if (!p->workers)
		return -ENOMEM;
	for (i = 0; !err && i < p->options->workers; i++) {
		err = worker_start(&p->workers[i], i, &p->worker_hooks);
		p->worker_count += !err;
	}
	return err;
}

/* The name in @url; empty: there is none. */
static struct str name_of(const struct log_url *url)
{
	return url->addr.family == AF_UNSPEC ? url->name : (struct str){ 0 };
}

static int start_dns(struct plane *p)
{
	const struct dns_config config = {
		.region = str_of(p->options->region),
		.resolv_conf = p->options->resolv_conf,
		.need_sockets = hook_dns_sockets,
		.hosts_changed = plane_hosts_changed,
		.host = name_of(&p->options->otlp),
		.ctx = p,
	};

	return dns_server_start(&config, &p->dns);
}

static int start_scribe(struct plane *p)
{
	const struct scribe_config config = {
		.log_dir = p->options->log_dir,
		.need_socket = hook_scribe_socket,
		.client = p->tls.shared.client,
		.trust = p->tls.shared.system,
		.ctx = p,
		.otlp = p->options->trace.is_recorded ? &p->options->otlp : NULL,
	};

	return scribe_start(&config, &p->logs.scribe);
}

/* Make @p's hooks for the workers; plane_threads_start() takes them. */
void plane_threads_init(struct plane *p)
{
	p->worker_hooks = (struct worker_hooks){
		.need_sockets = hook_need_sockets,
		.target_failed = hook_target_failed,
		.meters = hook_meters,
		.need_cgroup = hook_need_cgroup,
		.log_lines = hook_log_lines,
		.refused = hook_refused,
		.stopped = hook_stopped,
		.ctx = p,
		.tls = &p->tls.shared,
		.region = str_of(p->options->region),
		.trace = plane_trace_rules(p->options),
		.spans = hook_spans,
	};
}

/* Start the scribe, the workers and the name server. 0 or -errno. */
int plane_threads_start(struct plane *p)
{
	int err = start_scribe(p);

	if (!err)
		err = start_workers(p);
	if (!err)
		err = start_dns(p);
	if (err)
		return err;
	p->metrics.dns = p->dns;
	p->pulse = (struct plane_pulse){ .loop = &p->loop,
					 .workers = p->workers,
					 .count = p->worker_count };
	plane_pulse_start(&p->pulse);
	return 0;
}
