/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plane: the control thread's loop with the API, the store, the broker's line and the log
 * readers, and the workers beside it. Everything here belongs to the control thread, but for the
 * worker hooks, which say so.
 */
#include "latticed/plane.h"

#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "health/prober.h"
#include "latticed/options.h"
#include "latticed/plane_dns.h"
#include "latticed/plane_flows.h"
#include "latticed/plane_link.h"
#include "latticed/plane_logs.h"
#include "latticed/plane_metrics.h"
#include "latticed/plane_refusals.h"
#include "latticed/plane_status.h"
#include "latticed/plane_tls.h"
#include "latticed/plane_vpcs.h"
#include "latticed/seccomp.h"
#include "proxy/worker.h"
#include "store/compile.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { DRAIN_MS_MAX = 8000 }; /* the broker kills after 10 s */

enum plane_letter_kind {
	PLANE_LOG,
	PLANE_METERS,
	PLANE_NEED_SOCKETS,
	PLANE_TARGET_FAILED,
	PLANE_REFUSED,
	PLANE_WORKER_STOPPED,
};

struct sockets_letter {
	struct letter letter;
	struct link_msg msg;
};

struct failure_letter {
	struct letter letter;
	uint32_t vpc;
	struct sock_addr addr;
};

struct plane {
	const struct options *options;
	struct loop loop;
	struct inbox inbox;
	struct plane_link link;
	struct watch signals;
	struct turn_end publish;
	struct timer drain_deadline;
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
	struct dns_server *dns;
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

/* The broker is gone or speaks nonsense: end, and be started anew by the next one. */
static void plane_fail(struct plane *p, const char *what, int err)
{
	log_error("%s: %s; the plane ends", what, strerror(-err));
	p->has_failed = true;
	loop_stop(&p->loop);
}

static struct worker_letter *letter_to_worker(enum worker_letter_kind kind, uint32_t vpc)
{
	struct worker_letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort(); /* the broker starts a plane that has memory again */
	l->letter.kind = kind;
	l->vpc = vpc;
	return l;
}

static void tell_workers(struct plane *p, enum worker_letter_kind kind, uint32_t vpc)
{
	unsigned i;

	for (i = 0; i < p->worker_count; i++)
		worker_send(&p->workers[i], letter_to_worker(kind, vpc));
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
static void hook_log_lines(void *ctx, struct str lines, struct str marks)
{
	plane_logs_take(&((struct plane *)ctx)->logs, lines, marks);
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

static void open_letter(struct inbox *i, struct letter *letter)
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
	case PLANE_WORKER_STOPPED:
		free(letter);
		if (++p->workers_stopped == p->worker_count)
			loop_stop(&p->loop);
		break;
	}
}

/* A VPC that is gone, or comes anew, must not keep anything of its old namespace. */
static void take_vpc_state(struct plane *p, const struct link_msg *m, struct link_fds *fds)
{
	unsigned i, k;
	int err;

	plane_flows_vpc(&p->flows, m);
	plane_dns_take_vpc(p->dns, m, fds);
	if (m->error ||
	    (fds->count != p->worker_count && fds->count != WORKER_FAMILIES * p->worker_count)) {
		tell_workers(p, WORKER_VPC_GONE, m->vpc);
		link_fds_close(fds);
	}
	for (i = 0; fds->count && i < p->worker_count; i++) {
		struct worker_letter *l = letter_to_worker(WORKER_LISTENER, m->vpc);

		for (k = i; k < fds->count; k += p->worker_count)
			l->fds[l->fd_count++] = fds->at[k];
		worker_send(&p->workers[i], l);
	}
	prober_vpc_changed(&p->prober, m->vpc, m->error != 0);
	err = plane_vpcs_answer(&p->vpcs, p->snapshot, m);
	if (err)
		plane_fail(p, "line to the broker", err);
}

static void take_sockets(struct plane *p, const struct link_msg *m, struct link_fds *fds)
{
	struct worker_letter *l;

	if (m->generation && fds->count <= 1) {
		prober_take_socket(&p->prober, m->generation, fds->count ? fds->at[0] : -1);
		return;
	}
	if (m->worker >= p->worker_count || fds->count > WORKER_FDS_MAX) {
		link_fds_close(fds);
		return;
	}
	l = letter_to_worker(WORKER_SOCKETS, m->vpc);
	l->family = (uint16_t)m->family;
	l->fd_count = fds->count;
	memcpy(l->fds, fds->at, fds->count * sizeof(int));
	worker_send(&p->workers[m->worker], l);
}

/* Where a cgroup is that a worker asked for; nowhere, when it is gone. */
static void take_cgroup(struct plane *p, const struct link_msg *m)
{
	struct worker_letter *l;

	if (m->worker >= p->worker_count)
		return;
	l = letter_to_worker(WORKER_CGROUP, 0);
	l->cgroup = m->generation;
	l->path = strndup(m->error ? "" : m->cgroup, sizeof(m->cgroup) - 1);
	if (!l->path)
		abort();
	worker_send(&p->workers[m->worker], l);
}

static void take_message(struct plane_link *l, const struct link_msg *m, struct link_fds *fds,
			 int err)
{
	struct plane *p = container_of(l, struct plane, link);

	if (!m) {
		plane_fail(p, "line to the broker", err);
		return;
	}
	switch (m->kind) {
	case LINK_VPC_STATE:
		take_vpc_state(p, m, fds);
		break;
	case LINK_TABLE_DONE:
		if (m->error)
			log_error("vpc %u: steering table refused (%s); the old one stays in force",
				  m->vpc, strerror(-m->error));
		err = plane_vpcs_answer(&p->vpcs, p->snapshot, m);
		if (err)
			plane_fail(p, "line to the broker", err);
		break;
	case LINK_SOCKETS:
		take_sockets(p, m, fds);
		break;
	case LINK_HOST_SOCKETS:
		if (m->worker == PLANE_SCRIBE)
			plane_logs_give_socket(&p->logs, m, fds);
		else if (m->worker == PLANE_DNS)
			dns_server_give_sockets(p->dns, m, fds);
		else
			take_sockets(p, m, fds);
		break;
	case LINK_FLOWS:
		if (plane_flows_start(&p->flows, fds))
			plane_fail(p, "flow logs", -EBADMSG);
		break;
	case LINK_METRICS:
		if (fds->count != 1 || api_listen_metrics(p->api, fds->at[0]))
			plane_fail(p, "listener for metrics", -EBADMSG);
		break;
	case LINK_SIGNED:
		if (fds->count != 1 || api_listen_signed(p->api, fds->at[0]))
			plane_fail(p, "listener of the API on TCP", -EBADMSG);
		break;
	case LINK_CGROUP:
		take_cgroup(p, m);
		break;
	case LINK_REOPEN:
		scribe_reopen(p->logs.scribe);
		break;
	default:
		link_fds_close(fds);
		plane_fail(p, "unknown message from the broker", -EBADMSG);
	}
}

/* Compile the store and give the result to everyone; a snapshot that fails leaves the old one. */
static int publish(struct plane *p)
{
	struct snapshot *next;
	struct fault fault = { 0 };
	unsigned i;
	int err;

	err = compiler_run(p->compiler, p->generation + 1, &next, &fault);
	if (err) {
		log_error("configuration does not compile (%s); generation %llu stays in force",
			  fault.message, (unsigned long long)p->generation);
		return 0;
	}
	p->generation++;
	if (prober_sync(&p->prober, next))
		log_error("out of memory: some targets are not checked");
	scribe_publish(p->logs.scribe, snapshot_get(next));
	for (i = 0; i < p->worker_count; i++) {
		struct worker_letter *l = letter_to_worker(WORKER_SNAPSHOT, 0);

		l->snapshot = snapshot_get(next);
		worker_send(&p->workers[i], l);
	}
	dns_server_publish(p->dns, next);
	for (i = 0; p->snapshot && i < shelf_end(&p->snapshot->vpcs); i++) {
		if (!snapshot_find_vpc(p->snapshot, i) || snapshot_find_vpc(next, i))
			continue;
		tell_workers(p, WORKER_VPC_GONE, i);
		dns_server_drop_vpc(p->dns, i);
	}
	err = plane_vpcs_publish(&p->vpcs, p->snapshot, next);
	snapshot_put(p->snapshot);
	p->snapshot = next;
	return err;
}

static void publish_if_stale(struct turn_end *t)
{
	struct plane *p = container_of(t, struct plane, publish);
	int err;

	if (!p->is_stale)
		return;
	p->is_stale = false;
	err = publish(p);
	if (err)
		plane_fail(p, "line to the broker", err);
}

static void api_changed(void *ctx)
{
	((struct plane *)ctx)->is_stale = true;
}

static struct str api_vpc_state(void *ctx, uint32_t number, struct str *ret_reason)
{
	return plane_vpcs_state(&((struct plane *)ctx)->vpcs, number, ret_reason);
}

static void api_status(void *ctx, struct cJSON *into)
{
	struct plane *p = ctx;

	cJSON_AddNumberToObject(into, "generation", (double)p->generation);
	cJSON_AddNumberToObject(into, "workers", p->worker_count);
	plane_status_steer(p->steer, into);
	plane_status_vpcs(&p->vpcs, p->snapshot, into);
	plane_logs_status(&p->logs, into);
	cJSON_AddStringToObject(into, "flowLogs", plane_flows_state(&p->flows));
	plane_tls_status(p->workers, p->worker_count, into);
}

/* The prober's sockets come back with its tag as their generation. */
static void prober_need_socket(void *ctx, uint32_t vpc, uint16_t family, uint64_t tag)
{
	struct plane *p = ctx;
	const struct link_msg m = {
		.kind = LINK_SOCKETS, .vpc = vpc, .generation = tag, .count = 1, .family = family
	};
	int err = plane_link_send(&p->link, &m);

	if (err)
		plane_fail(p, "line to the broker", err);
}

static bool api_target_status(void *ctx, struct str group_id, const struct sock_addr *addr,
			      struct str *ret_status, struct str *ret_reason)
{
	struct prober_status s;

	if (!prober_find(&((struct plane *)ctx)->prober, group_id, addr, &s))
		return false;
	*ret_status = s.status;
	*ret_reason = s.reason;
	return true;
}

static const struct snapshot *api_snapshot(void *ctx)
{
	return ((struct plane *)ctx)->snapshot;
}

static const struct refusal *api_refusal(void *ctx, struct str id)
{
	return plane_refusals_find(&((struct plane *)ctx)->refusals, id);
}

static bool api_target_draining(void *ctx, struct str group_id, size_t nth, struct sock_addr *ret)
{
	return prober_find_draining(&((struct plane *)ctx)->prober, group_id, nth, ret);
}

static void api_metrics(void *ctx, struct buf *to)
{
	struct plane *p = ctx;

	p->metrics.worker_count = p->worker_count;
	p->metrics.generation = p->generation;
	plane_metrics_write(&p->metrics, p->snapshot, to);
}

static void api_service_metrics(void *ctx, struct cJSON *into)
{
	struct plane *p = ctx;

	plane_metrics_services(&p->metrics, p->snapshot, into);
}

/* Lines are written only while somebody reads them. */
static void log_readers_changed(struct log_hub *h)
{
	struct plane *p = container_of(h, struct plane, logs.hub);
	unsigned i;

	atomic_store(&p->logs.has_readers, h->reader_count > 0);
	for (i = 0; i < p->worker_count; i++) {
		struct worker_letter *l = letter_to_worker(WORKER_LOG, 0);

		l->is_on = h->reader_count > 0;
		worker_send(&p->workers[i], l);
	}
}

static void drain_expired(struct timer *t)
{
	struct plane *p = container_of(t, struct plane, drain_deadline);

	log_warn("requests still in flight after %d ms are cut", DRAIN_MS_MAX);
	loop_stop(&p->loop);
}

static void signal_ready(struct watch *w, uint32_t events)
{
	struct plane *p = container_of(w, struct plane, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != sizeof(info) || timer_is_armed(&p->drain_deadline))
		return;
	tell_workers(p, WORKER_DRAIN, 0);
	timer_arm(&p->loop, &p->drain_deadline, DRAIN_MS_MAX);
}

/* Each worker gets its own copy. */
static void tickets_rotated(struct plane_tls *t)
{
	struct plane *p = container_of(t, struct plane, tls);
	unsigned i;

	for (i = 0; i < p->worker_count; i++) {
		struct worker_letter *l = letter_to_worker(WORKER_TICKETS, 0);

		l->tickets = t->tickets;
		worker_send(&p->workers[i], l);
	}
}

static int watch_signals(struct plane *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p->signals = (struct watch){ signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), signal_ready };
	if (p->signals.fd < 0)
		return -errno;
	return loop_add(&p->loop, &p->signals, EPOLLIN);
}

/* The broker's first message brings the listening sockets that outlive us. */
static int greet(struct plane *p)
{
	struct link_fds fds;
	struct link_msg m;
	int err;

	/* The line does not block, and nothing can be done before the broker speaks. */
	do {
		struct pollfd pfd = { .fd = p->link.watch.fd, .events = POLLIN };

		poll(&pfd, 1, -1);
		err = link_recv(p->link.watch.fd, &m, &fds);
	} while (err == -EAGAIN);
	if (err)
		return err;
	if (m.kind != LINK_HELLO || fds.count != 2) {
		link_fds_close(&fds);
		return -EBADMSG;
	}
	snprintf(p->steer, sizeof(p->steer), "%.*s", (int)sizeof(m.path) - 1, m.path);
	err = api_listen(p->api, fds.at[0]);
	if (!err)
		err = log_hub_init(&p->logs.hub, &p->loop, fds.at[1]);
	p->logs.hub.has_changed = log_readers_changed;
	return err;
}

static int open_store(struct plane *p)
{
	struct api_config config = {
		.loop = &p->loop,
		.region = str_of(p->options->region),
		.account = str_of(p->options->account),
		.hooks = &p->api_hooks,
		.quotas = &p->options->quotas,
		.pool = &p->options->pool,
	};
	struct fault fault = { 0 };
	char path[512];
	int n, err;

	n = snprintf(path, sizeof(path), "%s/lattice.db", p->options->state_dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	err = store_open_sqlite(path, &p->store, &fault);
	if (err) {
		log_error("store %s: %s", path, fault.message);
		return err;
	}
	err = plane_tls_open(&p->tls, &p->loop, p->options->state_dir);
	if (err)
		return err;
	p->prober.hooks.tls = p->tls.shared.client;
	config.store = p->store;
	config.vault = p->tls.vault;
	p->worker_hooks.vault = p->tls.vault;
	config.ca = p->tls.ca;
	p->compiler = compiler_new(p->store, &p->options->pool);
	if (!p->compiler)
		return -ENOMEM;
	compiler_use_certificates(p->compiler, p->tls.certificates);
	return api_new(&config, &p->api);
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

static int start_dns(struct plane *p)
{
	const struct dns_config config = {
		.region = str_of(p->options->region),
		.resolv_conf = p->options->resolv_conf,
		.need_sockets = hook_dns_sockets,
		.ctx = p,
	};

	return dns_server_start(&config, &p->dns);
}

static int start_scribe(struct plane *p)
{
	const struct scribe_config config = {
		.log_dir = p->options->log_dir,
		.need_socket = hook_scribe_socket,
		.ctx = p,
	};

	return scribe_start(&config, &p->logs.scribe);
}

static int plane_start(struct plane *p)
{
	int err;

	err = loop_init(&p->loop);
	if (!err)
		err = inbox_init(&p->inbox, &p->loop, open_letter);
	plane_refusals_init(&p->refusals);
	prober_init(&p->prober, &p->loop,
		    &(struct prober_hooks){ .need_socket = prober_need_socket, .ctx = p });
	if (!err)
		err = watch_signals(p);
	if (!err)
		err = open_store(p);
	if (!err)
		err = greet(p);
	if (!err)
		err = start_scribe(p);
	if (!err)
		err = start_workers(p);
	if (!err)
		err = start_dns(p);
	if (!err)
		err = plane_sandbox();
	if (!err)
		err = publish(p);
	if (!err && !p->snapshot)
		err = -EINVAL;
	if (!err)
		plane_tls_start(&p->tls, p->store);
	if (!err)
		err = plane_link_watch(&p->link);
	loop_each_turn(&p->loop, &p->publish);
	return err;
}

/*
 * Run the plane on the broker's line @link_fd until SIGTERM or the broker's end. Returns the
 * process's exit status. The kernel takes back what is still held: the process ends here.
 */
int plane_main(int link_fd, const struct options *o)
{
	struct plane *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return 1;
	p->options = o;
	plane_link_init(&p->link, &p->loop, link_fd);
	p->link.take = take_message;
	p->vpcs.link = &p->link;
	p->logs.inbox = &p->inbox;
	p->logs.letter_kind = PLANE_LOG;
	p->flows = (struct plane_flows){ .loop = &p->loop,
					 .logs = &p->logs,
					 .region = str_of(o->region),
					 .format = o->flow_format.count ? &o->flow_format : NULL,
					 .snapshot = &p->snapshot };
	p->metrics = (struct plane_metrics){ .inbox = &p->inbox,
					     .letter_kind = PLANE_METERS,
					     .prober = &p->prober,
					     .logs = &p->logs,
					     .started_ms = clock_wall_ms() };
	p->publish.run = publish_if_stale;
	p->drain_deadline.expired = drain_expired;
	p->api_hooks = (struct api_hooks){
		.changed = api_changed,
		.vpc_state = api_vpc_state,
		.status = api_status,
		.target_status = api_target_status,
		.target_draining = api_target_draining,
		.snapshot = api_snapshot,
		.refusal = api_refusal,
		.metrics = api_metrics,
		.service_metrics = api_service_metrics,
		.ctx = p,
	};
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
		.region = str_of(o->region),
	};
	p->tls.rotated = tickets_rotated;
	err = plane_start(p);
	if (err) {
		log_error("plane cannot start: %s", strerror(-err));
		return 1;
	}
	log_info("plane serves generation=%llu workers=%u", (unsigned long long)p->generation,
		 p->worker_count);
	loop_run(&p->loop);
	dns_server_stop(p->dns);
	prober_fini(&p->prober);
	plane_refusals_fini(&p->refusals);
	log_hub_fini(&p->logs.hub);
	plane_flows_stop(&p->flows);
	scribe_stop(p->logs.scribe);
	compiler_free(p->compiler);
	store_close(p->store);
	return p->has_failed ? 1 : 0;
}
