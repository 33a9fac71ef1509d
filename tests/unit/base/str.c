/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/str.c: the words against a comparison byte by byte. */
#include "base/str.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Each pair of bytes, at each place of texts of any length, which end where their memory does. */
static void only_the_case_of_letters_is_passed_over(void **state)
{
	size_t n, at;
	int x, y;

	(void)state;
	for (n = 1; n <= 20; n++) {
		char *a = malloc(n), *b = malloc(n);

		assert_non_null(a);
		assert_non_null(b);
		memset(a, 'q', n);
		memset(b, 'Q', n);
		for (at = 0; at < n; at++) {
			for (x = 0; x < 256; x++) {
				for (y = 0; y < 256; y++) {
					a[at] = (char)x;
					b[at] = (char)y;
					if (str_same_nocase(a, b, n) !=
					    (str_fold((char)x) == str_fold((char)y)))
						fail_msg("bytes %d and %d at %zu of %zu", x, y, at,
							 n);
				}
			}
			a[at] = 'q';
			b[at] = 'Q';
		}
		free(a);
		free(b);
	}
}

static void lengths_count(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR(""), STR("")));
	assert_true(str_same_nocase(NULL, NULL, 0));
	assert_true(str_eq_nocase(STR("X-Amz-Date"), STR("x-amz-date")));
	assert_false(str_eq_nocase(STR("X-Amz-Date"), STR("x-amz-date ")));
	assert_false(str_eq_nocase(STR("xBCDEFGHIx"), STR("xbcdeFgh!x")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_case_of_letters_is_passed_over),
		cmocka_unit_test(lengths_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
