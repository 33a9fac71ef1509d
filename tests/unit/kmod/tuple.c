/* SPDX-License-Identifier: Apache-2.0 */
/* kmod/tuple.c: what packets are taken for, whole, cut short, in fragments and behind options. */
#include "packet.h"

#include "../../../kmod/tuple.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SYN = 0x02, RST = 0x04, ACK = 0x10 };
enum { ROUNDS = 200000 };

/* A packet under construction; IPv6 headers go one behind the other. */
struct making {
	struct sk_buff skb;
	bool is_ipv6;
	u8 *next; /* where the protocol of what follows is said */
};

static struct making begin(bool is_ipv6, u8 options)
{
	struct making m = { .is_ipv6 = is_ipv6 };

	if (is_ipv6) {
		m.skb.length = sizeof(struct ipv6hdr);
		ipv6_hdr(&m.skb)->saddr.s6_addr[15] = 1;
		ipv6_hdr(&m.skb)->daddr.s6_addr[15] = 2;
	} else {
		m.skb.length = sizeof(struct iphdr) + options * 4u;
		ip_hdr(&m.skb)->ihl = (5 + options) & 15;
		ip_hdr(&m.skb)->saddr = 0x01000000;
		ip_hdr(&m.skb)->daddr = 0x02000000;
	}
	m.skb.transport = m.skb.length;
	return m;
}

static u8 *protocol(struct making *m)
{
	if (m->next)
		return m->next;
	return m->is_ipv6 ? &ipv6_hdr(&m->skb)->nexthdr : &ip_hdr(&m->skb)->protocol;
}

/* An extension header of IPv6, @units of 8 bytes behind its first. */
static void extend(struct making *m, u8 type, u8 units, u16 frag_off)
{
	u8 *h = m->skb.data + m->skb.length;

	*protocol(m) = type;
	m->next = h;
	if (type == IPPROTO_FRAGMENT) {
		h[2] = (u8)(frag_off >> 8);
		h[3] = (u8)frag_off;
	} else {
		h[1] = units;
	}
	m->skb.length += 8u * (1u + units);
}

/* TCP from port 1000 to port 80, and nothing else. */
static void end_tcp(struct making *m, u8 flags)
{
	u8 *h = m->skb.data + m->skb.length;

	*protocol(m) = IPPROTO_TCP;
	h[0] = 1000 >> 8;
	h[1] = 1000 & 255;
	h[3] = 80;
	h[13] = flags;
	m->skb.length += sizeof(struct tcphdr);
	m->skb.linear = m->skb.length;
}

static void end_other(struct making *m, u8 proto, u8 first)
{
	*protocol(m) = proto;
	m->skb.data[m->skb.length] = first;
	m->skb.length += 8;
	m->skb.linear = m->skb.length;
}

static enum lattice_packet read_packet(const struct making *m, struct lattice_flow *flow)
{
	return m->is_ipv6 ? lattice_tuple_ipv6(&m->skb, flow) : lattice_tuple_ipv4(&m->skb, flow);
}

static enum lattice_packet kind(const struct making *m)
{
	struct lattice_flow flow;

	return read_packet(m, &flow);
}

static void a_flow_is_told_in_one_form_for_both_families(void **state)
{
	static const struct in6_addr mapped = { .s6_addr = { [10] = 0xff, [11] = 0xff, [15] = 1 } };
	struct making m4 = begin(false, 3), m6 = begin(true, 0);
	struct lattice_flow flow;

	(void)state;
	end_tcp(&m4, SYN);
	assert_int_equal(read_packet(&m4, &flow), LATTICE_PACKET_SYN);
	assert_memory_equal(&flow.saddr, &mapped, sizeof(mapped));
	assert_int_equal(flow.sport, htons(1000));
	assert_int_equal(flow.dport, htons(80));
	assert_int_equal(flow.proto, IPPROTO_TCP);
	extend(&m6, IPPROTO_HOPOPTS, 1, 0);
	end_tcp(&m6, SYN);
	assert_int_equal(read_packet(&m6, &flow), LATTICE_PACKET_SYN);
	assert_int_equal(flow.daddr.s6_addr[15], 2);
	assert_int_equal(flow.dport, htons(80));
	assert_int_equal(flow.proto, IPPROTO_TCP);
}

static void only_a_bare_syn_begins_a_connection(void **state)
{
	unsigned flags, family;

	(void)state;
	for (family = 0; family < 2; family++) {
		for (flags = 0; flags < 256; flags++) {
			struct making m = begin(family, 0);
			bool is_syn = flags & SYN && !(flags & (ACK | RST));

			end_tcp(&m, (u8)flags);
			assert_int_equal(kind(&m),
					 is_syn ? LATTICE_PACKET_SYN : LATTICE_PACKET_SEGMENT);
		}
	}
}

static void a_header_cut_short_is_malformed_at_every_length(void **state)
{
	size_t family, cut;

	(void)state;
	for (family = 0; family < 2; family++) {
		for (cut = 1; cut <= sizeof(struct tcphdr); cut++) {
			struct making m = begin(family, 0);

			end_tcp(&m, SYN);
			m.skb.length -= cut;
			m.skb.linear = m.skb.length;
			assert_int_equal(kind(&m), LATTICE_PACKET_MALFORMED);
		}
	}
}

static void fragments_of_a_syn_are_malformed_and_later_ones_set_aside(void **state)
{
	struct making first4 = begin(false, 0), later4 = begin(false, 0), data4 = begin(false, 0);
	struct making first6 = begin(true, 0), later6 = begin(true, 0), whole6 = begin(true, 0);

	(void)state;
	ip_hdr(&first4.skb)->frag_off = htons(IP_MF);
	end_tcp(&first4, SYN);
	assert_int_equal(kind(&first4), LATTICE_PACKET_MALFORMED);
	ip_hdr(&later4.skb)->frag_off = htons(1);
	end_tcp(&later4, SYN);
	assert_int_equal(kind(&later4), LATTICE_PACKET_ASIDE);
	ip_hdr(&data4.skb)->frag_off = htons(IP_MF);
	end_tcp(&data4, ACK);
	assert_int_equal(kind(&data4), LATTICE_PACKET_SEGMENT);
	extend(&first6, IPPROTO_FRAGMENT, 0, 1);
	end_tcp(&first6, SYN);
	assert_int_equal(kind(&first6), LATTICE_PACKET_MALFORMED);
	extend(&later6, IPPROTO_FRAGMENT, 0, 8);
	end_tcp(&later6, SYN);
	assert_int_equal(kind(&later6), LATTICE_PACKET_ASIDE);
	/* RFC 6946: a fragment header around a whole packet */
	extend(&whole6, IPPROTO_FRAGMENT, 0, 0);
	end_tcp(&whole6, SYN);
	assert_int_equal(kind(&whole6), LATTICE_PACKET_SYN);
}

static void extension_headers_that_do_not_end_are_malformed(void **state)
{
	struct making m = begin(true, 0);

	(void)state;
	extend(&m, IPPROTO_HOPOPTS, 0, 0);
	m.skb.length -= 4;
	m.skb.linear = m.skb.length;
	assert_int_equal(kind(&m), LATTICE_PACKET_MALFORMED);
}

static void errors_of_icmp_are_set_aside_and_its_questions_refused(void **state)
{
	static const struct {
		bool is_ipv6;
		u8 proto, type;
		enum lattice_packet want;
	} cases[] = {
		{ false, IPPROTO_ICMP, ICMP_DEST_UNREACH, LATTICE_PACKET_ASIDE },
		{ false, IPPROTO_ICMP, ICMP_TIME_EXCEEDED, LATTICE_PACKET_ASIDE },
		{ false, IPPROTO_ICMP, ICMP_PARAMETERPROB, LATTICE_PACKET_ASIDE },
		{ false, IPPROTO_ICMP, 8, LATTICE_PACKET_NOT_TCP },
		{ false, IPPROTO_UDP, ICMP_DEST_UNREACH, LATTICE_PACKET_NOT_TCP },
		{ true, IPPROTO_ICMPV6, 1, LATTICE_PACKET_ASIDE },
		{ true, IPPROTO_ICMPV6, 127, LATTICE_PACKET_ASIDE },
		{ true, IPPROTO_ICMPV6, 128, LATTICE_PACKET_NOT_TCP },
		{ true, IPPROTO_UDP, 1, LATTICE_PACKET_NOT_TCP },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct making m = begin(cases[i].is_ipv6, 0);

		end_other(&m, cases[i].proto, cases[i].type);
		assert_int_equal(kind(&m), cases[i].want);
	}
}

/* Anything at all: options, fragments, protocols, flags, cut anywhere, in any number of pieces. */
static struct making random_packet(void)
{
	struct making m = begin(get_random_u32() % 2, (u8)(get_random_u32() % 4));

	if (!m.is_ipv6 && !(get_random_u32() % 4))
		ip_hdr(&m.skb)->frag_off = htons(get_random_u32() % 2 ? IP_MF : 3);
	while (m.is_ipv6 && m.skb.length < 100 && !(get_random_u32() % 3)) {
		bool is_fragment = get_random_u32() % 2;

		extend(&m, is_fragment ? IPPROTO_FRAGMENT : IPPROTO_HOPOPTS,
		       is_fragment ? 0 : (u8)(get_random_u32() % 3), (u16)(get_random_u32() % 12));
	}
	if (get_random_u32() % 4)
		end_tcp(&m, (u8)get_random_u32());
	else
		end_other(&m, (u8)get_random_u32(), (u8)get_random_u32());
	if (!(get_random_u32() % 4))
		m.skb.length =
			m.skb.transport + get_random_u32() % (m.skb.length - m.skb.transport + 1);
	m.skb.linear = m.skb.length;
	if (!(get_random_u32() % 4))
		m.skb.linear =
			m.skb.transport + get_random_u32() % (m.skb.length - m.skb.transport + 1);
	return m;
}

static void the_short_way_never_disagrees_with_the_long_one(void **state)
{
	unsigned i, taken = 0;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct making m = random_packet();
		bool is_segment = m.is_ipv6 ? lattice_tuple_is_segment_ipv6(&m.skb)
					    : lattice_tuple_is_segment_ipv4(&m.skb);

		taken += is_segment;
		if (is_segment)
			assert_int_equal(kind(&m), LATTICE_PACKET_SEGMENT);
	}
	assert_true(taken > ROUNDS / 100);
}

static void pieces_change_nothing(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		struct making m = random_packet(), whole = m;

		whole.skb.linear = whole.skb.length;
		assert_int_equal(kind(&m), kind(&whole));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_told_in_one_form_for_both_families),
		cmocka_unit_test(only_a_bare_syn_begins_a_connection),
		cmocka_unit_test(a_header_cut_short_is_malformed_at_every_length),
		cmocka_unit_test(fragments_of_a_syn_are_malformed_and_later_ones_set_aside),
		cmocka_unit_test(extension_headers_that_do_not_end_are_malformed),
		cmocka_unit_test(errors_of_icmp_are_set_aside_and_its_questions_refused),
		cmocka_unit_test(the_short_way_never_disagrees_with_the_long_one),
		cmocka_unit_test(pieces_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
