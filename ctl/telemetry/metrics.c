/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenMetrics 1.0: a family is its metadata and then all its samples, so the outer loop is over
 * families and the inner one over resources.
 */
#include "telemetry/metrics.h"

#include "base/array.h"
#include "model/snap_function.h"
#include "telemetry/metrics_text.h"
#include "telemetry/metrics_vpc.h"
#include "telemetry/metrics_worker.h"

#include <stdio.h>

enum scope { SCOPE_SERVICE, SCOPE_GROUP, SCOPE_TARGET, SCOPE_NETWORK, SCOPE_VPC };

static const char *const scope_words[] = {
	[SCOPE_SERVICE] = "service", [SCOPE_GROUP] = "target_group",
	[SCOPE_TARGET] = "target",   [SCOPE_NETWORK] = "network",
	[SCOPE_VPC] = "vpc",
};

enum kind_of_family { FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_TIME };

static const struct family {
	enum scope scope;
	const char *name;
	enum kind_of_family kind;
	unsigned which; /* enum meter_count or meter_gauge */
	const char *unit;
	const char *help;
} families[] = {
#define X(scope, name, kind, which, unit, help) \
	{ SCOPE_##scope, name, FAMILY_##kind, METER_##which, unit, help },
#include "telemetry/metrics.def"
#undef X
};

/* One writing. */
struct writing {
	struct buf *to;
	const struct metrics_source *s;
};

/* What a family's samples are of. */
struct item {
	const struct snap_service *service;
	const struct snap_target_group *group;
	const struct snap_target *target;
	const struct snap_network *network;
	const struct snap_vpc *vpc;
};

static void add_labels(struct buf *to, enum scope scope, const struct item *i)
{
	char text[SOCK_ADDR_TEXT_MAX];

	switch (scope) {
	case SCOPE_SERVICE:
		metrics_text_label(to, "service_id", i->service->id);
		metrics_text_label(to, "service", i->service->name);
		break;
	case SCOPE_TARGET:
		metrics_text_label(to, "target",
				   i->target->addr.family == AF_UNSPEC && i->target->function
					   ? i->target->function->host
					   : sock_addr_write(&i->target->addr, text));
		metrics_text_label(to, "vpc_id", i->group->vpc_id);
		/* fall through */
	case SCOPE_GROUP:
		metrics_text_label(to, "target_group_id", i->group->id);
		break;
	case SCOPE_NETWORK:
		metrics_text_label(to, "network_id", i->network->id);
		break;
	case SCOPE_VPC:
		metrics_text_label(to, "vpc_id", i->vpc->id);
		metrics_text_label(to, "vpc", i->vpc->name);
		break;
	}
}

static void add_name(struct buf *to, const struct family *f, const char *suffix)
{
	buf_add_lit(to, "lattice_");
	buf_add(to, str_of(scope_words[f->scope]));
	buf_add_char(to, '_');
	buf_add(to, str_of(f->name));
	buf_add(to, str_of(suffix));
}

static void add_metadata(struct buf *to, const struct family *f)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	char name[96];
	struct buf b;

	buf_init(&b, sizeof(name));
	add_name(&b, f, "");
	memcpy(name, b.p, buf_len(&b));
	name[buf_len(&b)] = '\0';
	buf_fini(&b);
	metrics_text_about(to, &(struct metrics_about){ name, types[f->kind], f->unit, f->help });
}

/* Seconds with six digits behind the point. */
static void add_us(struct buf *to, uint64_t us)
{
	buf_addf(to, "%llu.%06llu", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us % 1000000));
}

static void add_sample(struct buf *to, const struct family *f, const struct item *i,
		       const char *suffix)
{
	add_name(to, f, suffix);
	buf_add_char(to, '{');
	add_labels(to, f->scope, i);
}

static void add_times(struct buf *to, const struct family *f, const struct item *i,
		      const struct meter *m)
{
	uint64_t sum = 0;
	size_t k;

	for (k = 0; k < METER_BUCKETS; k++) {
		sum += m->buckets[k];
		add_sample(to, f, i, "_bucket");
		buf_add_lit(to, ",le=\"");
		if (k < ARRAY_SIZE(meter_bounds_us))
			add_us(to, meter_bounds_us[k]);
		else
			buf_add_lit(to, "+Inf");
		buf_add_lit(to, "\"} ");
		buf_add_u64(to, sum);
		buf_add_char(to, '\n');
	}
	add_sample(to, f, i, "_count");
	buf_add_lit(to, "} ");
	buf_add_u64(to, sum);
	buf_add_char(to, '\n');
	add_sample(to, f, i, "_sum");
	buf_add_lit(to, "} ");
	add_us(to, m->counts[METER_REQUEST_US]);
	buf_add_char(to, '\n');
}

static const struct meter *find_meter(const struct writing *w, enum scope scope,
				      const struct item *i)
{
	const struct sock_addr none = { 0 };
	struct meters *book = w->s->book;

	switch (scope) {
	case SCOPE_SERVICE:
		return meters_find(book, i->service->id);
	case SCOPE_GROUP:
		return meters_find(book, i->group->id);
	case SCOPE_TARGET:
		return meters_find_target(book, i->target->vpc, &i->target->addr);
	case SCOPE_NETWORK:
		return meters_find(book, i->network->id);
	case SCOPE_VPC:
		return meters_find_target(book, i->vpc->number, &none);
	}
	return NULL;
}

/* Connections are counted by target, whichever group they serve: a group's are its targets'. */
static bool is_of_targets(const struct family *f)
{
	if (f->scope != SCOPE_GROUP)
		return false;
	return f->kind == FAMILY_COUNTER ? f->which >= METER_CONNECTIONS
					 : f->which == METER_ACTIVE_CONNECTIONS;
}

static void sum_targets(const struct writing *w, const struct item *i, struct meter *sum)
{
	size_t t, k;

	for (t = 0; t < i->group->target_count; t++) {
		const struct snap_target *target = &i->group->targets[t];
		const struct meter *m = meters_find_target(w->s->book, target->vpc, &target->addr);

		for (k = 0; m && k < METER_COUNTS; k++)
			sum->counts[k] += m->counts[k];
		for (k = 0; m && k < METER_GAUGES; k++)
			sum->gauges[k] += m->gauges[k];
	}
}

/* The sample of @i; what nothing was counted of is 0, but has no histogram. */
static void write_item(const struct writing *w, const struct family *f, const struct item *i)
{
	static const struct meter zero;
	const struct meter *m = find_meter(w, f->scope, i);
	struct meter sum;

	if (f->kind == FAMILY_TIME) {
		if (m)
			add_times(w->to, f, i, m);
		return;
	}
	if (is_of_targets(f)) {
		memset(&sum, 0, sizeof(sum));
		sum_targets(w, i, &sum);
		m = &sum;
	}
	if (!m)
		m = &zero;
	add_sample(w->to, f, i, f->kind == FAMILY_COUNTER ? "_total" : "");
	buf_add_lit(w->to, "} ");
	if (f->kind == FAMILY_COUNTER)
		buf_add_u64(w->to, m->counts[f->which]);
	else
		buf_addf(w->to, "%lld", (long long)m->gauges[f->which]);
	buf_add_char(w->to, '\n');
}

static void each_target(const struct writing *w, const struct family *f,
			void (*run)(const struct writing *, const struct family *,
				    const struct item *))
{
	const struct shelf *groups = &w->s->snapshot->groups;
	size_t n, t;

	for (n = 0; n < shelf_end(groups); n++) {
		struct item i = { .group = shelf_at(groups, n) };

		for (t = 0; i.group && t < i.group->target_count; t++) {
			i.target = &i.group->targets[t];
			run(w, f, &i);
		}
	}
}

/* What stands at place @n of a scope's shelf; an item of nothing where that is empty. */
static struct item item_at(const struct snapshot *s, enum scope scope, size_t n)
{
	switch (scope) {
	case SCOPE_SERVICE:
		return (struct item){ .service = shelf_at(&s->services, n) };
	case SCOPE_NETWORK:
		return (struct item){ .network = shelf_at(&s->networks, n) };
	case SCOPE_VPC:
		return (struct item){ .vpc = shelf_at(&s->vpcs, n) };
	default:
		return (struct item){ .group = shelf_at(&s->groups, n) };
	}
}

static const struct shelf *shelf_of(const struct snapshot *s, enum scope scope)
{
	switch (scope) {
	case SCOPE_SERVICE:
		return &s->services;
	case SCOPE_NETWORK:
		return &s->networks;
	case SCOPE_VPC:
		return &s->vpcs;
	default:
		return &s->groups;
	}
}

static void write_family(const struct writing *w, const struct family *f)
{
	const struct snapshot *s = w->s->snapshot;
	size_t n;

	add_metadata(w->to, f);
	if (f->scope == SCOPE_TARGET) {
		each_target(w, f, write_item);
		return;
	}
	for (n = 0; n < shelf_end(shelf_of(s, f->scope)); n++) {
		struct item i = item_at(s, f->scope, n);

		if (i.service || i.group || i.network || i.vpc)
			write_item(w, f, &i);
	}
}

static void write_health_of(const struct writing *w, const struct family *f, const struct item *i)
{
	struct str word = w->s->health(w->s->ctx, i->group->id, &i->target->addr);

	add_sample(w->to, f, i, "");
	buf_add(w->to, str_eq(word, STR("HEALTHY")) ? STR("} 1\n") : STR("} 0\n"));
}

static void write_health(const struct writing *w)
{
	static const struct family f = {
		SCOPE_TARGET, "healthy",
		FAMILY_GAUGE, 0,
		NULL,	      "Whether the health checks of the target succeed."
	};

	if (!w->s->health)
		return;
	add_metadata(w->to, &f);
	each_target(w, &f, write_health_of);
}

static void write_fact(struct buf *to, const struct metrics_fact *f)
{
	char name[96];

	snprintf(name, sizeof(name), "lattice_%s", f->name);
	metrics_text_about(to, &(struct metrics_about){ name, f->is_counter ? "counter" : "gauge",
							f->unit, f->help });
	buf_addf(to, "%s%s %.15g\n", name, f->is_counter ? "_total" : "", f->value);
}

/* Append everything to @to, whose failure says that it did not fit. */
void metrics_write(struct buf *to, const struct metrics_source *s)
{
	struct writing w = { .to = to, .s = s };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		write_family(&w, &families[i]);
	write_health(&w);
	metrics_vpc_write(to, s);
	metrics_worker_write(to, s);
	for (i = 0; i < s->fact_count; i++)
		write_fact(to, &s->facts[i]);
	buf_add_lit(to, "# EOF\n");
	meters_sweep(s->book);
}

double metrics_quantile_ms(const uint64_t buckets[METER_BUCKETS], double part)
{
	double low_us, want, sum = 0;
	uint64_t total = 0;
	size_t k;

	for (k = 0; k < METER_BUCKETS; k++)
		total += buckets[k];
	want = part * (double)total;
	for (k = 0; k < METER_BUCKETS && total; k++) {
		if (!buckets[k] || sum + (double)buckets[k] < want) {
			sum += (double)buckets[k];
			continue;
		}
		low_us = k ? meter_bounds_us[k - 1] : 0;
		if (k == METER_BUCKETS - 1)
			return low_us / 1000;
		return (low_us +
			(meter_bounds_us[k] - low_us) * (want - sum) / (double)buckets[k]) /
		       1000;
	}
	return 0;
}
