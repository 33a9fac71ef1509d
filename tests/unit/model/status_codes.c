/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/model/status_codes.c: what AWS's matcher takes, and what nobody should write. */
#include "model/status_codes.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void takes_codes_lists_and_ranges(void **state)
{
	struct status_codes s;

	(void)state;
	assert_int_equal(status_codes_parse(STR("200"), &s), 0);
	assert_true(status_codes_has(&s, 200));
	assert_false(status_codes_has(&s, 201));
	assert_int_equal(status_codes_parse(STR("200,202,300-302,499"), &s), 0);
	assert_true(status_codes_has(&s, 202) && status_codes_has(&s, 300));
	assert_true(status_codes_has(&s, 301) && status_codes_has(&s, 302));
	assert_true(status_codes_has(&s, 499));
	assert_false(status_codes_has(&s, 303) || status_codes_has(&s, 201));
	assert_false(status_codes_has(&s, 0) || status_codes_has(&s, 999));
}

static void refuses_what_is_no_set_of_codes(void **state)
{
	static const char *const bad[] = { "",	      "abc",  "20",	  "2000", "199",
					   "500",     "200,", ",200",	  "200-", "-299",
					   "299-200", "200 ", "200-250-", "2e2" };
	struct status_codes s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(status_codes_parse(str_of(bad[i]), &s), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_codes_lists_and_ranges),
		cmocka_unit_test(refuses_what_is_no_set_of_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
