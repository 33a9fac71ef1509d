/* SPDX-License-Identifier: Apache-2.0 */
/* From the audit socket to lines. Only the kernel writes to it; it is parsed like anything else. */
#include "latticed/plane_flows.h"

#include "base/clock.h"
#include "base/log.h"
#include "telemetry/flow_event.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

enum {
	MESSAGE_BYTES_MAX = 64 << 10,
	LINES_BYTES_MAX = 1 << 20,
	MESSAGES_A_TURN = 32, /* then others have their turn */
};

/* The VPC in the namespace @inum, or 0. */
static uint32_t find_vpc(const struct plane_flows *p, uint32_t inum)
{
	uint32_t i;

	for (i = 1; inum && i < LATTICE_VPCS_MAX; i++) {
		if (p->inums[i] == inum)
			return i;
	}
	return 0;
}

static void write_records(const struct plane_flows *p, const struct snap_vpc *v,
			  const struct flow_event *e, struct buf *to)
{
	struct flow_place place = { .account = v->account, .region = p->region, .vpc_id = v->id };
	struct lattice_record r;
	size_t i;

	for (i = 0; flow_event_record(e, i, &r); i++) {
		const struct snap_service *s = NULL;

		if (r.flags & LATTICE_RECORD_SERVICE)
			s = snapshot_find_service(*p->snapshot, r.service);
		place.service_id = s ? s->id : STR("");
		flow_line_write(to, p->format, &place, &r);
	}
	if (e->lost > p->lost[v->number])
		flow_line_skipped(to, p->format, &place, clock_wall_ms());
}

static void take_event(struct plane_flows *p, const struct flow_event *e)
{
	uint32_t number = find_vpc(p, e->inum);
	const struct snap_vpc *v = number ? snapshot_find_vpc(*p->snapshot, number) : NULL;
	struct log_batch *b;
	char file[64];
	int n;

	if (!v)
		return; /* of a namespace that went meanwhile */
	b = log_batch_new(0, LINES_BYTES_MAX);
	if (!b)
		return;
	write_records(p, v, e, &b->lines);
	p->lost[number] = e->lost;
	n = snprintf(file, sizeof(file), "flow-" STR_FMT ".log", STR_ARG(v->id));
	if (buf_len(&b->lines) && !b->lines.failed && n > 0 && (size_t)n < sizeof(file)) {
		log_hub_write(&p->hub, log_batch_get(b));
		scribe_write_file(p->logs->scribe, str_of(file), log_batch_get(b));
	}
	log_batch_put(b);
}

static void audit_ready(struct watch *w, uint32_t events)
{
	struct plane_flows *p = container_of(w, struct plane_flows, audit);
	char bytes[MESSAGE_BYTES_MAX];
	struct flow_event e;
	int i;

	(void)events;
	for (i = 0; i < MESSAGES_A_TURN; i++) {
		ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		struct str messages = { bytes, n > 0 ? (size_t)n : 0 };

		if (n < 0 && errno == ENOBUFS && !p->overruns++)
			log_warn("flow log: events come faster than they are read; some are lost");
		if (n < 0 && errno == EAGAIN)
			return;
		while (flow_event_next(&messages, &e))
			take_event(p, &e);
	}
}

/* Take the audit socket and the listener for readers, both in @fds. 0 or -errno. */
int plane_flows_start(struct plane_flows *p, struct link_fds *fds)
{
	int err;

	if (fds->count != 2 || !p->format) {
		link_fds_close(fds);
		return -EBADMSG;
	}
	err = log_hub_init(&p->hub, p->loop, fds->at[1]);
	if (err)
		return err;
	p->audit = (struct watch){ fds->at[0], audit_ready };
	err = loop_add(p->loop, &p->audit, EPOLLIN);
	if (err)
		return err;
	p->is_on = true;
	return 0;
}

/* Part with the readers. */
void plane_flows_stop(struct plane_flows *p)
{
	if (p->is_on)
		log_hub_fini(&p->hub);
	p->is_on = false;
}

/* A LINK_VPC_STATE, which carries the inode number of the namespace. */
void plane_flows_vpc(struct plane_flows *p, const struct link_msg *m)
{
	if (m->vpc >= LATTICE_VPCS_MAX)
		return;
	p->inums[m->vpc] = m->error ? 0 : (uint32_t)m->generation;
	p->lost[m->vpc] = 0;
}

/* For the status: are there flow logs, and if not, why? */
const char *plane_flows_state(const struct plane_flows *p)
{
	if (p->is_on)
		return "on";
	return p->format ? "none: only the kernel module tells of flows" : "off";
}
