/* SPDX-License-Identifier: Apache-2.0 */
/* Building requests, sending them, and reading what the kernel says. */
#include "nl_talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MESSAGE_BYTES = 65536 };

struct mnl_socket *nl;
char nl_words[256];
uint32_t nl_group_audit, nl_group_audit_all;

static uint16_t family;
static char bytes[MESSAGE_BYTES];

/* The address that @text is; what is none ends the program. */
struct nl_addr nl_addr_parse(const char *text)
{
	struct nl_addr a = { .family = AF_INET };

	if (inet_pton(AF_INET, text, &a.v4) == 1)
		return a;
	a.family = AF_INET6;
	if (inet_pton(AF_INET6, text, &a.v6) == 1)
		return a;
	fprintf(stderr, "not an address: %s\n", text);
	exit(2);
}

/* @addr in a buffer of its own, good until the fourth call from now. */
const char *nl_addr_text(int af, const void *addr)
{
	static char text[4][INET6_ADDRSTRLEN];
	static unsigned turn;

	turn = (turn + 1) % 4;
	return inet_ntop(af, addr, text[turn], sizeof(text[turn]));
}

/* A request with nothing in it yet, in a buffer that the next one takes over. */
struct nlmsghdr *nl_begin(uint8_t cmd)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct genlmsghdr *g;

	h->nlmsg_type = family;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	h->nlmsg_seq = 1;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = cmd;
	g->version = LATTICE_GENL_VERSION;
	return h;
}

static void read_words(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	size_t skip = sizeof(*e);
	const struct nlattr *a;

	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - MNL_NLMSG_HDRLEN;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(a, h, skip)
	{
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(nl_words, sizeof(nl_words), "%s", mnl_attr_get_str(a));
	}
}

/* Send and give each answer to @each until the end. Returns 0 or -errno as the kernel says. */
int nl_talk(struct nlmsghdr *h, void (*each)(const struct nlmsghdr *))
{
	static char answer[MESSAGE_BYTES];

	nl_words[0] = 0;
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		struct nlmsghdr *a = (struct nlmsghdr *)answer;
		int left = (int)n;

		if (n <= 0)
			return -errno;
		for (; mnl_nlmsg_ok(a, left); a = mnl_nlmsg_next(a, &left)) {
			if (a->nlmsg_type == NLMSG_ERROR) {
				read_words(a);
				return ((struct nlmsgerr *)mnl_nlmsg_get_payload(a))->error;
			}
			if (a->nlmsg_type == NLMSG_DONE)
				return 0;
			if (each)
				each(a);
		}
	}
}

static void see_group(const struct nlattr *group)
{
	const struct nlattr *a;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(a, group)
	{
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(a);
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(a);
	}
	if (!strcmp(name, LATTICE_GENL_MCGRP_AUDIT))
		nl_group_audit = id;
	if (!strcmp(name, LATTICE_GENL_MCGRP_AUDIT_ALL))
		nl_group_audit_all = id;
}

static void see_family(const struct nlmsghdr *h)
{
	const struct nlattr *a, *g;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(a);
		if (mnl_attr_get_type(a) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(g, a) see_group(g);
	}
}

/* A new socket to the family, in `nl`. 0 or -errno. */
int nl_open(void)
{
	struct nlmsghdr *h;
	int one = 1;

	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &one, sizeof(one));
	family = GENL_ID_CTRL;
	h = nl_begin(CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, LATTICE_GENL_NAME);
	return nl_talk(h, see_family);
}

int nl_handoff_set(const int *fds, int count)
{
	struct nlmsghdr *h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	struct nlattr *nest;
	int i;

	mnl_attr_put_u8(h, LATTICE_A_FLOW_ENDS, 1);
	if (count) {
		nest = mnl_attr_nest_start(h, LATTICE_A_SOCKETS);
		for (i = 0; i < count; i++)
			mnl_attr_put_u32(h, LATTICE_SOCKET_A_FD, (uint32_t)fds[i]);
		mnl_attr_nest_end(h, nest);
	}
	return nl_talk(h, NULL);
}

/* @rule_count below 0: no filter. */
int nl_table_begin(uint64_t generation, uint32_t count, int rule_count)
{
	struct nlmsghdr *h = nl_begin(LATTICE_CMD_TABLE_BEGIN);

	mnl_attr_put_u64(h, LATTICE_A_GENERATION, generation);
	mnl_attr_put_u32(h, LATTICE_A_COUNT, count);
	if (rule_count >= 0)
		mnl_attr_put_u32(h, LATTICE_A_RULE_COUNT, (uint32_t)rule_count);
	return nl_talk(h, NULL);
}

/* Put @a as one of the twin attributes. */
static void put_addr(struct nlmsghdr *h, uint16_t type4, uint16_t type6, const struct nl_addr *a)
{
	if (a->family == AF_INET)
		mnl_attr_put(h, type4, sizeof(a->v4), &a->v4);
	else
		mnl_attr_put(h, type6, sizeof(a->v6), &a->v6);
}

/* As many as fit a message. */
int nl_table_add_entries(const struct nl_entry *entries, int count)
{
	struct nlmsghdr *h = nl_begin(LATTICE_CMD_TABLE_ADD);
	struct nlattr *nest = mnl_attr_nest_start(h, LATTICE_A_ENTRIES), *one;
	const struct nl_entry *e;

	for (e = entries; e < entries + count; e++) {
		one = mnl_attr_nest_start(h, LATTICE_ENTRIES_A_ENTRY);
		put_addr(h, LATTICE_ENTRY_A_ADDR4, LATTICE_ENTRY_A_ADDR6, &e->addr);
		mnl_attr_put_u16(h, LATTICE_ENTRY_A_PORT, htons(e->port));
		mnl_attr_put_u32(h, LATTICE_ENTRY_A_SERVICE, e->service);
		mnl_attr_nest_end(h, one);
	}
	mnl_attr_nest_end(h, nest);
	return nl_talk(h, NULL);
}

int nl_table_add(const char *addr, uint16_t port, uint32_t service)
{
	struct nl_entry e = { nl_addr_parse(addr), port, service };

	return nl_table_add_entries(&e, 1);
}

int nl_table_add_rule(const struct nl_rule *rule)
{
	struct nlmsghdr *h = nl_begin(LATTICE_CMD_TABLE_ADD);
	struct nlattr *nest = mnl_attr_nest_start(h, LATTICE_A_RULES);
	struct nlattr *one = mnl_attr_nest_start(h, LATTICE_RULES_A_RULE);

	put_addr(h, LATTICE_RULE_A_ADDR4, LATTICE_RULE_A_ADDR6, &rule->addr);
	mnl_attr_put_u8(h, LATTICE_RULE_A_LEN, rule->len);
	mnl_attr_put_u16(h, LATTICE_RULE_A_PORT_MIN, rule->port_min);
	mnl_attr_put_u16(h, LATTICE_RULE_A_PORT_MAX, rule->port_max);
	mnl_attr_nest_end(h, one);
	mnl_attr_nest_end(h, nest);
	return nl_talk(h, NULL);
}

int nl_table_commit(uint64_t generation)
{
	struct nlmsghdr *h = nl_begin(LATTICE_CMD_TABLE_COMMIT);

	mnl_attr_put_u64(h, LATTICE_A_GENERATION, generation);
	return nl_talk(h, NULL);
}
