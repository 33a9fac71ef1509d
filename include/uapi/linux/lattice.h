/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family "lattice", version 1: which traffic of a network namespace goes to
 * which listening sockets. Addresses and ports are in network order, everything else in the
 * host's. ADDR stands for a pair of attributes of which one is there: ADDR4 be32, ADDR6 16 bytes.
 *
 * A request acts on the network namespace of the netlink socket that carries it, and on no other.
 * Every command, and joining the group "audit", needs CAP_NET_ADMIN in the user namespace that
 * owns the network namespace. Validation is strict: an unknown attribute is an error. Refusals
 * carry an extended ack that says why and, where there is one, names the attribute. A refused
 * request has changed nothing.
 *
 * LATTICE_CMD_HANDOFF_SET
 *     Registers the namespace if it is not yet, and sets all of its handoff sockets at once.
 *     Traffic is refused until there are sockets and a table with its destination.
 *       LATTICE_A_SOCKETS            nest, optional: 1 to LATTICE_SOCKETS_MAX a family of
 *         LATTICE_SOCKET_A_FD        u32, fd of the caller: a listening TCP socket of this
 *                                    namespace. IPv4 goes to AF_INET, IPv6 to AF_INET6 sockets.
 *       LATTICE_A_POOL4, POOL4_LEN   be32 and u8 8 to 32, optional: the addresses that are ours,
 *                                    169.254.171.0/24 at first
 *       LATTICE_A_POOL6, POOL6_LEN   16 bytes and u8 8 to 128: fd00:ec2:80::/64 at first. Pools
 *                                    are fixed while the namespace is registered.
 *       LATTICE_A_FLOW_ENDS          u8 0 or 1, 0 at first: are the ends of connections told too?
 *     The sockets belong to the netlink socket that set them: when it closes they are let go and
 *     everything is refused, but the namespace stays registered. While they are held they keep
 *     the namespace alive, as the netlink socket itself does. Without LATTICE_A_SOCKETS they are
 *     let go. EBADF no such fd; EINVAL not such a socket; EBUSY another netlink socket's sockets
 *     are set; ENOSPC the module's max_namespaces are registered.
 *
 * LATTICE_CMD_UNREGISTER
 *     Lets go of everything: sockets, table, hooks. ENOENT if not registered.
 *
 * LATTICE_CMD_TABLE_BEGIN begins a transaction, in place of an unfinished one of this socket.
 *       LATTICE_A_GENERATION         u64, the caller's number for the table
 *       LATTICE_A_COUNT              u32, how many entries will come, up to the module's
 *                                    max_entries
 *       LATTICE_A_RULE_COUNT         u32, optional, up to max_rules: how many rules will come.
 *                                    Without it every client is admitted, with 0 none.
 * LATTICE_CMD_TABLE_ADD adds to it, as often as needed:
 *       LATTICE_A_ENTRIES            nest of LATTICE_ENTRIES_A_ENTRY nests, each
 *         LATTICE_ENTRY_A_ADDR       destination
 *         LATTICE_ENTRY_A_PORT       be16, not 0
 *         LATTICE_ENTRY_A_SERVICE    u32, the caller's number for the service
 *       LATTICE_A_RULES              nest of LATTICE_RULES_A_RULE nests, each
 *         LATTICE_RULE_A_ADDR        of the source; bits behind the prefix are 0
 *         LATTICE_RULE_A_LEN         u8, of the prefix
 *         LATTICE_RULE_A_PORT_MIN, LATTICE_RULE_A_PORT_MAX   u16, destination ports admitted
 * LATTICE_CMD_TABLE_COMMIT puts it in force for every later connection, or refuses it whole.
 *       LATTICE_A_GENERATION         u64, as at the beginning
 *     A transaction belongs to its netlink socket and is dropped when that closes, or when a part
 *     of it is refused. ENOENT no transaction, or the namespace is not registered; EBUSY another
 *     socket's is open; EEXIST the address and port are there already; E2BIG more than was said;
 *     EINVAL fewer, or another generation.
 *
 * LATTICE_CMD_TABLE_GET
 *     A dump: each message holds LATTICE_A_GENERATION and LATTICE_A_ENTRIES or LATTICE_A_RULES.
 *     NLM_F_DUMP_INTR is set when the table changed meanwhile.
 * LATTICE_CMD_SERVICE_GET
 *     A dump: a message a service of the table, with LATTICE_A_SERVICE and LATTICE_A_COUNTERS for
 *     the verdicts below LATTICE_COUNTER_SERVICE_MAX. Counters live as long as a table names the
 *     service.
 * LATTICE_CMD_STATUS_GET
 *     Answers LATTICE_A_VERSION string, REGISTERED u8, SOCKET_COUNT u32 of both families, the
 *     pools, FLOW_ENDS, and of a registered namespace GENERATION, COUNT, RULE_COUNT if rules are
 *     set, LOST u64 audit events, and LATTICE_A_COUNTERS: a nest of u64 numbered by enum
 *     lattice_counter plus 1.
 *
 * Multicast group "audit", per namespace, and "audit-all", in the initial network namespace and
 * with CAP_NET_ADMIN in the initial user namespace, for all of them: LATTICE_CMD_AUDIT_EVENT, some
 * milliseconds after the first of the events in it, with
 *       LATTICE_A_NETNS_COOKIE       u64, as SO_NETNS_COOKIE tells it
 *       LATTICE_A_NETNS_INUM         u32, the inode number of the namespace, as dmesg prints it
 *       LATTICE_A_LOST               u64, events lost in this namespace so far
 *       LATTICE_A_RECORDS            array of struct lattice_record, in order of their time. Ends
 * are there where LATTICE_A_FLOW_ENDS asked for them. LATTICE_A_RECORD_SIZE        u32, bytes from
 * one record to the next: a later version may append members
 *
 * getsockopt(LATTICE_SO_PEER) at level SOL_IP or SOL_IPV6, on a connection accepted from a handoff
 * socket, fills a struct lattice_peer: who connected. A shorter buffer gets the beginning.
 * ENOENT: not a steered connection.
 *
 * Growth: attributes and commands are only ever added, at the end; numbers are not used again.
 */
#ifndef _UAPI_LINUX_LATTICE_H
#define _UAPI_LINUX_LATTICE_H

#include <linux/types.h>

#define LATTICE_GENL_NAME	     "lattice"
#define LATTICE_GENL_VERSION	     1
#define LATTICE_GENL_MCGRP_AUDIT     "audit"
#define LATTICE_GENL_MCGRP_AUDIT_ALL "audit-all"

#define LATTICE_SOCKETS_MAX 64

enum lattice_cmd {
	LATTICE_CMD_UNSPEC,
	LATTICE_CMD_HANDOFF_SET,
	LATTICE_CMD_UNREGISTER,
	LATTICE_CMD_TABLE_BEGIN,
	LATTICE_CMD_TABLE_ADD,
	LATTICE_CMD_TABLE_COMMIT,
	LATTICE_CMD_TABLE_GET,
	LATTICE_CMD_STATUS_GET,
	LATTICE_CMD_AUDIT_EVENT,
	LATTICE_CMD_SERVICE_GET,
	__LATTICE_CMD_MAX
};
#define LATTICE_CMD_MAX (__LATTICE_CMD_MAX - 1)

enum lattice_attr {
	LATTICE_A_UNSPEC,
	LATTICE_A_PAD,
	LATTICE_A_SOCKETS,
	LATTICE_A_POOL4,
	LATTICE_A_POOL4_LEN,
	LATTICE_A_POOL6,
	LATTICE_A_POOL6_LEN,
	LATTICE_A_FLOW_ENDS,
	LATTICE_A_GENERATION,
	LATTICE_A_COUNT,
	LATTICE_A_RULE_COUNT,
	LATTICE_A_ENTRIES,
	LATTICE_A_RULES,
	LATTICE_A_REGISTERED,
	LATTICE_A_SOCKET_COUNT,
	LATTICE_A_VERSION,
	LATTICE_A_COUNTERS,
	LATTICE_A_SERVICE,
	LATTICE_A_LOST,
	LATTICE_A_RECORDS,
	LATTICE_A_RECORD_SIZE,
	LATTICE_A_NETNS_COOKIE,
	LATTICE_A_NETNS_INUM,
	__LATTICE_A_MAX
};
#define LATTICE_A_MAX (__LATTICE_A_MAX - 1)

enum lattice_socket_attr { LATTICE_SOCKET_A_UNSPEC, LATTICE_SOCKET_A_FD, __LATTICE_SOCKET_A_MAX };
#define LATTICE_SOCKET_A_MAX (__LATTICE_SOCKET_A_MAX - 1)

enum lattice_entries_attr {
	LATTICE_ENTRIES_A_UNSPEC,
	LATTICE_ENTRIES_A_ENTRY,
	__LATTICE_ENTRIES_A_MAX
};
#define LATTICE_ENTRIES_A_MAX (__LATTICE_ENTRIES_A_MAX - 1)

enum lattice_entry_attr {
	LATTICE_ENTRY_A_UNSPEC,
	LATTICE_ENTRY_A_ADDR4,
	LATTICE_ENTRY_A_PORT,
	LATTICE_ENTRY_A_SERVICE,
	LATTICE_ENTRY_A_ADDR6,
	__LATTICE_ENTRY_A_MAX
};
#define LATTICE_ENTRY_A_MAX (__LATTICE_ENTRY_A_MAX - 1)

enum lattice_rules_attr { LATTICE_RULES_A_UNSPEC, LATTICE_RULES_A_RULE, __LATTICE_RULES_A_MAX };
#define LATTICE_RULES_A_MAX (__LATTICE_RULES_A_MAX - 1)

enum lattice_rule_attr {
	LATTICE_RULE_A_UNSPEC,
	LATTICE_RULE_A_ADDR4,
	LATTICE_RULE_A_ADDR6,
	LATTICE_RULE_A_LEN,
	LATTICE_RULE_A_PORT_MIN,
	LATTICE_RULE_A_PORT_MAX,
	__LATTICE_RULE_A_MAX
};
#define LATTICE_RULE_A_MAX (__LATTICE_RULE_A_MAX - 1)

/* What became of a connection attempt, or of a packet that is none. */
enum lattice_counter {
	LATTICE_COUNTER_STEERED,   /* handed to a handoff socket */
	LATTICE_COUNTER_NO_SOCKET, /* refused: no handoff socket listens */
	LATTICE_COUNTER_FILTERED,  /* refused: no rule admits the client */
	__LATTICE_COUNTER_SERVICE_MAX,
	LATTICE_COUNTER_NO_SERVICE = __LATTICE_COUNTER_SERVICE_MAX, /* refused: not in the table */
	LATTICE_COUNTER_NOT_TCP,				    /* refused: another protocol */
	LATTICE_COUNTER_MALFORMED, /* dropped: header cut short, or a fragmented SYN */
	__LATTICE_COUNTER_MAX
};
#define LATTICE_COUNTER_MAX (__LATTICE_COUNTER_MAX - 1)

enum lattice_record_kind {
	LATTICE_RECORD_REFUSED,
	LATTICE_RECORD_START,
	LATTICE_RECORD_END,
};

enum lattice_record_flags {
	LATTICE_RECORD_SERVICE = 1, /* the service is known */
};

/* One audited event. Addresses and ports are the client's packet's; IPv4 is IPv4-mapped. */
struct lattice_record {
	__u8 kind;    /* enum lattice_record_kind */
	__u8 verdict; /* enum lattice_counter */
	__u8 proto;
	__u8 flags; /* enum lattice_record_flags */
	__be16 sport, dport;
	__u32 service; /* the caller's number */
	__u32 reserved;
	__be32 saddr[4], daddr[4];
	__aligned_u64 time_ns; /* since 1970 */
	/* of an end */
	__aligned_u64 duration_ns;
	__aligned_u64 bytes_in;	 /* payload received from the client */
	__aligned_u64 bytes_out; /* payload that the client acknowledged */
};

#define LATTICE_SO_PEER 19457

/*
 * Who connected, as the kernel knows it of the connecting socket. It does not record a process id:
 * a socket may be shared or handed on; a cgroup and a uid are facts that stay.
 */
struct lattice_peer {
	__u32 flags; /* enum lattice_peer_flags */
	__u32 uid;   /* owner of the connecting socket, in the reader's user namespace */
	__aligned_u64 cgroup_id; /* of cgroup v2, where the socket was made */
	__aligned_u64 netns_cookie;
};

enum lattice_peer_flags {
	/* The client is a socket of this namespace: uid and cgroup_id are set. Else it came from
	 * behind the namespace, or is gone already. */
	LATTICE_PEER_LOCAL = 1,
};

#endif
