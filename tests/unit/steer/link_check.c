/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/steer/link_check.c: what the broker refuses to hear from a plane. */
#include "steer/link_check.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { WORKERS = 2 };

static struct link_msg path_msg(const char *path)
{
	struct link_msg m = { .kind = LINK_VPC_SET };

	memcpy(m.path, path, strlen(path) + 1);
	return m;
}

static void accepts_what_a_plane_sends(void **state)
{
	struct link_msg add = { .kind = LINK_TABLE_ADD, .count = 1 };
	struct link_msg sockets = { .kind = LINK_SOCKETS, .count = 32, .family = AF_INET };
	struct link_msg begin = { .kind = LINK_TABLE_BEGIN, .count = LATTICE_BINDINGS_MAX };
	struct link_msg synced = { .kind = LINK_SYNCED }, alive = { .kind = LINK_ALIVE };
	struct link_msg counters = { .kind = LINK_COUNTERS, .vpc = LATTICE_VPCS_MAX - 1 };
	struct link_msg cgroup = { .kind = LINK_CGROUP, .worker = WORKERS - 1, .generation = 9 };
	struct link_msg set = path_msg("/run/netns/a..b");
	struct link_msg filter = { .kind = LINK_TABLE_BEGIN,
				   .has_filter = 1,
				   .rule_count = LATTICE_FILTER_RULES_MAX };
	struct link_msg rules = { .kind = LINK_TABLE_RULES, .count = 1 };

	(void)state;
	add.bindings[0].addr = (struct sock_addr){ .family = AF_INET, .port = 80 };
	sockets.worker = WORKERS - 1;
	rules.rules[0] = (struct ingress){ { .addr.family = AF_INET6 }, 1, UINT16_MAX };
	assert_null(link_check(&filter, WORKERS));
	assert_null(link_check(&rules, WORKERS));
	assert_null(link_check(&add, WORKERS));
	assert_null(link_check(&sockets, WORKERS));
	assert_null(link_check(&begin, WORKERS));
	assert_null(link_check(&synced, WORKERS));
	assert_null(link_check(&alive, WORKERS));
	assert_null(link_check(&counters, WORKERS));
	assert_null(link_check(&cgroup, WORKERS));
	cgroup.worker = WORKERS;
	assert_non_null(link_check(&cgroup, WORKERS));
	assert_null(link_check(&set, WORKERS));
}

static void refuses_paths_that_are_not_plain(void **state)
{
	static const char *const paths[] = {
		"", "run/netns/blue", "/run/../etc", "/..", "/run/netns/..", "/../x",
	};
	struct link_msg m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		m = path_msg(paths[i]);
		assert_non_null(link_check(&m, WORKERS));
	}
	memset(m.path, '/', sizeof(m.path));
	assert_non_null(link_check(&m, WORKERS));
}

static void refuses_numbers_out_of_range(void **state)
{
	const struct link_msg wrong[] = {
		{ .kind = LINK_SYNCED, .vpc = LATTICE_VPCS_MAX },
		{ .kind = LINK_COUNTERS, .vpc = LATTICE_VPCS_MAX },
		{ .kind = LINK_TABLE_BEGIN, .count = LATTICE_BINDINGS_MAX + 1 },
		{ .kind = LINK_TABLE_BEGIN, .rule_count = 1 },
		{ .kind = LINK_TABLE_BEGIN, .has_filter = 2 },
		{ .kind = LINK_TABLE_BEGIN,
		  .has_filter = 1,
		  .rule_count = LATTICE_FILTER_RULES_MAX + 1 },
		{ .kind = LINK_TABLE_ADD },
		{ .kind = LINK_TABLE_ADD, .count = LINK_BINDINGS_MAX + 1 },
		{ .kind = LINK_TABLE_ADD, .count = 1 },
		{ .kind = LINK_SOCKETS, .family = AF_INET },
		{ .kind = LINK_SOCKETS, .family = AF_INET, .count = LINK_SOCKETS_MAX + 1 },
		{ .kind = LINK_SOCKETS, .family = AF_UNIX, .type = SOCK_DGRAM, .count = 1 },
		{ .kind = LINK_HOST_SOCKETS, .family = AF_UNIX, .type = SOCK_STREAM, .count = 1 },
		{ .kind = LINK_HOST_SOCKETS, .family = AF_UNIX, .type = SOCK_DGRAM, .count = 2 },
		{ .kind = LINK_HOST_SOCKETS, .family = AF_NETLINK, .type = SOCK_DGRAM, .count = 1 },
		{ .kind = LINK_SOCKETS, .family = AF_INET, .count = 1, .worker = WORKERS },
	};
	struct link_msg no_port = { .kind = LINK_TABLE_ADD, .count = 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(link_check(&wrong[i], WORKERS));
	no_port.bindings[0].addr.family = AF_INET;
	assert_non_null(link_check(&no_port, WORKERS));
}

static void refuses_rules_that_are_none(void **state)
{
	static const struct ingress wrong[] = {
		{ { .bits = 8 }, 80, 80 },
		{ { { .family = AF_INET, .v4 = { 1 } }, 0 }, 80, 80 },
		{ { { .family = AF_INET }, 33 }, 80, 80 },
		{ { { .family = AF_INET6 }, 129 }, 80, 80 },
		{ { { .family = AF_INET }, 0 }, 0, 80 },
		{ { { .family = AF_INET }, 0 }, 81, 80 },
	};
	struct link_msg m = { .kind = LINK_TABLE_RULES, .count = 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		m.rules[0] = wrong[i];
		assert_non_null(link_check(&m, WORKERS));
	}
	m.rules[0] = (struct ingress){ { .addr.family = AF_INET }, 80, 80 };
	assert_null(link_check(&m, WORKERS));
	m.count = 0;
	assert_non_null(link_check(&m, WORKERS));
	m.count = LINK_RULES_MAX + 1;
	assert_non_null(link_check(&m, WORKERS));
}

static void refuses_kinds_that_only_the_broker_sends(void **state)
{
	static const uint32_t kinds[] = {
		0, LINK_HELLO, LINK_VPC_STATE, LINK_TABLE_DONE, 1000, ~0U
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct link_msg m = { .kind = kinds[i] };

		assert_non_null(link_check(&m, WORKERS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_what_a_plane_sends),
		cmocka_unit_test(refuses_paths_that_are_not_plain),
		cmocka_unit_test(refuses_numbers_out_of_range),
		cmocka_unit_test(refuses_rules_that_are_none),
		cmocka_unit_test(refuses_kinds_that_only_the_broker_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
