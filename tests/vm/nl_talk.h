/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the module's netlink family, for the tests' tool `nl`. */
#ifndef LATTICE_TESTS_VM_NL_TALK_H
#define LATTICE_TESTS_VM_NL_TALK_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/lattice.h>
#include <netinet/in.h>
#include <stdint.h>

/* An IPv4 or IPv6 address. */
struct nl_addr {
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

struct nl_entry {
	struct nl_addr addr;
	uint16_t port;
	uint32_t service;
};

struct nl_rule {
	struct nl_addr addr;
	uint8_t len;
	uint16_t port_min, port_max;
};

extern struct mnl_socket *nl;
extern char nl_words[256]; /* the kernel's, of the last refusal */
extern uint32_t nl_group_audit, nl_group_audit_all;

struct nl_addr nl_addr_parse(const char *text);
const char *nl_addr_text(int family, const void *addr);

int nl_open(void);
struct nlmsghdr *nl_begin(uint8_t cmd);
int nl_talk(struct nlmsghdr *h, void (*each)(const struct nlmsghdr *));

int nl_handoff_set(const int *fds, int count);
int nl_table_begin(uint64_t generation, uint32_t count, int rule_count);
int nl_table_add(const char *addr, uint16_t port, uint32_t service);
int nl_table_add_entries(const struct nl_entry *entries, int count);
int nl_table_add_rule(const struct nl_rule *rule);
int nl_table_commit(uint64_t generation);

int nl_misuse(void);
int nl_raw(const char *kind, const char *from_text, const char *to_text, uint16_t port);

#endif
