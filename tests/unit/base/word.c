/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/word.h: each byte in each place, among others of each kind. */
#include "base/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char others[][9] = { "aaaaaaaa", "zzzzzzzz", "--------" };

enum { OTHERS = 3 };

static bool is_dashed(int c)
{
	return (c >= 'a' && c <= 'z') || c == '-';
}

static bool is_printable(int c)
{
	return c >= ' ' && c != 0x7f;
}

static void judges_each_byte(void **state)
{
	int c, at, k;

	(void)state;
	for (c = 0; c < 256; c++) {
		for (at = 0; at < WORD_BYTES; at++) {
			for (k = 0; k < OTHERS; k++) {
				char text[WORD_BYTES + 1];

				memcpy(text, others[k], sizeof(text));
				text[at] = (char)c;
				assert_int_equal(word_is_dashed(word_load(text)), is_dashed(c));
				assert_int_equal(word_is_printable(word_load(text)),
						 is_printable(c));
			}
		}
	}
}

static void lowers_letters_only(void **state)
{
	static const char around[] = { 0, '@', 'A', 'Z', '[', (char)0x80, (char)0xc1, (char)0xff };
	int c, at;
	size_t k;

	(void)state;
	for (c = 0; c < 256; c++) {
		for (at = 0; at < WORD_BYTES; at++) {
			for (k = 0; k < sizeof(around); k++) {
				char text[WORD_BYTES], lowered[WORD_BYTES];
				int i;

				memset(text, around[k], sizeof(text));
				text[at] = (char)c;
				word_store(lowered, word_lower(word_load(text)));
				for (i = 0; i < WORD_BYTES; i++) {
					bool is_upper = text[i] >= 'A' && text[i] <= 'Z';

					assert_int_equal(lowered[i],
							 (char)(text[i] + (is_upper ? 32 : 0)));
				}
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_byte),
		cmocka_unit_test(lowers_letters_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
