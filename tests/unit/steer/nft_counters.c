/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/steer/nft_counters.c: objects of an answer as nf_tables writes them. The kernel's
 * own are read by tests/unit/steer/broker.c.
 */
#include "steer/nft_counters.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char bytes[512] __attribute__((aligned(8)));

static struct nlmsghdr *object(const char *name, uint64_t packets)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct nlattr *nest;

	mnl_nlmsg_put_extra_header(h, sizeof(struct nfgenmsg));
	mnl_attr_put_strz(h, NFTA_OBJ_TABLE, "lattice");
	if (name)
		mnl_attr_put_strz(h, NFTA_OBJ_NAME, name);
	nest = mnl_attr_nest_start(h, NFTA_OBJ_DATA);
	mnl_attr_put_u64(h, NFTA_COUNTER_BYTES, htobe64(9999));
	mnl_attr_put_u64(h, NFTA_COUNTER_PACKETS, htobe64(packets));
	mnl_attr_nest_end(h, nest);
	return h;
}

static void counters_are_known_by_their_names(void **state)
{
	struct steer_counters c = { 0 };

	(void)state;
	assert_int_equal(nft_counters_see(object("steered", 5), &c), MNL_CB_OK);
	assert_int_equal(nft_counters_see(object("not_tcp", UINT64_C(1) << 40), &c), MNL_CB_OK);
	assert_int_equal(c.known, 1U << STEER_STEERED | 1U << STEER_NOT_TCP);
	assert_int_equal(c.at[STEER_STEERED], 5);
	assert_true(c.at[STEER_NOT_TCP] == UINT64_C(1) << 40);
}

static void others_are_not_ours(void **state)
{
	struct steer_counters c = { 0 };
	struct nlmsghdr *h;

	(void)state;
	assert_int_equal(nft_counters_see(object("stee", 5), &c), MNL_CB_OK);
	assert_int_equal(nft_counters_see(object(NULL, 5), &c), MNL_CB_OK);
	assert_int_equal(c.known, 0);
	h = mnl_nlmsg_put_header(bytes);
	mnl_nlmsg_put_extra_header(h, sizeof(struct nfgenmsg));
	assert_int_equal(nft_counters_see(h, &c), MNL_CB_OK);
	assert_int_equal(c.known, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_known_by_their_names),
		cmocka_unit_test(others_are_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
