/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family "lattice", version 1: which traffic of a network namespace goes to
 * which listening sockets.
 *
 * A request acts on the network namespace of the netlink socket that carries it, and on no other.
 * Every command, and joining the multicast group, needs CAP_NET_ADMIN in the user namespace that
 * owns the network namespace. Validation is strict: an unknown attribute is an error. Refusals
 * carry an extended ack that says why and, where there is one, names the attribute.
 *
 * LATTICE_CMD_HANDOFF_SET     registers the namespace if it is not yet, and sets all of its handoff
 *                             sockets at once. Traffic is refused until there are sockets and a
 *                             table with its destination.
 *     LATTICE_A_SOCKETS       nest, optional: 1 to LATTICE_SOCKETS_MAX of
 *         LATTICE_SOCKET_A_FD u32, fd of the caller: an IPv4 TCP socket of this namespace,
 * listening LATTICE_A_POOL4         be32, optional: the addresses that are ours, 169.254.171.0 at
 * first; may be given only while the namespace is not registered LATTICE_A_POOL4_LEN     u8, 8 to
 * 32, with LATTICE_A_POOL4; 24 at first The sockets belong to the netlink socket that set them:
 * when it closes they are let go and everything is refused, but the namespace stays registered.
 * While they are held they keep the namespace alive, as the netlink socket itself does. Without
 * LATTICE_A_SOCKETS they are let go. EBADF no such fd; EINVAL not such a socket; EBUSY another
 * netlink socket's sockets are set.
 *
 * LATTICE_CMD_UNREGISTER      lets go of everything: sockets, table, hooks. ENOENT if not
 * registered.
 *
 * LATTICE_CMD_TABLE_BEGIN     begins a transaction, in place of an unfinished one of this socket.
 *     LATTICE_A_GENERATION    u64, the caller's number for the table
 *     LATTICE_A_COUNT         u32, how many entries will come, up to LATTICE_ENTRIES_MAX
 * LATTICE_CMD_TABLE_ADD       adds to it.
 *     LATTICE_A_ENTRIES       nest of LATTICE_ENTRIES_A_ENTRY nests, each
 *         LATTICE_ENTRY_A_ADDR4    be32
 *         LATTICE_ENTRY_A_PORT     be16, not 0
 *         LATTICE_ENTRY_A_SERVICE  u32, the caller's number for the service
 * LATTICE_CMD_TABLE_COMMIT    puts it in force for every later packet, or refuses it whole.
 *     LATTICE_A_GENERATION    u64, as at the beginning
 *   A transaction belongs to its netlink socket and is dropped when that closes. ENOENT no
 *   transaction, or the namespace is not registered; EBUSY another socket's is open; EEXIST the
 *   address and port are there already; E2BIG more than was said; EINVAL fewer, or another number.
 *
 * LATTICE_CMD_TABLE_GET       a dump: each message holds LATTICE_A_GENERATION and one
 * LATTICE_A_ENTRIES. NLM_F_DUMP_INTR is set when the table changed meanwhile.
 * LATTICE_CMD_STATUS_GET      answers LATTICE_A_REGISTERED u8, GENERATION, COUNT entries,
 *                             SOCKET_COUNT u32, POOL4, POOL4_LEN, VERSION string, LOST u64 audit
 *                             events, and LATTICE_A_COUNTERS: a nest of u64 numbered by
 *                             enum lattice_counter plus 1.
 *
 * Multicast group "audit", per namespace: LATTICE_CMD_AUDIT_EVENT with
 *     LATTICE_A_VERDICT       u8, enum lattice_counter
 *     LATTICE_A_SADDR4, LATTICE_A_SPORT, LATTICE_A_DADDR4, LATTICE_A_DPORT   be32 and be16
 *     LATTICE_A_PROTO         u8
 *     LATTICE_A_SERVICE       u32, of a steered connection
 *     LATTICE_A_TIME          u64, nanoseconds since 1970
 *     LATTICE_A_LOST          u64, events lost in this namespace so far
 *
 * Growth: attributes and commands are only ever added, at the end; numbers are not used again.
 */
#ifndef _UAPI_LINUX_LATTICE_H
#define _UAPI_LINUX_LATTICE_H

#define LATTICE_GENL_NAME	 "lattice"
#define LATTICE_GENL_VERSION	 1
#define LATTICE_GENL_MCGRP_AUDIT "audit"

#define LATTICE_SOCKETS_MAX 64
#define LATTICE_ENTRIES_MAX 20000

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
	__LATTICE_CMD_MAX
};
#define LATTICE_CMD_MAX (__LATTICE_CMD_MAX - 1)

enum lattice_attr {
	LATTICE_A_UNSPEC,
	LATTICE_A_PAD,
	LATTICE_A_SOCKETS,
	LATTICE_A_POOL4,
	LATTICE_A_POOL4_LEN,
	LATTICE_A_GENERATION,
	LATTICE_A_COUNT,
	LATTICE_A_ENTRIES,
	LATTICE_A_REGISTERED,
	LATTICE_A_SOCKET_COUNT,
	LATTICE_A_VERSION,
	LATTICE_A_COUNTERS,
	LATTICE_A_VERDICT,
	LATTICE_A_SADDR4,
	LATTICE_A_SPORT,
	LATTICE_A_DADDR4,
	LATTICE_A_DPORT,
	LATTICE_A_PROTO,
	LATTICE_A_SERVICE,
	LATTICE_A_TIME,
	LATTICE_A_LOST,
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
	__LATTICE_ENTRY_A_MAX
};
#define LATTICE_ENTRY_A_MAX (__LATTICE_ENTRY_A_MAX - 1)

/* What became of a connection attempt, or of a packet that is none. */
enum lattice_counter {
	LATTICE_COUNTER_STEERED,    /* handed to a handoff socket */
	LATTICE_COUNTER_NO_SERVICE, /* refused: not in the table */
	LATTICE_COUNTER_NO_SOCKET,  /* refused: no handoff socket listens */
	LATTICE_COUNTER_NOT_TCP,    /* refused: another protocol */
	LATTICE_COUNTER_MALFORMED,  /* dropped: header cut short, or a fragmented SYN */
	__LATTICE_COUNTER_MAX
};
#define LATTICE_COUNTER_MAX (__LATTICE_COUNTER_MAX - 1)

#endif
