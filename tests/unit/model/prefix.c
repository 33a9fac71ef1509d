/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/model/prefix.c: which texts are prefixes. */
#include "model/prefix.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void reads_and_writes_prefixes(void **state)
{
	static const char *const same[] = {
		"0.0.0.0/0", "10.0.0.0/8",    "10.0.0.2/31", "10.0.0.1/32",
		"::/0",	     "2001:db8::/32", "fe80::2/127", "2001:db8::1/128",
	};
	char text[PREFIX_TEXT_MAX];
	struct prefix p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(prefix_parse(str_of(same[i]), &p), 0);
		assert_string_equal(prefix_write(&p, text).p, same[i]);
	}
}

static void refuses_what_is_none(void **state)
{
	static const struct {
		const char *text;
		int err;
	} wrong[] = {
		{ "", -EINVAL },
		{ "10.0.0.1", -EINVAL },
		{ "10.0.0.0/", -EINVAL },
		{ "10.0.0.0/33", -EINVAL },
		{ "::/129", -EINVAL },
		{ "10.0.0.0/-1", -EINVAL },
		{ "10.0.0.0/8/8", -EINVAL },
		{ "10.0.0/8", -EINVAL },
		{ "10.0.0.1/31", -EDOM },
		{ "10.0.0.0/4", -EDOM },
		{ "2001:db8::1/127", -EDOM },
		{ "8000::/0", -EDOM },
		{ "::ffff:10.0.0.0/104", -EDOM },
	};
	struct prefix p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(prefix_parse(str_of(wrong[i].text), &p), wrong[i].err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_prefixes),
		cmocka_unit_test(refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
