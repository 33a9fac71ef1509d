/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/hash.h: every byte counts, and any bits of the hash are spread. */
#include "base/hash.h"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Of texts of any length, in memory of their own, so that a read beyond them is found. */
static void each_byte_changes_the_hash(void **state)
{
	size_t n, i;

	(void)state;
	for (n = 1; n <= 40; n++) {
		char *text = malloc(n);
		uint64_t was;

		assert_non_null(text);
		memset(text, 'a', n);
		was = hash_str((struct str){ text, n });
		for (i = 0; i < n; i++) {
			text[i] = 'b';
			assert_true(hash_str((struct str){ text, n }) != was);
			text[i] = 'a';
		}
		assert_true(hash_str((struct str){ text, n }) == was);
		assert_true(hash_str((struct str){ text, n - 1 }) != was);
		free(text);
	}
	assert_true(hash_str((struct str){ 0 }) == hash_str(STR("")));
}

/* Texts that are told apart by few digits, 4096 of them, at any 8 bits of the hash. */
static void texts_in_a_row_are_spread(void **state)
{
	static const char *const forms[] = { "svc-%017u", "%u", "%08u",
					     "arn:aws:iam::123456789012:role/caller-%u" };
	unsigned shift, i;
	size_t f;

	(void)state;
	for (f = 0; f < ARRAY_SIZE(forms); f++) {
		for (shift = 0; shift <= 56; shift += 8) {
			unsigned buckets[256] = { 0 };
			char text[64];

			for (i = 0; i < 4096; i++) {
				int n = snprintf(text, sizeof(text), forms[f], i);

				buckets[hash_str((struct str){ text, (size_t)n }) >> shift & 255]++;
			}
			/* 16 each, and by chance hardly ever three times that. */
			for (i = 0; i < 256; i++)
				assert_in_range(buckets[i], 1, 48);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_changes_the_hash),
		cmocka_unit_test(texts_in_a_row_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
