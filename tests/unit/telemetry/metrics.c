/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/metrics.c: text that says what was counted. 52-metrics.sh reads all of it.
 */
#include "telemetry/metrics.c"

#include "model/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static char *write_all(struct snapshot *s, struct meters *book,
		       const struct steer_counters *counters)
{
	const struct metrics_fact fact = { "things", NULL, true, "Things.", 3 };
	const struct metrics_source source = {
		.snapshot = s, .book = book, .facts = &fact, .fact_count = 1, .counters = counters
	};
	struct buf to;

	buf_init(&to, METRICS_BYTES_MAX);
	metrics_write(&to, &source);
	assert_false(to.failed);
	buf_add_char(&to, '\0');
	return to.p;
}

static struct snapshot *make(struct str vpc_name)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	struct snap_network *n = part_new(sizeof(*n), 1 << 16);
	struct snap_vpc *v = part_new(sizeof(*v), 1 << 16);

	n->id = STR("sn-1");
	v->number = 2;
	v->id = STR("vpc-1");
	v->name = vpc_name;
	assert_int_equal(shelf_set(&s->networks, 3, &n->part), 0);
	assert_int_equal(shelf_set(&s->vpcs, 2, &v->part), 0);
	return s;
}

static void names_are_escaped(void **state)
{
	struct snapshot *s = make(STR("a\"\\\nb"));
	struct meters book = { 0 };
	char *text = write_all(s, &book, NULL);

	(void)state;
	assert_non_null(strstr(text, "lattice_vpc_requests_total{vpc_id=\"vpc-1\","
				     "vpc=\"a\\\"\\\\\\nb\"} 0\n"));
	assert_non_null(strstr(text, "lattice_things_total 3\n# EOF\n"));
	free(text);
	snapshot_put(s);
}

static void what_was_counted_is_told(void **state)
{
	struct steer_counters counters[3] = { 0 };
	struct snapshot *s = make(STR("blue"));
	struct meters book = { 0 };
	char *text;

	(void)state;
	meter_count(meters_of(&book, STR("sn-1")), METER_REQUESTS, 5);
	meter_count(meters_of(&book, STR("sn-2")), METER_REQUESTS, 6);
	steer_counters_set(&counters[2], STEER_STEERED, 7);
	text = write_all(s, &book, counters);
	assert_non_null(strstr(text, "lattice_network_requests_total{network_id=\"sn-1\"} 5\n"));
	assert_null(strstr(text, "sn-2"));
	assert_non_null(strstr(text,
			       "lattice_vpc_kernel_verdicts_total{vpc_id=\"vpc-1\",vpc=\"blue\","
			       "verdict=\"steered\"} 7\n"));
	/* What is not known is not 0. */
	assert_null(strstr(text, "verdict=\"filtered\""));
	assert_null(strstr(text, "audit_events_lost_total"));
	free(text);
	meters_fini(&book);
	snapshot_put(s);
}

static void count_names(void *ctx, uint32_t vpc, struct dns_counts *ret)
{
	assert_null(ctx);
	assert_int_equal(vpc, 2);
	*ret = (struct dns_counts){ .queries = { [DNS_FATE_FORWARDED] = 4 },
				    .responses = { [3] = 5, [DNS_RESULT_OTHER] = 6 },
				    .waiting = 2 };
}

static void names_and_workers_are_told_of(void **state)
{
	const struct metrics_worker workers[] = { { 1500, 7, 3 }, { 2000000, 6, 0 } };
	struct snapshot *s = make(STR("blue"));
	struct meters book = { 0 };
	const struct metrics_source source = { .snapshot = s,
					       .book = &book,
					       .workers = workers,
					       .worker_count = 2,
					       .dns = count_names };
	struct buf to;

	(void)state;
	buf_init(&to, METRICS_BYTES_MAX);
	metrics_write(&to, &source);
	buf_add_char(&to, '\0');
#define OF "{vpc_id=\"vpc-1\",vpc=\"blue\""
	assert_non_null(
		strstr(to.p, "lattice_vpc_dns_queries_total" OF ",kind=\"forwarded\"} 4\n"));
	assert_non_null(strstr(to.p, "lattice_vpc_dns_queries_total" OF ",kind=\"own\"} 0\n"));
	assert_non_null(
		strstr(to.p, "lattice_vpc_dns_responses_total" OF ",rcode=\"NXDOMAIN\"} 5\n"));
	assert_non_null(strstr(to.p, "lattice_vpc_dns_responses_total" OF ",rcode=\"other\"} 6\n"));
	assert_non_null(strstr(to.p, "lattice_vpc_dns_waiting" OF "} 2\n"));
	assert_non_null(strstr(to.p, "lattice_worker_loop_lag_seconds{worker=\"1\"} 2.000000\n"));
	assert_non_null(strstr(to.p, "lattice_worker_configuration_generation{worker=\"0\"} 7\n"));
	assert_non_null(strstr(to.p, "lattice_worker_connections{worker=\"0\"} 3\n"));
	buf_fini(&to);
	snapshot_put(s);
}

static void a_quantile_is_within_its_bucket(void **state)
{
	uint64_t buckets[METER_BUCKETS] = { 0 };

	(void)state;
	assert_true(metrics_quantile_ms(buckets, 0.5) == 0);
	buckets[3] = 98; /* 0.5 to 1 ms */
	buckets[10] = 2; /* 16 to 25 ms */
	assert_true(metrics_quantile_ms(buckets, 0.5) > 0.5);
	assert_true(metrics_quantile_ms(buckets, 0.5) <= 1);
	assert_true(metrics_quantile_ms(buckets, 0.99) > 16);
	assert_true(metrics_quantile_ms(buckets, 0.99) <= 25);
	assert_true(metrics_quantile_ms(buckets, 1) <= 25);
	buckets[METER_BUCKETS - 1] = 1000;
	assert_true(metrics_quantile_ms(buckets, 0.99) == 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(what_was_counted_is_told),
		cmocka_unit_test(names_and_workers_are_told_of),
		cmocka_unit_test(a_quantile_is_within_its_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
