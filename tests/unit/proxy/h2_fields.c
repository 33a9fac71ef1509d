/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/h2_fields.c: what libnghttp2 is lent, and for how long. */
#include "proxy/h2_fields.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(malloc, void *, NULL, (size_t n), (n))

static struct str name_of(const nghttp2_nv *nv)
{
	return (struct str){ (const char *)nv->name, nv->namelen };
}

static struct str value_of(const nghttp2_nv *nv)
{
	return (struct str){ (const char *)nv->value, nv->valuelen };
}

static void names_are_lent_in_lower_case(void **state)
{
	static const char *const names[] = {
		"A", "Via", "Upgrade", "X-Header", "X-Amzn-@Z[`az{", "UPPER-AND-lower-CASE-OF-MORE"
	};
	struct reuse r = { 0 };
	struct h2_fields f = { .reuse = &r };
	nghttp2_nv nv[ARRAY_SIZE(names)];
	struct head_list l;
	size_t i, k;

	(void)state;
	head_list_init(&l, NULL);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		head_list_add(&l, str_of(names[i]), i % 2 ? STR("Value") : STR(""));
	assert_int_equal(h2_fields_make(&f, &l, nv), ARRAY_SIZE(names));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(nv[i].namelen, strlen(names[i]));
		for (k = 0; k < nv[i].namelen; k++)
			assert_int_equal(nv[i].name[k], str_fold(names[i][k]));
		assert_true(str_eq(value_of(&nv[i]), i % 2 ? STR("Value") : STR("")));
		assert_true(name_of(&nv[i]).p != names[i]);
	}
	h2_fields_release(&f);
	assert_null(f.held);
	reuse_fini(&r);
}

static void what_is_new_each_time_is_indexed_by_one_head_of_many(void **state)
{
	struct reuse r = { 0 };
	struct h2_fields f = { .reuse = &r };
	struct head_list l;
	nghttp2_nv nv[2];
	size_t i;

	(void)state;
	head_list_init(&l, NULL);
	head_list_add(&l, STR("x-amzn-requestid"), STR("1"));
	head_list_add(&l, STR("server"), STR("s"));
	for (i = 0; i <= HEADS_PER_NAME; i++) {
		bool is_said = i % HEADS_PER_NAME == 0;

		assert_int_equal(h2_fields_make(&f, &l, nv), 2);
		assert_int_equal(!(nv[0].flags & NGHTTP2_NV_FLAG_NO_INDEX), is_said);
		assert_false(nv[1].flags & NGHTTP2_NV_FLAG_NO_INDEX);
	}
	h2_fields_release(&f);
	reuse_fini(&r);
}

static void without_memory_there_are_none(void **state)
{
	struct reuse r = { 0 };
	struct h2_fields f = { .reuse = &r };
	struct head_list l;
	nghttp2_nv nv[1];

	(void)state;
	head_list_init(&l, NULL);
	head_list_add(&l, STR(":status"), STR("200"));
	faults_left = 1;
	assert_int_equal(h2_fields_make(&f, &l, nv), 0);
	assert_null(f.held);
	assert_int_equal(h2_fields_make(&f, &l, nv), 1);
	h2_fields_release(&f);
	reuse_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_lent_in_lower_case),
		cmocka_unit_test(what_is_new_each_time_is_indexed_by_one_head_of_many),
		cmocka_unit_test(without_memory_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
