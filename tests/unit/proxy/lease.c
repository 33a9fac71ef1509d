/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/lease.c: a snapshot lives as long as it is current or someone uses it. */
#include "proxy/lease.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_retired_lease_lives_until_its_last_request(void **state)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	struct lease *l = lease_new(snapshot_get(s));

	(void)state;
	assert_non_null(l);
	lease_pin(l);
	lease_pin(l);
	lease_retire(l);
	assert_int_equal(s->refs, 2);
	lease_unpin(l);
	assert_int_equal(s->refs, 2);
	lease_unpin(l);
	assert_int_equal(s->refs, 1);
	snapshot_put(s);
}

static void the_current_lease_lives_without_requests(void **state)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	struct lease *l = lease_new(snapshot_get(s));

	(void)state;
	lease_unpin(lease_pin(l));
	assert_int_equal(s->refs, 2);
	lease_retire(l);
	assert_int_equal(s->refs, 1);
	lease_retire(NULL);
	snapshot_put(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_retired_lease_lives_until_its_last_request),
		cmocka_unit_test(the_current_lease_lives_without_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
