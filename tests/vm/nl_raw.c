/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that no honest TCP sends, made by hand: SYNs cut short, in fragments, or behind options.
 */
#include "nl_talk.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOURCE_PORT = 4444, DEST_OPTIONS_BYTES = 8, TCP_SHORT_BYTES = 12 };

/* The one's complement sum of RFC 1071 over @n bytes, on top of @sum. */
static uint32_t add_up(uint32_t sum, const void *p, size_t n)
{
	const uint8_t *b = p;
	size_t i;

	for (i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)b[i] << 8 | b[i + 1];
	if (n & 1)
		sum += (uint32_t)b[n - 1] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* A SYN to @port from @from to @to (@n bytes each) with its checksum. */
static struct tcphdr make_syn(uint16_t port, const void *from, const void *to, size_t n)
{
	struct tcphdr t = { .source = htons(SOURCE_PORT), .dest = htons(port), .doff = 5 };
	uint32_t sum;

	t.seq = htonl(1);
	t.syn = 1;
	t.window = htons(1024);
	sum = add_up(0, from, n);
	sum = add_up(sum, to, n);
	t.check = fold(add_up(sum + IPPROTO_TCP + sizeof(t), &t, sizeof(t)));
	return t;
}

static int send_raw(const struct nl_addr *to, const void *packet, size_t n)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_addr = to->v4 };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_addr = to->v6 };
	const struct sockaddr *at = to->family == AF_INET ? (const struct sockaddr *)&to4
							  : (const struct sockaddr *)&to6;
	socklen_t size = to->family == AF_INET ? sizeof(to4) : sizeof(to6);
	int fd = socket(to->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	ssize_t sent = fd < 0 ? -1 : sendto(fd, packet, n, 0, at, size);

	if (sent != (ssize_t)n)
		perror("raw packet");
	if (fd >= 0)
		close(fd);
	return sent == (ssize_t)n ? 0 : 1;
}

/* @n bytes of @payload, with @frag as the fragment field of the header. */
static int send4(struct nl_addr from, struct nl_addr to, const void *payload, size_t n,
		 uint16_t frag)
{
	struct {
		struct iphdr ip;
		uint8_t payload[64];
	} p = { .ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP } };

	p.ip.saddr = from.v4.s_addr;
	p.ip.daddr = to.v4.s_addr;
	p.ip.id = htons(77);
	p.ip.frag_off = htons(frag);
	memcpy(p.payload, payload, n);
	return send_raw(&to, &p, sizeof(p.ip) + n);
}

/* A SYN of IPv6 behind a header of destination options that hold padding only. */
static int send6_behind_options(struct nl_addr from, struct nl_addr to, uint16_t port)
{
	struct {
		struct ip6_hdr ip;
		uint8_t options[DEST_OPTIONS_BYTES];
		struct tcphdr tcp;
	} __attribute__((packed)) p = { .options = { IPPROTO_TCP, 0, IP6OPT_PADN, 4 } };

	p.ip.ip6_flow = htonl(6U << 28);
	p.ip.ip6_plen = htons(sizeof(p.options) + sizeof(p.tcp));
	p.ip.ip6_nxt = IPPROTO_DSTOPTS;
	p.ip.ip6_hlim = 64;
	p.ip.ip6_src = from.v6;
	p.ip.ip6_dst = to.v6;
	p.tcp = make_syn(port, &from.v6, &to.v6, sizeof(from.v6));
	return send_raw(&to, &p, sizeof(p));
}

/* Send the packet that @kind names from @from to @to. Returns the exit status. */
int nl_raw(const char *kind, const char *from_text, const char *to_text, uint16_t port)
{
	struct nl_addr from = nl_addr_parse(from_text), to = nl_addr_parse(to_text);
	struct tcphdr syn;

	if (!strcmp(kind, "behind-options"))
		return send6_behind_options(from, to, port);
	syn = make_syn(port, &from.v4, &to.v4, sizeof(from.v4));
	if (!strcmp(kind, "whole"))
		return send4(from, to, &syn, sizeof(syn), 0);
	if (!strcmp(kind, "short"))
		return send4(from, to, &syn, TCP_SHORT_BYTES, 0);
	if (!strcmp(kind, "first-fragment"))
		return send4(from, to, &syn, 16, IP_MF);
	if (!strcmp(kind, "later-fragment"))
		return send4(from, to, (const uint8_t *)&syn + 16, 4, 16 / 8);
	fprintf(stderr, "no such packet: %s\n", kind);
	return 2;
}
