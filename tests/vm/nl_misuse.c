/* SPDX-License-Identifier: Apache-2.0 */
/* Each refusal of the module's netlink family, one test a request that must be refused. */
#include "nl_talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int listener(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 8))
		perror("listener");
	return fd;
}

static unsigned tests;

/* One test: the kernel answered @got; it should be -@want, with words whenever it is a refusal. */
static void expect(const char *name, int got, int want)
{
	bool good = got == -want && (!want || nl_words[0]);

	printf("%sok %u - %s\n", good ? "" : "not ", ++tests, name);
	if (!good)
		printf("# answered %d (%s), wanted %d\n", got, nl_words, -want);
}

static void misuse_sockets(void)
{
	int tcp = listener(), udp = socket(AF_INET, SOCK_DGRAM, 0);
	int idle = socket(AF_INET, SOCK_STREAM, 0), file = open("/dev/null", O_RDONLY);
	int wrong = 9999;
	struct nlmsghdr *h;

	expect("refuses_a_bad_fd", nl_handoff_set(&wrong, 1), EBADF);
	expect("refuses_a_file_as_socket", nl_handoff_set(&file, 1), ENOTSOCK);
	expect("refuses_a_udp_socket", nl_handoff_set(&udp, 1), EINVAL);
	expect("refuses_a_socket_that_does_not_listen", nl_handoff_set(&idle, 1), EINVAL);

	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_nest_end(h, mnl_attr_nest_start(h, LATTICE_A_SOCKETS));
	expect("refuses_an_empty_set", nl_talk(h, NULL), EINVAL);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_MAX + 5, 1);
	expect("refuses_an_unknown_attribute", nl_talk(h, NULL), EINVAL);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_POOL4, inet_addr("10.0.0.1"));
	mnl_attr_put_u8(h, LATTICE_A_POOL4_LEN, 24);
	expect("refuses_a_pool_with_bits_behind_its_prefix", nl_talk(h, NULL), EINVAL);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_POOL4, inet_addr("10.0.0.0"));
	expect("refuses_a_pool_without_its_length", nl_talk(h, NULL), EINVAL);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_POOL4, inet_addr("10.0.0.0"));
	mnl_attr_put_u8(h, LATTICE_A_POOL4_LEN, 33);
	expect("refuses_a_length_out_of_range", nl_talk(h, NULL), ERANGE);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put(h, LATTICE_A_POOL6, 15, "fd00:ec2:80::/64");
	mnl_attr_put_u8(h, LATTICE_A_POOL6_LEN, 64);
	expect("refuses_a_short_ipv6_pool", nl_talk(h, NULL), ERANGE);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put(h, LATTICE_A_POOL6, 16, "fd00:ec2:80::/64");
	mnl_attr_put_u8(h, LATTICE_A_POOL6_LEN, 64);
	expect("refuses_an_ipv6_pool_with_bits_behind_its_prefix", nl_talk(h, NULL), EINVAL);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u8(h, LATTICE_A_FLOW_ENDS, 2);
	expect("refuses_a_switch_that_is_neither_on_nor_off", nl_talk(h, NULL), ERANGE);
	expect("refused_requests_registered_nothing", nl_table_begin(1, 0, -1), ENOENT);
	expect("takes_a_listening_socket", nl_handoff_set(&tcp, 1), 0);
	h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_POOL4, inet_addr("10.0.0.0"));
	mnl_attr_put_u8(h, LATTICE_A_POOL4_LEN, 8);
	expect("refuses_another_pool_once_registered", nl_talk(h, NULL), EBUSY);
}

static void misuse_table(void)
{
	struct nlmsghdr *h;

	expect("refuses_add_without_begin", nl_table_add("169.254.171.1", 80, 1), ENOENT);
	expect("refuses_commit_without_begin", nl_table_commit(1), ENOENT);
	expect("refuses_too_many_entries_announced", nl_table_begin(1, 40001, -1), ERANGE);
	h = nl_begin(LATTICE_CMD_TABLE_BEGIN);
	expect("refuses_begin_without_its_attributes", nl_talk(h, NULL), EINVAL);
	h = nl_begin(LATTICE_CMD_TABLE_BEGIN);
	mnl_attr_put_u16(h, LATTICE_A_GENERATION, 1);
	mnl_attr_put_u32(h, LATTICE_A_COUNT, 1);
	expect("refuses_an_attribute_of_the_wrong_size", nl_talk(h, NULL), EINVAL);

	expect("begins", nl_table_begin(2, 1, -1), 0);
	expect("refuses_to_commit_fewer_than_announced", nl_table_commit(2), EINVAL);
	expect("begins_again", nl_table_begin(3, 2, -1), 0);
	expect("adds", nl_table_add("169.254.171.1", 80, 1), 0);
	expect("refuses_a_duplicate", nl_table_add("169.254.171.1", 80, 2), EEXIST);
	expect("a_refused_part_ends_the_transaction", nl_table_commit(3), ENOENT);
	expect("begins_a_third", nl_table_begin(4, 1, -1), 0);
	expect("adds_to_it", nl_table_add("169.254.171.1", 80, 1), 0);
	expect("refuses_more_than_announced", nl_table_add("169.254.171.2", 80, 1), E2BIG);
	expect("begins_a_fourth", nl_table_begin(5, 1, -1), 0);
	expect("refuses_port_0", nl_table_add("169.254.171.1", 0, 1), EINVAL);
	expect("begins_a_fifth", nl_table_begin(6, 1, -1), 0);
	h = nl_begin(LATTICE_CMD_TABLE_ADD);
	mnl_attr_put_u32(h, LATTICE_A_ENTRIES, 1);
	expect("refuses_entries_that_are_no_nest", nl_talk(h, NULL), EINVAL);
	h = nl_begin(LATTICE_CMD_MAX + 1);
	expect("refuses_an_unknown_command", nl_talk(h, NULL) == -EOPNOTSUPP ? 0 : -1, 0);
}

/* Begin a transaction of one rule and add @rule: must be refused with @want. */
static void wrong_rule(const char *name, const struct nl_rule *rule, int want)
{
	int err = nl_table_begin(20, 0, 1);

	expect(name, err ? err : nl_table_add_rule(rule), want);
}

static void misuse_rules(void)
{
	struct nl_rule rule = { nl_addr_parse("10.0.0.0"), 8, 1, 65535 };
	struct nlmsghdr *h;

	expect("refuses_too_many_rules_announced", nl_table_begin(20, 0, 1025), ERANGE);
	expect("begins_without_rules", nl_table_begin(20, 0, -1), 0);
	expect("refuses_a_rule_that_was_not_announced", nl_table_add_rule(&rule), E2BIG);
	expect("begins_with_two_rules", nl_table_begin(21, 0, 2), 0);
	expect("takes_a_rule", nl_table_add_rule(&rule), 0);
	expect("refuses_to_commit_fewer_rules", nl_table_commit(21), EINVAL);
	rule.port_min = 81;
	rule.port_max = 80;
	wrong_rule("refuses_a_port_range_upside_down", &rule, EINVAL);
	rule.port_min = 80;
	rule.len = 33;
	wrong_rule("refuses_an_ipv4_prefix_beyond_32", &rule, EINVAL);
	rule.len = 129;
	wrong_rule("refuses_a_prefix_beyond_128", &rule, ERANGE);
	rule.len = 6;
	wrong_rule("refuses_a_rule_with_bits_behind_its_prefix", &rule, EINVAL);
	rule.addr = nl_addr_parse("::ffff:10.0.0.0");
	rule.len = 104;
	wrong_rule("refuses_ipv4_dressed_as_ipv6", &rule, EINVAL);
	expect("begins_for_a_rule_in_pieces", nl_table_begin(22, 0, 1), 0);
	h = nl_begin(LATTICE_CMD_TABLE_ADD);
	mnl_attr_nest_end(h, mnl_attr_nest_start(h, LATTICE_A_RULES));
	expect("takes_an_empty_list", nl_talk(h, NULL), 0);
	h = nl_begin(LATTICE_CMD_TABLE_ADD);
	expect("refuses_to_add_nothing", nl_talk(h, NULL), EINVAL);
	expect("a_closed_filter_needs_no_rules", nl_table_begin(23, 0, 0) || nl_table_commit(23),
	       0);
}

/* Every wrong request, as TAP. Returns the exit status. */
int nl_misuse(void)
{
	struct mnl_socket *mine = nl, *other;

	misuse_sockets();
	misuse_table();
	misuse_rules();
	expect("begins_one_that_stays_open", nl_table_begin(30, 0, -1), 0);
	if (nl_open())
		return 1;
	other = nl;
	expect("refuses_another_netlink_sockets_handoff", nl_handoff_set(NULL, 0), EBUSY);
	expect("keeps_transactions_apart", nl_table_begin(7, 0, -1), EBUSY);
	nl = mine;
	expect("unregisters", nl_talk(nl_begin(LATTICE_CMD_UNREGISTER), NULL), 0);
	expect("refuses_to_unregister_twice", nl_talk(nl_begin(LATTICE_CMD_UNREGISTER), NULL),
	       ENOENT);
	mnl_socket_close(other);
	printf("1..%u\n", tests);
	return 0;
}
