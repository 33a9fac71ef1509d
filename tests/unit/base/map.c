/* SPDX-License-Identifier: Apache-2.0 */
/* A map beside a plain array that says the same. */
#include "base/map.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { KEYS = 500, ROUNDS = 20000 };

static struct str key_of(unsigned i, char text[16])
{
	return (struct str){ text, (size_t)snprintf(text, 16, "svc-%u", i * 7919) };
}

static void says_what_was_set_last(void **state)
{
	uint64_t twin[KEYS] = { 0 }, value;
	unsigned i, k, rng = 1;
	size_t count = 0;
	struct map m = { 0 };
	char text[16];

	(void)state;
	for (i = 1; i < ROUNDS; i++) {
		rng = rng * 1103515245 + 12345;
		k = rng >> 8 & 0x7fffffff;
		k %= KEYS;
		if (i % 3) {
			assert_int_equal(map_set(&m, key_of(k, text), i), 0);
			count += !twin[k];
			twin[k] = i;
		} else {
			map_remove(&m, key_of(k, text));
			count -= !!twin[k];
			twin[k] = 0;
		}
	}
	assert_int_equal(m.count, count);
	for (k = 0; k < KEYS; k++) {
		value = 0;
		assert_int_equal(map_find(&m, key_of(k, text), &value), twin[k] != 0);
		assert_int_equal(value, twin[k]);
	}
	map_fini(&m);
	assert_false(map_find(&m, STR("svc-0"), &value));
}

static void the_empty_text_is_a_key(void **state)
{
	struct map m = { 0 };
	uint64_t value = 0;

	(void)state;
	assert_false(map_find(&m, STR(""), &value));
	map_remove(&m, STR(""));
	assert_int_equal(map_set(&m, STR(""), 9), 0);
	assert_true(map_find(&m, (struct str){ 0 }, &value));
	assert_int_equal(value, 9);
	map_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_was_set_last),
		cmocka_unit_test(the_empty_text_is_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
