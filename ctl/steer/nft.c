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

#include "base/buf.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nftables/libnftables.h>

/* A table of LATTICE_BINDINGS_MAX elements of at most 24 bytes each, and the words around it. */
enum { NFT_TEXT_BYTES_MAX = LATTICE_BINDINGS_MAX * 24 + 4096 };

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

static void add_ip(struct buf *b, struct in_addr addr)
{
	char text[INET_ADDRSTRLEN];

	buf_add(b, str_of(inet_ntop(AF_INET, &addr, text, sizeof(text))));
}

/* The whole table, replacing one that a dead broker may have left. */
static void write_table(struct buf *b, const struct pool4 *pool, uint16_t port)
{
	buf_add_lit(b, "table inet lattice\n"
		       "delete table inet lattice\n"
		       "table inet lattice {\n"
		       " set bindings { type ipv4_addr . inet_service; }\n"
		       " chain pool {\n");
	buf_addf(b,
		 "  tcp flags & (fin|syn|rst|ack) == syn ip daddr . tcp dport @bindings"
		 " tproxy ip to 127.0.0.1:%u counter accept\n",
		 (unsigned)port);
	buf_add_lit(b, "  tcp flags & (fin|syn|rst|ack) == syn counter"
		       " reject with tcp reset\n"
		       "  meta l4proto != tcp counter"
		       " reject with icmp type admin-prohibited\n"
		       " }\n"
		       " chain prerouting {\n"
		       "  type filter hook prerouting priority mangle; policy accept;\n"
		       "  ip daddr ");
	add_ip(b, pool->addr);
	buf_addf(b, "/%u jump pool\n }\n}\n", pool->bits);
}

static int attach(const struct pool4 *pool, const struct handoff *h, void **ret_state)
{
	struct buf b;
	int err;

	*ret_state = NULL;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_table(&b, pool, h->port);
	err = run(&b);
	buf_fini(&b);
	return err;
}

/* The elements of @t that are IPv4; IPv6 has no route into the namespace and so no set. */
static void write_elements(struct buf *b, const struct table *t)
{
	const char *before = "add element inet lattice bindings { ";
	uint32_t i;

	buf_add_lit(b, "flush set inet lattice bindings\n");
	for (i = 0; i < t->count; i++) {
		const struct sock_addr *a = &t->bindings[i].addr;

		if (a->family != AF_INET)
			continue;
		buf_add(b, str_of(before));
		add_ip(b, a->v4);
		buf_addf(b, " . %u", (unsigned)a->port);
		before = ",";
	}
	if (before[0] == ',')
		buf_add_lit(b, " }\n");
}

static int publish(void *state, const struct table *t)
{
	struct buf b;
	int err;

	(void)state;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	write_elements(&b, t);
	err = run(&b);
	buf_fini(&b);
	return err;
}

static void detach(void *state)
{
	struct buf b;

	(void)state;
	buf_init(&b, NFT_TEXT_BYTES_MAX);
	buf_add_lit(&b, "table inet lattice\ndelete table inet lattice\n");
	run(&b);
	buf_fini(&b);
}

/* The table goes with its namespace; until then it refuses everything. */
static void forget(void *state)
{
	(void)state;
}

const struct steer_ops nft_steer_ops = {
	.name = "nft",
	.attach = attach,
	.publish = publish,
	.detach = detach,
	.forget = forget,
};
