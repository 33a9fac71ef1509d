/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/http/head_out.c: made-up values are in the list, in the arena, or nowhere. */
#include "http/head_out.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { VALUE_BYTES = 300, ARENA_BYTES = 8192 };

static void values_stay_in_the_room_and_behind_it(void **state)
{
	char text[VALUE_BYTES];
	const struct str parts[] = { { text, VALUE_BYTES - 1 }, STR("z") };
	struct head_list list;
	const struct head_out to = { .list = &list };
	struct arena arena;
	size_t i;

	(void)state;
	memset(text, 'v', sizeof(text));
	arena_init(&arena, ARENA_BYTES);
	head_list_init(&list, &arena);
	for (i = 0; i < 8; i++)
		head_out_joined(&to, STR("n"), parts, ARRAY_SIZE(parts));
	head_out_u64(&to, STR("number"), 18446744073709551615u);
	assert_false(list.failed);
	assert_int_equal(list.count, 9);
	assert_ptr_equal(list.at[0].value.p, list.room);
	for (i = 0; i < 8; i++) {
		assert_int_equal(list.at[i].value.n, VALUE_BYTES);
		assert_memory_equal(list.at[i].value.p, text, VALUE_BYTES - 1);
		assert_int_equal(list.at[i].value.p[VALUE_BYTES - 1], 'z');
	}
	assert_true(str_eq(list.at[8].value, STR("18446744073709551615")));
	arena_fini(&arena);
}

static void a_list_without_memory_has_failed(void **state)
{
	char text[HEAD_LIST_ROOM_BYTES] = { 0 };
	const struct str parts[] = { { text, sizeof(text) } };
	struct head_list list;
	const struct head_out to = { .list = &list };
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	head_list_init(&list, &arena);
	head_out_joined(&to, STR("fits"), parts, 1);
	assert_false(list.failed);
	head_out_joined(&to, STR("does-not"), parts, 1);
	assert_true(list.failed);
	assert_int_equal(list.count, 1);
	arena_fini(&arena);
}

static void too_many_fields_are_a_failure(void **state)
{
	struct head_list list;
	size_t i;

	(void)state;
	head_list_init(&list, NULL);
	for (i = 0; i < HEAD_LIST_MAX; i++)
		head_list_add(&list, STR("n"), STR("v"));
	assert_false(list.failed);
	head_list_add(&list, STR("n"), STR("v"));
	assert_true(list.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stay_in_the_room_and_behind_it),
		cmocka_unit_test(a_list_without_memory_has_failed),
		cmocka_unit_test(too_many_fields_are_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
