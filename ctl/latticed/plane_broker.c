/* SPDX-License-Identifier: Apache-2.0 */
/* What the broker says: namespaces and sockets for the threads that asked, and listeners. */
#include "base/log.h"
#include "latticed/plane_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A VPC that is gone, or comes anew, must not keep anything of its old namespace. */
static void take_vpc_state(struct plane *p, const struct link_msg *m, struct link_fds *fds)
{
	unsigned i, k;
	int err;

	plane_flows_vpc(&p->flows, m);
	plane_counters_vpc(&p->counters, m);
	plane_dns_take_vpc(p->dns, m, fds);
	if (m->error ||
	    (fds->count != p->worker_count && fds->count != WORKER_FAMILIES * p->worker_count)) {
		plane_tell_workers(p, WORKER_VPC_GONE, m->vpc);
		link_fds_close(fds);
	}
	for (i = 0; fds->count && i < p->worker_count; i++) {
		struct worker_letter *l = plane_letter_new(WORKER_LISTENER, m->vpc);

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
	l = plane_letter_new(WORKER_SOCKETS, m->vpc);
	l->family = (uint16_t)m->family;
	l->fd_count = fds->count;
	memcpy(l->fds, fds->at, fds->count * sizeof(int));
	worker_send(&p->workers[m->worker], l);
}

/* Sockets of the API beside the first. */
static void take_api_listeners(struct plane *p, const struct link_msg *m,
			       const struct link_fds *fds)
{
	unsigned i;
	int err = 0;

	for (i = 0; !err && i < fds->count; i++)
		err = m->kind == LINK_SIGNED ? api_listen_signed(p->api, fds->at[i])
					     : api_listen(p->api, fds->at[i]);
	if (err)
		plane_fail(p, "a socket of the API", err);
}

/* Where a cgroup is that a worker asked for; nowhere, when it is gone. */
static void take_cgroup(struct plane *p, const struct link_msg *m)
{
	struct worker_letter *l;

	if (m->worker >= p->worker_count)
		return;
	l = plane_letter_new(WORKER_CGROUP, 0);
	l->cgroup = m->generation;
	l->path = strndup(m->error ? "" : m->cgroup, sizeof(m->cgroup) - 1);
	if (!l->path)
		abort();
	worker_send(&p->workers[m->worker], l);
}

/* Take a message; without one the line has ended with @err. */
void plane_broker_take(struct plane_link *l, const struct link_msg *m, struct link_fds *fds,
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
	case LINK_PEERS:
	case LINK_SIGNED:
		take_api_listeners(p, m, fds);
		break;
	case LINK_CGROUP:
		take_cgroup(p, m);
		break;
	case LINK_COUNTERS:
		err = plane_counters_take(&p->counters, m);
		if (err)
			plane_fail(p, "line to the broker", err);
		break;
	case LINK_ALIVE:
		err = plane_link_send(&p->link, &(struct link_msg){ .kind = LINK_ALIVE });
		if (err)
			plane_fail(p, "line to the broker", err);
		break;
	case LINK_REOPEN:
		scribe_reopen(p->logs.scribe);
		break;
	default:
		link_fds_close(fds);
		plane_fail(p, "unknown message from the broker", -EBADMSG);
	}
}
