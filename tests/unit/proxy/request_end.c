/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/request_end.c: what one request adds to a meter. */
#include "proxy/request_end.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct meter count_as(unsigned status, const char *failure)
{
	struct request r = { .status = (uint16_t)status, .failure = failure, .head_bytes = 100 };
	struct meter m = { 0 };

	r.to_target.bytes = 20;
	r.response_head_bytes = 7;
	r.to_client.bytes = 3;
	count_one(&m, &r, 5000, meter_bucket(5000));
	return m;
}

static void a_status_is_counted_in_its_class(void **state)
{
	static const enum meter_count classes[] = { METER_1XX, METER_2XX, METER_3XX, METER_4XX,
						    METER_5XX };
	unsigned i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		struct meter m = count_as((i + 1) * 100 + 3, NULL);

		for (k = 0; k < ARRAY_SIZE(classes); k++)
			assert_int_equal(m.counts[classes[k]], i == k);
		assert_int_equal(m.counts[METER_REQUESTS], 1);
		assert_int_equal(m.counts[METER_NO_ANSWER], 0);
		assert_int_equal(m.counts[METER_RECEIVED_BYTES], 120);
		assert_int_equal(m.counts[METER_SENT_BYTES], 10);
		assert_int_equal(m.counts[METER_REQUEST_US], 5000);
	}
}

static void only_a_target_that_takes_too_long_is_a_timeout(void **state)
{
	(void)state;
	assert_int_equal(count_as(504, "TargetDataTimeout").counts[METER_REQUEST_TIMEOUTS], 1);
	assert_int_equal(count_as(504, "ConnectionDurationExceeded").counts[METER_REQUEST_TIMEOUTS],
			 0);
	assert_int_equal(count_as(200, NULL).counts[METER_REQUEST_TIMEOUTS], 0);
}

static void a_client_that_left_has_no_status(void **state)
{
	struct meter m = count_as(0, "ClientConnectionClosed");

	(void)state;
	assert_int_equal(m.counts[METER_NO_ANSWER], 1);
	assert_int_equal(m.counts[METER_5XX], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_is_counted_in_its_class),
		cmocka_unit_test(only_a_target_that_takes_too_long_is_a_timeout),
		cmocka_unit_test(a_client_that_left_has_no_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
