/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steering without the module: one `table inet lattice` a namespace. A SYN to a bound address
 * and port is given to the handoff listeners; any other to the pool is reset, other protocols
 * are answered admin-prohibited. Later packets find their socket by themselves.
 *
 * TPROXY finds no listener when the broker is gone: the rule does not match, and the next one
 * refuses. It also turns on reassembly before this chain, so a SYN cannot hide in fragments.
 */
#include "steer/nft.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/log.h"
#include "steer/nft_counters.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Elements of at most 48 bytes each, rules of at most 144, and the words around them. */
enum { NFT_TEXT_BYTES_MAX = LATTICE_BINDINGS_MAX * 48 + LATTICE_FILTER_RULES_MAX * 144 + 8192 };

/* Run @b as one transaction in the namespace entered. 0 or -errno, having said why. */
static int run(struct buf *b)
{
	struct nft_ctx *nft;
	int err = 0;

	buf_add_char(b, 0);
	if (b->failed)
		return -ENOMEM;
	nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft)
		return -ENOMEM;
	if (nft_ctx_buffer_error(nft)) {
		err = -ENOMEM;
	} else if (nft_run_cmd_from_buffer(nft, buf_str(b).p)) {
		err = -EIO; /* the library leaves nothing to rely on in errno */
		log_warn("nf_tables refused a change (%.200s)", nft_ctx_get_error_buffer(nft));
	}
	nft_ctx_free(nft);
	return err;
}

static void add_ip(struct buf *b, int family, const void *addr)
{
	char text[INET6_ADDRSTRLEN];

	buf_add(b, str_of(inet_ntop(family, addr, text, sizeof(text))));
}

/* What differs between the two halves of the table. */
struct half {
	const char *ip;	      /* the family, in "ip daddr" and in names */
	const char *type;     /* of an address */
	const char *loopback; /* where the handoff listeners are */
	const char *icmp;
	const char *errors; /* the ICMP errors about connections, which must reach TCP */
};

static const struct half half4 = { "ip", "ipv4_addr", "127.0.0.1", "icmp",
				   "destination-unreachable, time-exceeded, parameter-problem" };
static const struct half half6 = { "ip6", "ipv6_addr", "[::1]", "icmpv6",
				   "destination-unreachable, packet-too-big, time-exceeded, "
				   "parameter-problem" };

/*
 * The set of bindings, the chain that SYNs to them go through and the one that packets to the pool
 * do. A chain of rules refuses whom none of them lets return; empty, it admits everyone.
 */
static void write_half(struct buf *b, const struct half *f, uint16_t port)
{
	buf_addf(b,
		 " set bindings_%s { type %s . inet_service; }\n chain admit_%s { }\n"
		 " chain pool_%s {\n",
		 f->ip, f->type, f->ip, f->ip);
	/* Of what belongs to a connection each packet comes here: it has one rule, the first. */
	buf_addf(b,
		 "  tcp flags & (fin|syn|rst|ack) != syn accept\n"
		 "  tcp flags & (fin|syn|rst|ack) == syn jump admit_%s\n"
		 "  tcp flags & (fin|syn|rst|ack) == syn %s daddr . tcp dport @bindings_%s"
		 " tproxy %s to %s:%u counter name steered accept\n",
		 f->ip, f->ip, f->ip, f->ip, f->loopback, (unsigned)port);
	buf_add_lit(b, "  tcp flags & (fin|syn|rst|ack) == syn counter name no_service"
		       " reject with tcp reset\n");
	buf_addf(b, "  %s type { %s } accept\n", f->icmp, f->errors);
	buf_addf(b,
		 "  meta l4proto != tcp counter name not_tcp"
		 " reject with %s type admin-prohibited\n }\n",
		 f->icmp);
}

static void write_counters(struct buf *b)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nft_counter_names); i++) {
		if (nft_counter_names[i])
			buf_addf(b, " counter %s { }\n", nft_counter_names[i]);
	}
}

/* What is kept of a namespace. Without IPv6 port6 is 0. */
struct nft {
	struct pool pool;
	uint16_t port, port6;
	bool is_anothers; /* the table in force was made by an earlier broker, perhaps differently
			   */
};

/*
 * The whole table, replacing one that an earlier broker may have left. Where there is no IPv6 its
 * half is left out.
 */
static void write_table(struct buf *b, const struct nft *n)
{
	buf_add_lit(b, "table inet lattice\n"
		       "delete table inet lattice\n"
		       "table inet lattice {\n");
	write_counters(b);
	write_half(b, &half4, n->port);
	if (n->port6)
		write_half(b, &half6, n->port6);
	buf_add_lit(b, " chain prerouting {\n"
		       "  type filter hook prerouting priority mangle; policy accept;\n"
		       "  ip daddr ");
	add_ip(b, AF_INET, &n->pool.addr);
	buf_addf(b, "/%u jump pool_ip\n", n->pool.bits);
	if (n->port6) {
		buf_add_lit(b, "  ip6 daddr ");
		add_ip(b, AF_INET6, &n->pool.addr6);
		buf_addf(b, "/%u jump pool_ip6\n", n->pool.bits6);
	}
	buf_add_lit(b, " }\n}\n");
}

static int attach(const struct pool *pool, struct handoff *h, void **ret_state)
{
	struct nft *n = calloc(1, sizeof(*n));
	struct buf b;
	int err;

	if (!n)
		return -ENOMEM;
	*n = (struct nft){ .pool = *pool, .port = h->port, .port6 = h->port6 };
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_table(&b, n);
	err = run(&b);
	buf_fini(&b);
	if (err) {
		free(n);
		return err;
	}
	*ret_state = n;
	return 0;
}

/* Does chain @chain of the table in force have these words? */
static bool has_words(struct nft_ctx *nft, const char *chain, struct buf *words)
{
	char command[64];
	const char *listed;

	buf_add_char(words, 0);
	snprintf(command, sizeof(command), "list chain inet lattice %s", chain);
	if (words->failed || nft_run_cmd_from_buffer(nft, command))
		return false;
	listed = nft_ctx_get_output_buffer(nft);
	return listed && strstr(listed, buf_str(words).p);
}

/* Are packets to one half of @pool brought to @port? */
static bool is_half_steered(struct nft_ctx *nft, const struct half *f, const struct pool *pool,
			    uint16_t port)
{
	bool is_ip4 = f == &half4;
	char chain[16];
	struct buf b;
	bool is_so;

	buf_init(&b, 256);
	snprintf(chain, sizeof(chain), "pool_%s", f->ip);
	buf_addf(&b, "%s daddr ", f->ip);
	add_ip(&b, is_ip4 ? AF_INET : AF_INET6,
	       is_ip4 ? (const void *)&pool->addr : (const void *)&pool->addr6);
	buf_addf(&b, "/%u jump %s\n", is_ip4 ? pool->bits : pool->bits6, chain);
	is_so = has_words(nft, "prerouting", &b);
	buf_fini(&b);
	buf_init(&b, 256);
	buf_addf(&b, "tproxy %s to %s:%u counter", f->ip, f->loopback, (unsigned)port);
	is_so = is_so && has_words(nft, chain, &b);
	buf_fini(&b);
	return is_so;
}

/*
 * The table in force is asked for what leads to the listeners. It stays for as long as what it is
 * to hold is not known; then another takes its place, as this version writes it.
 */
static int resume(const struct pool *pool, struct handoff *h, void **ret_state)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	struct nft *n = calloc(1, sizeof(*n));
	bool is_so = nft && n && nft_ctx_buffer_output(nft) == 0 &&
		     nft_ctx_buffer_error(nft) == 0 &&
		     is_half_steered(nft, &half4, pool, h->port) &&
		     (!h->port6 || is_half_steered(nft, &half6, pool, h->port6));

	if (h->module >= 0)
		close(h->module); /* of a broker that steered otherwise */
	h->module = -1;
	if (nft)
		nft_ctx_free(nft);
	if (!is_so) {
		free(n);
		return -ESTALE;
	}
	*n = (struct nft){ .pool = *pool, .port = h->port, .port6 = h->port6, .is_anothers = true };
	*ret_state = n;
	return 0;
}

/* "@what element" for those of @t in one half that go, or that do not. */
static void write_elements(struct buf *b, const char *what, const struct half *f,
			   const struct table *t, bool going)
{
	unsigned family = f == &half4 ? AF_INET : AF_INET6;
	bool is_first = true;
	uint32_t i;

	for (i = 0; i < t->count; i++) {
		const struct sock_addr *a = &t->bindings[i].addr;

		if (a->family != family || (t->bindings[i].service == LINK_SERVICE_NONE) != going)
			continue;
		if (is_first)
			buf_addf(b, "%s element inet lattice bindings_%s { ", what, f->ip);
		else
			buf_add_lit(b, ",");
		is_first = false;
		add_ip(b, (int)family,
		       family == AF_INET ? (const void *)&a->v4 : (const void *)&a->v6);
		buf_addf(b, " . %u", (unsigned)a->port);
	}
	if (!is_first)
		buf_add_lit(b, " }\n");
}

/* Replace the elements of one half by those of @t. */
static void write_set(struct buf *b, const struct half *f, const struct table *t)
{
	buf_addf(b, "flush set inet lattice bindings_%s\n", f->ip);
	write_elements(b, "add", f, t, false);
}

/* Change the elements of one half, and nothing else. */
static void write_change(struct buf *b, const struct half *f, const struct table *change)
{
	write_elements(b, "delete", f, change, true);
	write_elements(b, "add", f, change, false);
}

/* Replace the rules of one half by those of @t. */
static void write_rules(struct buf *b, const struct half *f, const struct table *t)
{
	unsigned family = f == &half4 ? AF_INET : AF_INET6;
	uint32_t i;

	buf_addf(b, "flush chain inet lattice admit_%s\n", f->ip);
	for (i = 0; i < t->rule_count; i++) {
		const struct ingress *r = &t->rules[i];
		char text[PREFIX_TEXT_MAX];

		if (r->source.addr.family != family)
			continue;
		buf_addf(b, "add rule inet lattice admit_%s %s saddr " STR_FMT " tcp dport %u",
			 f->ip, f->ip, STR_ARG(prefix_write(&r->source, text)),
			 (unsigned)r->port_min);
		/* To nf_tables a range of one is none. */
		if (r->port_max != r->port_min)
			buf_addf(b, "-%u", (unsigned)r->port_max);
		buf_add_lit(b, " return\n");
	}
	if (t->has_filter)
		buf_addf(b,
			 "add rule inet lattice admit_%s counter name filtered"
			 " reject with tcp reset\n",
			 f->ip);
}

static void write_half_of(struct buf *b, const struct half *f, const struct table *t,
			  const struct table *change)
{
	if (change) {
		write_change(b, f, change);
		return;
	}
	write_set(b, f, t);
	write_rules(b, f, t);
}

static int publish(void *state, const struct table *t, const struct table *change)
{
	struct nft *n = state;
	struct buf b;
	int err = 0;

	buf_init(&b, NFT_TEXT_BYTES_MAX);
	if (n->is_anothers) {
		write_table(&b, n);
		change = NULL;
	}
	write_half_of(&b, &half4, t, change);
	if (n->port6)
		write_half_of(&b, &half6, t, change);
	if (b.failed || buf_len(&b))
		err = run(&b);
	buf_fini(&b);
	if (!err)
		n->is_anothers = false;
	return err;
}

static int count(void *state, struct steer_counters *ret)
{
	(void)state;
	return nft_counters_read(ret);
}

static void detach(void *state)
{
	struct buf b;

	buf_init(&b, NFT_TEXT_BYTES_MAX);
	buf_add_lit(&b, "table inet lattice\ndelete table inet lattice\n");
	run(&b);
	buf_fini(&b);
	free(state);
}

/* The table goes with its namespace; until then it refuses everything. */
static void forget(void *state)
{
	free(state);
}

const struct steer_ops nft_steer_ops = {
	.name = "nft",
	.attach = attach,
	.resume = resume,
	.publish = publish,
	.count = count,
	.detach = detach,
	.forget = forget,
};
