/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/steer/kmod_counters.c: the module's answer, also one of a newer module. */
#include "steer/kmod_counters.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct nl_msg *answer(void)
{
	struct nl_msg *m = nlmsg_alloc();

	assert_non_null(m);
	assert_non_null(
		genlmsg_put(m, 1, 1, 30, 0, 0, LATTICE_CMD_STATUS_GET, LATTICE_GENL_VERSION));
	return m;
}

static void put_counters(struct nl_msg *m, int count)
{
	struct nlattr *nest = nla_nest_start(m, LATTICE_A_COUNTERS | NLA_F_NESTED);
	int i;

	for (i = 0; i < count; i++)
		assert_int_equal(nla_put_u64(m, i + 1, 100 + (uint64_t)i), 0);
	nla_nest_end(m, nest);
}

static void each_counter_has_its_place(void **state)
{
	struct steer_counters c;
	struct nl_msg *m = answer();

	(void)state;
	assert_int_equal(nla_put_u64(m, LATTICE_A_LOST, UINT64_C(1) << 40), 0);
	put_counters(m, __LATTICE_COUNTER_MAX);
	assert_int_equal(kmod_counters_read(nlmsg_hdr(m), &c), 0);
	assert_int_equal(c.known, (1U << STEER_COUNTERS) - 1);
	assert_int_equal(c.at[STEER_STEERED], 100 + LATTICE_COUNTER_STEERED);
	assert_int_equal(c.at[STEER_NO_SOCKET], 100 + LATTICE_COUNTER_NO_SOCKET);
	assert_int_equal(c.at[STEER_FILTERED], 100 + LATTICE_COUNTER_FILTERED);
	assert_int_equal(c.at[STEER_NO_SERVICE], 100 + LATTICE_COUNTER_NO_SERVICE);
	assert_int_equal(c.at[STEER_NOT_TCP], 100 + LATTICE_COUNTER_NOT_TCP);
	assert_int_equal(c.at[STEER_MALFORMED], 100 + LATTICE_COUNTER_MALFORMED);
	assert_true(c.at[STEER_AUDIT_LOST] == UINT64_C(1) << 40);
	nlmsg_free(m);
}

static void a_newer_module_may_count_more(void **state)
{
	struct steer_counters c;
	struct nl_msg *m = answer();

	(void)state;
	put_counters(m, __LATTICE_COUNTER_MAX + 3);
	assert_int_equal(kmod_counters_read(nlmsg_hdr(m), &c), 0);
	assert_int_equal(c.known, (1U << STEER_VERDICTS) - 1);
	nlmsg_free(m);
}

static void what_is_not_told_is_not_known(void **state)
{
	struct steer_counters c = { .known = 1 };
	struct nl_msg *m = answer();

	(void)state;
	assert_int_equal(kmod_counters_read(nlmsg_hdr(m), &c), 0);
	assert_int_equal(c.known, 0);
	put_counters(m, 1);
	assert_int_equal(kmod_counters_read(nlmsg_hdr(m), &c), 0);
	assert_int_equal(c.known, 1U << STEER_STEERED);
	nlmsg_free(m);
}

/* A counter of another size, and a message that is cut off. */
static void nonsense_is_not_counted(void **state)
{
	struct steer_counters c;
	struct nl_msg *m = answer();
	struct nlattr *nest = nla_nest_start(m, LATTICE_A_COUNTERS | NLA_F_NESTED);

	(void)state;
	assert_int_equal(nla_put_u32(m, 1, 7), 0);
	nla_nest_end(m, nest);
	assert_int_equal(nla_put_u32(m, LATTICE_A_LOST, 7), 0);
	assert_int_equal(kmod_counters_read(nlmsg_hdr(m), &c), 0);
	assert_int_equal(c.known, 0);
	nlmsg_hdr(m)->nlmsg_len = NLMSG_HDRLEN;
	assert_int_equal(kmod_counters_read(nlmsg_hdr(m), &c), -EBADMSG);
	nlmsg_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_counter_has_its_place),
		cmocka_unit_test(a_newer_module_may_count_more),
		cmocka_unit_test(what_is_not_told_is_not_known),
		cmocka_unit_test(nonsense_is_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
