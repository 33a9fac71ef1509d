/* SPDX-License-Identifier: Apache-2.0 */
/* The plane's life: it starts, publishes snapshots whenever the store has changed, and drains. */
#include "latticed/plane.h"

#include "base/clock.h"
#include "base/log.h"
#include "latticed/plane_state.h"
#include "latticed/seccomp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { DRAIN_MS_MAX = 8000 }; /* the broker kills after 10 s */

/* The broker is gone or speaks nonsense: end, and be started anew by the next one. */
void plane_fail(struct plane *p, const char *what, int err)
{
	log_error("%s: %s; the plane ends", what, strerror(-err));
	p->has_failed = true;
	loop_stop(&p->loop);
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
		struct worker_letter *l = plane_letter_new(WORKER_SNAPSHOT, 0);

		l->snapshot = snapshot_get(next);
		worker_send(&p->workers[i], l);
	}
	dns_server_publish(p->dns, next);
	for (i = 0; p->snapshot && i < shelf_end(&p->snapshot->vpcs); i++) {
		if (!snapshot_find_vpc(p->snapshot, i) || snapshot_find_vpc(next, i))
			continue;
		plane_tell_workers(p, WORKER_VPC_GONE, i);
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

/* Lines are written only while somebody reads them. */
static void log_readers_changed(struct log_hub *h)
{
	struct plane *p = container_of(h, struct plane, logs.hub);
	unsigned i;

	atomic_store(&p->logs.has_readers, h->reader_count > 0);
	for (i = 0; i < p->worker_count; i++) {
		struct worker_letter *l = plane_letter_new(WORKER_LOG, 0);

		l->is_on = h->reader_count > 0;
		worker_send(&p->workers[i], l);
	}
}

static void drain_expired(struct timer *t)
{
	struct plane *p = container_of(t, struct plane, drain_deadline);

	if (p->workers_stopped < p->worker_count)
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
	plane_tell_workers(p, WORKER_DRAIN, 0);
	timer_arm(&p->loop, &p->drain_deadline, DRAIN_MS_MAX);
}

/* Each worker gets its own copy. */
static void tickets_rotated(struct plane_tls *t)
{
	struct plane *p = container_of(t, struct plane, tls);
	unsigned i;

	for (i = 0; i < p->worker_count; i++) {
		struct worker_letter *l = plane_letter_new(WORKER_TICKETS, 0);

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

static int plane_start(struct plane *p)
{
	int err;

	err = loop_init(&p->loop);
	if (!err)
		err = inbox_init(&p->inbox, &p->loop, plane_open_letter);
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
		err = plane_threads_start(p);
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
	if (!err)
		err = plane_counters_start(&p->counters);
	if (!err) {
		p->usage.store = p->store;
		plane_usage_start(&p->usage);
	}
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
	p->link.take = plane_broker_take;
	p->vpcs.link = &p->link;
	p->counters = (struct plane_counters){ .loop = &p->loop, .link = &p->link };
	p->counters.vpcs = &p->vpcs;
	p->usage.loop = &p->loop;
	p->usage.snapshot = &p->snapshot;
	p->trace = (struct plane_trace){ .loop = &p->loop, .logs = &p->logs };
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
					     .counters = p->counters.at,
					     .pulse = &p->pulse,
					     .usage = &p->usage,
					     .started_ms = clock_wall_ms() };
	p->publish.run = publish_if_stale;
	p->drain_deadline.expired = drain_expired;
	plane_api_init(p);
	plane_threads_init(p);
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
	plane_usage_stop(&p->usage);
	store_close(p->store);
	return p->has_failed ? 1 : 0;
}
