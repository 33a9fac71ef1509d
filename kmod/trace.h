/* SPDX-License-Identifier: GPL-2.0-only */
/* The tracepoint of the packet path: lattice:lattice_verdict, one for each connection attempt. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM lattice

#if !defined(_LATTICE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _LATTICE_TRACE_H

#include "lattice.h"

#include <linux/tracepoint.h>
#include <net/net_namespace.h>

/* clang-format off */
TRACE_EVENT(lattice_verdict,
	TP_PROTO(const struct net *net, const struct lattice_flow *flow, int verdict),
	TP_ARGS(net, flow, verdict),
	TP_STRUCT__entry(
		__field(u32, net)
		__array(u8, saddr, 16)
		__array(u8, daddr, 16)
		__field(u16, sport)
		__field(u16, dport)
		__field(u8, proto)
		__field(u8, verdict)
	),
	TP_fast_assign(
		__entry->net = net->ns.inum;
		memcpy(__entry->saddr, &flow->saddr, 16);
		memcpy(__entry->daddr, &flow->daddr, 16);
		__entry->sport = ntohs(flow->sport);
		__entry->dport = ntohs(flow->dport);
		__entry->proto = flow->proto;
		__entry->verdict = verdict;
	),
	TP_printk("net:[%u] [%pI6c]:%u > [%pI6c]:%u proto %u %s", __entry->net, __entry->saddr,
		  __entry->sport, __entry->daddr, __entry->dport, __entry->proto,
		  __print_symbolic(__entry->verdict,
				   { LATTICE_COUNTER_STEERED, "steered" },
				   { LATTICE_COUNTER_NO_SOCKET, "no-socket" },
				   { LATTICE_COUNTER_FILTERED, "filtered" },
				   { LATTICE_COUNTER_NO_SERVICE, "no-service" },
				   { LATTICE_COUNTER_NOT_TCP, "not-tcp" },
				   { LATTICE_COUNTER_MALFORMED, "malformed" }))
);
/* clang-format on */

#endif

/* define_trace.h looks for this file by the path from the include path that Kbuild adds. */
#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
