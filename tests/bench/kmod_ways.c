/* SPDX-License-Identifier: Apache-2.0 */
/* The ways that are measured: the module in its settings, and what one would take without it. */
#include "../vm/nl_talk.h"
#include "kmod.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ENTRIES_PER_MESSAGE = 200,
	PORTS_PER_ADDRESS = 100,
	AUDIT_BUFFER_BYTES = 32 << 20,
};

static struct mnl_socket *audit_socket;
static struct nft_ctx *nft;

static int failed(const char *what)
{
	fprintf(stderr, "%s: %m (%s)\n", what, nl_words);
	return -1;
}

static int register_sockets(const struct way *way, int listener)
{
	struct nlmsghdr *h = nl_begin(LATTICE_CMD_HANDOFF_SET);
	struct nlattr *nest = mnl_attr_nest_start(h, LATTICE_A_SOCKETS);

	mnl_attr_put_u32(h, LATTICE_SOCKET_A_FD, (uint32_t)listener);
	mnl_attr_nest_end(h, nest);
	mnl_attr_put_u8(h, LATTICE_A_FLOW_ENDS, way->ends);
	return nl_talk(h, NULL);
}

/* Entry @i; the first is the one that is connected to. Two entries have one service. */
static void put_entry(struct nlmsghdr *h, uint32_t i, bool is_ipv6)
{
	struct nlattr *nest = mnl_attr_nest_start(h, LATTICE_ENTRIES_A_ENTRY);
	uint32_t at = i / PORTS_PER_ADDRESS;
	struct in6_addr a6;
	struct in_addr a4;

	inet_pton(AF_INET, BENCH_ADDR4, &a4);
	inet_pton(AF_INET6, BENCH_ADDR6, &a6);
	a4.s_addr = htonl(ntohl(a4.s_addr) + at);
	a6.s6_addr[15] = (uint8_t)(a6.s6_addr[15] + at);
	if (is_ipv6)
		mnl_attr_put(h, LATTICE_ENTRY_A_ADDR6, sizeof(a6), &a6);
	else
		mnl_attr_put(h, LATTICE_ENTRY_A_ADDR4, sizeof(a4), &a4);
	mnl_attr_put_u16(h, LATTICE_ENTRY_A_PORT,
			 htons((uint16_t)(BENCH_PORT + i % PORTS_PER_ADDRESS)));
	mnl_attr_put_u32(h, LATTICE_ENTRY_A_SERVICE, i / 2);
	mnl_attr_nest_end(h, nest);
}

static int add_entries(const struct way *way)
{
	uint32_t i = 0;

	while (i < way->entries) {
		struct nlmsghdr *h = nl_begin(LATTICE_CMD_TABLE_ADD);
		struct nlattr *nest = mnl_attr_nest_start(h, LATTICE_A_ENTRIES);
		uint32_t end = i + ENTRIES_PER_MESSAGE;

		for (; i < end && i < way->entries; i++)
			put_entry(h, i, way->is_ipv6);
		mnl_attr_nest_end(h, nest);
		if (nl_talk(h, NULL))
			return -1;
	}
	return 0;
}

/* Rules of which only the last admits. */
static int add_rules(const struct way *way)
{
	int i;

	for (i = 0; i < way->rules; i++) {
		struct nl_rule rule = { .addr = nl_addr_parse("192.0.2.0"),
					.len = 24,
					.port_min = 1,
					.port_max = 65535 };

		if (i == way->rules - 1)
			rule = (struct nl_rule){ .addr = nl_addr_parse("0.0.0.0"),
						 .port_min = BENCH_PORT,
						 .port_max = BENCH_PORT };
		if (nl_table_add_rule(&rule))
			return -1;
	}
	return 0;
}

static int open_audit(void)
{
	int bytes = AUDIT_BUFFER_BYTES;

	audit_socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_NONBLOCK);
	if (!audit_socket || mnl_socket_bind(audit_socket, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(audit_socket), SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		       sizeof(bytes)) ||
	    mnl_socket_setsockopt(audit_socket, NETLINK_ADD_MEMBERSHIP, &nl_group_audit,
				  sizeof(nl_group_audit)))
		return -1;
	return 0;
}

void ways_drain(void)
{
	static char bytes[65536];

	while (audit_socket && mnl_socket_recvfrom(audit_socket, bytes, sizeof(bytes)) > 0)
		continue;
}

static int module_begin(const struct way *way, int listener)
{
	if (nl_open() || register_sockets(way, listener))
		return failed("module: register");
	if (nl_table_begin(1, way->entries, way->rules) || add_entries(way) || add_rules(way) ||
	    nl_table_commit(1))
		return failed("module: table");
	if (way->audit && open_audit())
		return failed("module: audit");
	return 0;
}

static void module_end(const struct way *way)
{
	(void)way;
	if (nl_talk(nl_begin(LATTICE_CMD_UNREGISTER), NULL))
		failed("module: unregister");
	mnl_socket_close(nl);
	if (audit_socket)
		mnl_socket_close(audit_socket);
	audit_socket = NULL;
}

/* Register a namespace that is not the one measured. */
static int elsewhere_begin(const struct way *way, int listener)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), other, err;

	(void)listener;
	if (here < 0 || unshare(CLONE_NEWNET))
		return failed("unshare");
	other = socket(AF_INET, SOCK_STREAM, 0);
	err = listen(other, 1);
	if (!err)
		err = module_begin(way, other);
	close(other);
	if (setns(here, CLONE_NEWNET))
		return failed("setns");
	close(here);
	return err;
}

static int run(const char *command)
{
	int status = system(command);

	if (status)
		fprintf(stderr, "%s: status %d\n", command, status);
	return status ? -1 : 0;
}

static int empty_begin(const struct way *way, int listener)
{
	(void)way;
	(void)listener;
	return run("insmod build/empty_hook.ko");
}

static void empty_end(const struct way *way)
{
	(void)way;
	run("rmmod empty_hook");
}

static int nft_put(const char *ruleset)
{
	if (!nft)
		nft = nft_ctx_new(NFT_CTX_DEFAULT);
	return nft_run_cmd_from_buffer(nft, ruleset) ? -1 : 0;
}

static int make_transparent(int listener)
{
	int one = 1;

	return setsockopt(listener, SOL_IP, IP_TRANSPARENT, &one, sizeof(one));
}

static void nft_end(const struct way *way)
{
	(void)way;
	nft_put("delete table ip bench");
}

/* One rule that only SYNs match: the rest finds its socket over the local route. */
static int tproxy_syn_begin(const struct way *way, int listener)
{
	(void)way;
	if (make_transparent(listener))
		return failed("IP_TRANSPARENT");
	return nft_put("table ip bench { chain pre {\n"
		       "type filter hook prerouting priority mangle;\n"
		       "ip daddr 169.254.171.0/24 tcp flags & (syn|ack) == syn"
		       " tproxy to 127.0.0.1:9999\n"
		       "}\n}");
}

/* As manuals have it: packets are marked, a policy route brings them in, tproxy takes them all. */
static int tproxy_mark_begin(const struct way *way, int listener)
{
	(void)way;
	if (make_transparent(listener))
		return failed("IP_TRANSPARENT");
	if (nft_put("table ip bench {\n"
		    "chain out { type route hook output priority mangle;\n"
		    "ip daddr 169.254.171.0/24 tcp dport 1-65535 meta mark set 1\n"
		    "}\n"
		    "chain pre { type filter hook prerouting priority mangle;\n"
		    "ip daddr 169.254.171.0/24 meta l4proto tcp tproxy to 127.0.0.1:9999"
		    " meta mark set 1\n"
		    "}\n}"))
		return -1;
	return run("ip rule add fwmark 1 lookup 100 && "
		   "ip route add local 0.0.0.0/0 dev lo table 100");
}

static void tproxy_mark_end(const struct way *way)
{
	run("ip rule del fwmark 1 lookup 100 && ip route flush table 100");
	nft_end(way);
}

static int redirect_begin(const struct way *way, int listener)
{
	(void)way;
	(void)listener;
	return nft_put("table ip bench { chain out {\n"
		       "type nat hook output priority -100;\n"
		       "ip daddr 169.254.171.0/24 tcp dport 1-65535 redirect to :9999\n"
		       "}\n}");
}

/* Those that change the kernel for good (conntrack) come last. */
const struct way ways[] = {
	{ .name = "module", .begin = module_begin, .end = module_end, .entries = 1, .rules = -1 },
	{ .name = "module-ipv6",
	  .begin = module_begin,
	  .end = module_end,
	  .is_ipv6 = true,
	  .entries = 1,
	  .rules = -1 },
	{ .name = "module-table-1000",
	  .begin = module_begin,
	  .end = module_end,
	  .entries = 1000,
	  .rules = -1 },
	{ .name = "module-table-20000",
	  .begin = module_begin,
	  .end = module_end,
	  .entries = 20000,
	  .rules = -1 },
	{ .name = "module-filter",
	  .begin = module_begin,
	  .end = module_end,
	  .entries = 1,
	  .rules = 8 },
	{ .name = "module-audit",
	  .begin = module_begin,
	  .end = module_end,
	  .audit = true,
	  .entries = 1,
	  .rules = -1 },
	{ .name = "module-audit-ends",
	  .begin = module_begin,
	  .end = module_end,
	  .audit = true,
	  .ends = true,
	  .entries = 1,
	  .rules = -1 },
	{ .name = "module-unregistered",
	  .begin = elsewhere_begin,
	  .end = module_end,
	  .is_plain = true,
	  .entries = 1,
	  .rules = -1 },
	{ .name = "empty-hook", .begin = empty_begin, .end = empty_end, .is_plain = true },
	{ .name = "sk-lookup", .begin = lookup_begin, .end = lookup_end },
	{ .name = "nft-tproxy-syn", .begin = tproxy_syn_begin, .end = nft_end },
	{ .name = "nft-tproxy-mark", .begin = tproxy_mark_begin, .end = tproxy_mark_end },
	{ .name = "nft-redirect", .begin = redirect_begin, .end = nft_end },
	{ .name = NULL },
};
