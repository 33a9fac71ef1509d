// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP tells every change of a socket's state through the tracepoint sock:inet_sock_set_state. While
 * some namespace wants to know the ends of its connections we listen there: no table of flows, no
 * cost per packet, and none at all while nobody asks. What an end says is the socket's own account.
 */

#include "flow_end.h"

#include "audit.h"
#include "table.h"

#include <linux/tcp.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

static struct tracepoint *state_change; /* set once, at load */

static DEFINE_MUTEX(users_lock);
static unsigned int users; /* namespaces that want ends; users_lock */

/* Client and service of an accepted connection, as the client's packets name them. */
static void read_flow(const struct sock *sk, struct lattice_flow *ret)
{
	const struct inet_sock *inet = inet_sk(sk);

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		ret->saddr = sk->sk_v6_daddr;
		ret->daddr = sk->sk_v6_rcv_saddr;
	} else
#endif
	{
		ipv6_addr_set_v4mapped(inet->inet_daddr, &ret->saddr);
		ipv6_addr_set_v4mapped(inet->inet_saddr, &ret->daddr);
	}
	ret->sport = inet->inet_dport;
	ret->dport = inet->inet_sport;
	ret->proto = IPPROTO_TCP;
}

static bool is_ours(const struct lattice_net *ln, const struct lattice_flow *flow)
{
	if (ipv6_addr_v4mapped(&flow->daddr))
		return !((flow->daddr.s6_addr32[3] ^ ln->pool4) & ln->pool4_mask);
	return ipv6_prefix_equal(&flow->daddr, &ln->pool6, ln->pool6_len);
}

/* TCP's counts of octets take a FIN for one. */
static u64 payload_in(const struct sock *sk)
{
	return tcp_sk(sk)->bytes_received - sock_flag(sk, SOCK_DONE);
}

static u64 payload_out(const struct sock *sk, int state)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	bool fin_is_sent = (1 << state) & (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | TCPF_CLOSING |
					   TCPF_LAST_ACK | TCPF_TIME_WAIT);

	return tp->bytes_acked - (fin_is_sent && tp->snd_una == tp->write_seq && tp->bytes_acked);
}

static void note_end(struct lattice_net *ln, const struct sock *sk, int old_state, ktime_t start)
{
	const struct lattice_account account = {
		.start_ns = ktime_to_ns(start),
		.bytes_in = payload_in(sk),
		.bytes_out = payload_out(sk, old_state),
	};
	const struct lattice_table *table;
	const struct lattice_entry *entry;
	struct lattice_flow flow;

	read_flow(sk, &flow);
	if (!is_ours(ln, &flow))
		return;
	rcu_read_lock();
	table = rcu_dereference(ln->table);
	entry = table ? lattice_table_find(table, &flow.daddr, flow.dport) : NULL;
	lattice_audit_end(ln, &flow, entry ? entry->service : NULL, &account);
	rcu_read_unlock();
}

/*
 * A connection's beginning is kept in sk_stamp, which TCP has no use for; a socket without it was
 * not accepted while we looked. Probes run inside an RCU read section.
 */
static void see_state(void *data, const struct sock *sk, const int old_state, const int new_state)
{
	struct lattice_net *ln;
	ktime_t start;

	if (new_state != TCP_CLOSE && (new_state != TCP_ESTABLISHED || old_state != TCP_SYN_RECV))
		return;
	if (sk->sk_protocol != IPPROTO_TCP)
		return;
	ln = lattice_net(sock_net(sk));
	if (!READ_ONCE(ln->flow_ends))
		return;
	if (new_state == TCP_ESTABLISHED) {
		sock_write_timestamp((struct sock *)sk, ktime_get_real());
		return;
	}
	start = sock_read_timestamp((struct sock *)sk);
	if (start != SK_DEFAULT_STAMP && start)
		note_end(ln, sk, old_state, start);
}

static int listen_to_states(void)
{
	int err = 0;

	mutex_lock(&users_lock);
	if (!users)
		err = tracepoint_probe_register(state_change, see_state, NULL);
	if (!err)
		users++;
	mutex_unlock(&users_lock);
	return err;
}

static void stop_listening(void)
{
	mutex_lock(&users_lock);
	if (!--users)
		tracepoint_probe_unregister(state_change, see_state, NULL);
	mutex_unlock(&users_lock);
}

/* From now on tell (or do not tell) the ends of connections in the namespace. 0 or -errno. */
int lattice_flow_end_set(struct lattice_net *ln, bool wanted)
{
	int err;

	lockdep_assert_held(&ln->update_lock);

	if (ln->flow_ends == wanted)
		return 0;
	if (wanted) {
		if (!state_change)
			return -EOPNOTSUPP;
		err = listen_to_states();
		if (err)
			return err;
	} else {
		stop_listening();
	}
	WRITE_ONCE(ln->flow_ends, wanted);
	return 0;
}

static void find_state_change(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "inet_sock_set_state"))
		state_change = tp;
}

/* The tracepoint is not exported by name. Without it only the ends are not to be had. */
void __init lattice_flow_end_init(void)
{
	for_each_kernel_tracepoint(find_state_change, NULL);
}

/* No namespace is left that wants ends: wait for probes under way. */
void lattice_flow_end_exit(void)
{
	tracepoint_synchronize_unregister();
}
