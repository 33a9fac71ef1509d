/* SPDX-License-Identifier: Apache-2.0 */
/* What is not known of a VPC has no sample: 0 would say that nothing happened. */
#include "telemetry/metrics_vpc.h"

#include "telemetry/metrics_text.h"

static const char *const verdicts[STEER_VERDICTS] = {
	[STEER_STEERED] = "steered",   [STEER_NO_SOCKET] = "no_socket",
	[STEER_FILTERED] = "filtered", [STEER_NO_SERVICE] = "no_service",
	[STEER_NOT_TCP] = "not_tcp",   [STEER_MALFORMED] = "malformed",
};

/* "NAME_total{vpc_id="...",vpc="..."": more labels may follow. */
static void add_name(struct buf *to, const char *name, const struct snap_vpc *v)
{
	buf_addf(to, "%s_total{", name);
	metrics_text_label(to, "vpc_id", v->id);
	metrics_text_label(to, "vpc", v->name);
}

static void add_count(struct buf *to, uint64_t n)
{
	buf_add_lit(to, "} ");
	buf_add_u64(to, n);
	buf_add_char(to, '\n');
}

static void write_verdicts(struct buf *to, const struct metrics_source *s)
{
	static const struct metrics_about about = {
		"lattice_vpc_kernel_verdicts", "counter", NULL,
		"What the kernel did with connection attempts, and with packets that are none."
	};
	size_t n;
	int i;

	metrics_text_about(to, &about);
	for (n = 0; n < shelf_end(&s->snapshot->vpcs); n++) {
		const struct snap_vpc *v = shelf_at(&s->snapshot->vpcs, n);

		for (i = 0; v && i < STEER_VERDICTS; i++) {
			const struct steer_counters *c = &s->counters[v->number];

			if (!(c->known & 1U << i))
				continue;
			add_name(to, about.name, v);
			metrics_text_label(to, "verdict", str_of(verdicts[i]));
			add_count(to, c->at[i]);
		}
	}
}

static void write_lost(struct buf *to, const struct metrics_source *s)
{
	static const struct metrics_about about = {
		"lattice_vpc_kernel_audit_events_lost", "counter", NULL,
		"Events of the module's audit that nobody took in time."
	};
	size_t n;

	metrics_text_about(to, &about);
	for (n = 0; n < shelf_end(&s->snapshot->vpcs); n++) {
		const struct snap_vpc *v = shelf_at(&s->snapshot->vpcs, n);

		if (!v || !(s->counters[v->number].known & 1U << STEER_AUDIT_LOST))
			continue;
		add_name(to, about.name, v);
		add_count(to, s->counters[v->number].at[STEER_AUDIT_LOST]);
	}
}

void metrics_vpc_write(struct buf *to, const struct metrics_source *s)
{
	if (!s->counters)
		return;
	write_verdicts(to, s);
	write_lost(to, s);
}
