/* SPDX-License-Identifier: Apache-2.0 */
/* Letters of meters into the book, and the book as text and as JSON. */
#include "latticed/plane_metrics.h"

#include "base/array.h"
#include "base/clock.h"
#include "latticed/plane_process.h"
#include "model/id.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

struct meters_letter {
	struct letter letter;
	size_t count;
	struct meter at[];
};

/* Take what a worker counted, in whose thread it is called. */
void plane_metrics_take(struct plane_metrics *p, const struct meter *at, size_t count)
{
	struct meters_letter *l = malloc(sizeof(*l) + count * sizeof(*at));

	if (!l)
		abort(); /* the broker starts a plane that has memory again */
	l->letter.kind = p->letter_kind;
	l->count = count;
	memcpy(l->at, at, count * sizeof(*at));
	inbox_send(p->inbox, &l->letter);
}

void plane_metrics_open(struct plane_metrics *p, struct letter *letter)
{
	struct meters_letter *l = container_of(letter, struct meters_letter, letter);

	meters_add(&p->book, l->at, l->count);
	plane_usage_take(p->usage, l->at, l->count);
	free(l);
}

static struct str health(void *ctx, struct str group_id, const struct sock_addr *addr)
{
	struct plane_metrics *p = ctx;
	struct prober_status s;

	return prober_find(p->prober, group_id, addr, &s) ? s.status : STR("");
}

static void count_dns(void *ctx, uint32_t vpc, struct dns_counts *ret)
{
	dns_server_count(((struct plane_metrics *)ctx)->dns, vpc, ret);
}

/* OpenMetrics text of everything. */
void plane_metrics_write(struct plane_metrics *p, const struct snapshot *s, struct buf *to)
{
	struct scribe_counts logs = scribe_counts(p->logs->scribe);
	struct metrics_worker workers[LATTICE_WORKERS_MAX];
	struct plane_process process = plane_process_read();
	const struct metrics_fact facts[] = {
		{ "access_log_lines_written", NULL, true,
		  "Lines that reached a destination of a subscription.", (double)logs.written },
		{ "access_log_lines_lost", NULL, true, "Lines that could not be written.",
		  (double)logs.lost },
		{ "access_log_waiting_bytes", "bytes", false, "Lines on their way to destinations.",
		  (double)logs.waiting_bytes },
		{ "access_log_readers", NULL, false, "Readers of the log socket.",
		  p->logs->hub.reader_count },
		{ "access_log_reader_batches_dropped", NULL, true,
		  "Batches that did not even reach the readers' queues.",
		  (double)atomic_load(&p->logs->dropped) },
		{ "trace_spans_exported", NULL, true, "Spans that the collector took.",
		  (double)logs.spans_exported },
		{ "trace_spans_dropped", NULL, true, "Spans that the collector never gets.",
		  (double)logs.spans_dropped },
		{ "trace_spans_waiting", NULL, false, "Spans on their way to the collector.",
		  (double)logs.spans_waiting },
		{ "workers", NULL, false, "Threads that serve requests.", p->worker_count },
		{ "configuration_generation", NULL, false, "Number of the configuration in force.",
		  (double)p->generation },
		{ "dns_questions_in_flight", NULL, false, "Questions that others are asked now.",
		  dns_server_in_flight(p->dns) },
		{ "process_cpu_seconds", "seconds", true, "Processor time of the plane.",
		  process.cpu_seconds },
		{ "process_memory_bytes", "bytes", false, "Memory that the plane has resident.",
		  (double)process.memory_bytes },
		{ "process_max_memory_bytes", "bytes", false, "Most memory the plane ever used.",
		  (double)process.memory_bytes_most },
		{ "process_open_fds", NULL, false, "Files and sockets that the plane has open.",
		  (double)process.open_fds },
		{ "process_max_fds", NULL, false, "How many it may have open.",
		  (double)process.open_fds_max },
		{ "process_uptime_seconds", "seconds", false, "How long the plane runs.",
		  (double)(clock_wall_ms() - p->started_ms) / 1000 },
		{ "process_start_time_seconds", "seconds", false,
		  "When the plane started, since 1970.", (double)p->started_ms / 1000 },
	};
	struct metrics_source source = {
		.snapshot = s,
		.book = &p->book,
		.facts = facts,
		.fact_count = ARRAY_SIZE(facts),
		.counters = p->counters,
		.workers = workers,
		.worker_count = p->pulse->count,
		.dns = count_dns,
		.health = health,
		.ctx = p,
	};

	plane_pulse_read(p->pulse, clock_mono_us(), workers);
	metrics_write(to, &source);
}

static void put_number(struct cJSON *to, const char *name, double n)
{
	cJSON_AddNumberToObject(to, name, n);
}

static void put_str(struct cJSON *to, const char *name, struct str s)
{
	char *text = strndup(s.p ? s.p : "", s.n);

	cJSON_AddStringToObject(to, name, text ? text : "");
	free(text);
}

/* Groups of a service that are looked at. */
enum { TALLY_GROUPS_MAX = 64 };

struct tally {
	size_t healthy, targets;
	uint32_t groups[TALLY_GROUPS_MAX]; /* those that were counted */
	size_t group_count;
};

static void count_group(struct plane_metrics *p, const struct snap_target_group *g, struct tally *t)
{
	size_t i;

	for (i = 0; i < g->target_count; i++) {
		t->targets++;
		t->healthy += str_eq(health(p, g->id, &g->targets[i].addr), STR("HEALTHY"));
	}
}

static bool is_counted(const struct tally *t, uint32_t group)
{
	size_t i;

	for (i = 0; i < t->group_count; i++) {
		if (t->groups[i] == group)
			return true;
	}
	return t->group_count == TALLY_GROUPS_MAX;
}

static void count_action(struct plane_metrics *p, const struct snapshot *on,
			 const struct snap_action *a, struct tally *t)
{
	size_t k;

	for (k = 0; k < a->forward_count; k++) {
		uint32_t group = a->forward[k].group;
		const struct snap_target_group *g = snapshot_find_group(on, group);

		if (!g || is_counted(t, group))
			continue;
		t->groups[t->group_count++] = group;
		count_group(p, g, t);
	}
}

/* Of all groups that its listeners and rules forward to, each once. */
static struct tally count_targets(struct plane_metrics *p, const struct snapshot *on,
				  const struct snap_service *s)
{
	struct tally t = { 0 };
	size_t i, k;

	for (i = 0; i < s->listener_count; i++) {
		const struct snap_listener *l = &s->listeners[i];

		count_action(p, on, &l->default_action, &t);
		for (k = 0; k < l->rule_count; k++)
			count_action(p, on, &l->rules[k].action, &t);
	}
	return t;
}

static void put_service(struct plane_metrics *p, const struct snapshot *on,
			const struct snap_service *s, struct cJSON *to)
{
	static const struct meter zero;
	const struct meter *m = meters_find(&p->book, s->id);
	struct tally t = count_targets(p, on, s);
	struct cJSON *buckets;
	size_t i;

	if (!m)
		m = &zero;
	put_str(to, "id", s->id);
	put_str(to, "name", s->name);
	put_str(to, "account", arn_account(s->arn));
	put_number(to, "requests", (double)m->counts[METER_REQUESTS]);
	put_number(to, "clientErrors", (double)m->counts[METER_4XX]);
	put_number(to, "serverErrors", (double)m->counts[METER_5XX]);
	put_number(to, "receivedBytes", (double)m->counts[METER_RECEIVED_BYTES]);
	put_number(to, "sentBytes", (double)m->counts[METER_SENT_BYTES]);
	put_number(to, "healthyTargets", (double)t.healthy);
	put_number(to, "targets", (double)t.targets);
	buckets = cJSON_AddArrayToObject(to, "requestTimeBuckets");
	for (i = 0; i < METER_BUCKETS; i++)
		cJSON_AddItemToArray(buckets, cJSON_CreateNumber(m->buckets[i]));
}

/* What each service did since the plane started, as members of @into. */
void plane_metrics_services(struct plane_metrics *p, const struct snapshot *s, struct cJSON *into)
{
	struct cJSON *items, *bounds;
	size_t i;

	put_number(into, "seconds", (double)(clock_wall_ms() - p->started_ms) / 1000);
	bounds = cJSON_AddArrayToObject(into, "requestTimeBoundsMs");
	for (i = 0; i < ARRAY_SIZE(meter_bounds_us); i++)
		cJSON_AddItemToArray(bounds, cJSON_CreateNumber(meter_bounds_us[i] / 1000.0));
	items = cJSON_AddArrayToObject(into, "items");
	for (i = 0; i < shelf_end(&s->services); i++) {
		const struct snap_service *service = shelf_at(&s->services, i);
		struct cJSON *item = service ? cJSON_CreateObject() : NULL;

		if (!item)
			continue;
		put_service(p, s, service, item);
		cJSON_AddItemToArray(items, item);
	}
}
