/* SPDX-License-Identifier: Apache-2.0 */
/* What is not known of a VPC has no sample: 0 would say that nothing happened. */
#include "telemetry/metrics_vpc.h"

#include "telemetry/metrics_text.h"

static const char *const verdicts[STEER_VERDICTS] = {
	[STEER_STEERED] = "steered",   [STEER_NO_SOCKET] = "no_socket",
	[STEER_FILTERED] = "filtered", [STEER_NO_SERVICE] = "no_service",
	[STEER_NOT_TCP] = "not_tcp",   [STEER_MALFORMED] = "malformed",
};

static void add_labels(struct buf *to, const struct snap_vpc *v)
{
	metrics_text_label(to, "vpc_id", v->id);
	metrics_text_label(to, "vpc", v->name);
}

/* "NAME_total{vpc_id="...",vpc="..."": more labels may follow. */
static void add_name(struct buf *to, const char *name, const struct snap_vpc *v)
{
	buf_addf(to, "%s_total{", name);
	add_labels(to, v);
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

/* All that is told of the name server in a VPC: a family each. */
enum dns_family { DNS_QUERIES, DNS_RESPONSES, DNS_WAITING, DNS_FAMILIES };

static const struct metrics_about dns_about[DNS_FAMILIES] = {
	[DNS_QUERIES] = { "lattice_vpc_dns_queries", "counter", NULL,
			  "Questions of clients in the VPC, by what became of them." },
	[DNS_RESPONSES] = { "lattice_vpc_dns_responses", "counter", NULL,
			    "Answers to clients in the VPC, by their code." },
	[DNS_WAITING] = { "lattice_vpc_dns_waiting", "gauge", NULL,
			  "Clients in the VPC that wait for an answer of the host's resolvers." },
};

/* Counters that differ in one label. */
struct series {
	const char *label;
	const char *const *words;
	const uint64_t *counts;
	int count;
};

static void add_series(struct buf *to, const char *name, const struct snap_vpc *v,
		       const struct series *of)
{
	int i;

	for (i = 0; i < of->count; i++) {
		add_name(to, name, v);
		metrics_text_label(to, of->label, str_of(of->words[i]));
		add_count(to, of->counts[i]);
	}
}

static void write_dns_of(struct buf *to, enum dns_family family, const struct snap_vpc *v,
			 const struct dns_counts *c)
{
	static const char *const fates[DNS_FATES] = {
		[DNS_FATE_OWN] = "own",
		[DNS_FATE_CACHED] = "cached",
		[DNS_FATE_FORWARDED] = "forwarded",
		[DNS_FATE_TOO_MANY] = "too_many",
		[DNS_FATE_REFUSED] = "refused",
		[DNS_FATE_DROPPED] = "dropped",
	};
	static const char *const rcodes[DNS_RESULTS] = { "NOERROR",  "FORMERR", "SERVFAIL",
							 "NXDOMAIN", "NOTIMP",	"REFUSED",
							 "other" };
	const char *name = dns_about[family].name;

	switch (family) {
	case DNS_QUERIES:
		add_series(to, name, v, &(struct series){ "kind", fates, c->queries, DNS_FATES });
		break;
	case DNS_RESPONSES:
		add_series(to, name, v,
			   &(struct series){ "rcode", rcodes, c->responses, DNS_RESULTS });
		break;
	default:
		buf_addf(to, "%s{", name);
		add_labels(to, v);
		add_count(to, c->waiting);
	}
}

static void write_dns(struct buf *to, const struct metrics_source *s, enum dns_family family)
{
	struct dns_counts counts;
	size_t n;

	metrics_text_about(to, &dns_about[family]);
	for (n = 0; n < shelf_end(&s->snapshot->vpcs); n++) {
		const struct snap_vpc *v = shelf_at(&s->snapshot->vpcs, n);

		if (!v)
			continue;
		s->dns(s->ctx, v->number, &counts);
		write_dns_of(to, family, v, &counts);
	}
}

void metrics_vpc_write(struct buf *to, const struct metrics_source *s)
{
	enum dns_family family;

	if (s->counters) {
		write_verdicts(to, s);
		write_lost(to, s);
	}
	for (family = 0; s->dns && family < DNS_FAMILIES; family++)
		write_dns(to, s, family);
}
