/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asked for over netlink, as nft itself would: listing the table through its library would read all
 * bindings too. A SYN that finds no listener is refused by the same rule as one to no service, and
 * fragments are put together before: neither has a counter of its own.
 */
#include "steer/nft_counters.h"

#include "base/array.h"
#include "steer/ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

enum { REQUEST_BYTES = 128, TRIES = 3 };

const char *const nft_counter_names[STEER_COUNTERS] = {
	[STEER_STEERED] = "steered",
	[STEER_FILTERED] = "filtered",
	[STEER_NO_SERVICE] = "no_service",
	[STEER_NOT_TCP] = "not_tcp",
};

struct found {
	const char *name;
	const struct nlattr *data;
	uint64_t packets;
};

static int see_object(const struct nlattr *a, void *context)
{
	struct found *f = context;

	if (mnl_attr_get_type(a) == NFTA_OBJ_NAME && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0)
		f->name = mnl_attr_get_str(a);
	if (mnl_attr_get_type(a) == NFTA_OBJ_DATA && mnl_attr_validate(a, MNL_TYPE_NESTED) == 0)
		f->data = a;
	return MNL_CB_OK;
}

static int see_data(const struct nlattr *a, void *context)
{
	uint64_t packets;

	if (mnl_attr_get_type(a) != NFTA_COUNTER_PACKETS ||
	    mnl_attr_get_payload_len(a) != sizeof(packets))
		return MNL_CB_OK;
	memcpy(&packets, mnl_attr_get_payload(a), sizeof(packets));
	((struct found *)context)->packets = be64toh(packets);
	return MNL_CB_OK;
}

/* Take one object of the answer into @counters, a struct steer_counters. MNL_CB_OK. */
int nft_counters_see(const struct nlmsghdr *message, void *counters)
{
	struct found f = { 0 };
	size_t i;

	mnl_attr_parse(message, sizeof(struct nfgenmsg), see_object, &f);
	if (!f.name || !f.data)
		return MNL_CB_OK;
	mnl_attr_parse_nested(f.data, see_data, &f);
	for (i = 0; i < ARRAY_SIZE(nft_counter_names); i++) {
		if (nft_counter_names[i] && strcmp(f.name, nft_counter_names[i]) == 0)
			steer_counters_set(counters, (enum steer_counter)i, f.packets);
	}
	return MNL_CB_OK;
}

static int ask(struct mnl_socket *s, struct steer_counters *ret)
{
	char request[REQUEST_BYTES] __attribute__((aligned(8)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct nfgenmsg *g;

	h->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETOBJ;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	*g = (struct nfgenmsg){ .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	mnl_attr_put_strz(h, NFTA_OBJ_TABLE, "lattice");
	mnl_attr_put_u32(h, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
	return ask_kernel(s, h, nft_counters_see, ret);
}

/* What the table counted. 0 or -errno. */
int nft_counters_read(struct steer_counters *ret)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int err = s ? -EINTR : -errno, i;

	/* A table that changes meanwhile interrupts the answer. */
	for (i = 0; s && err == -EINTR && i < TRIES; i++) {
		*ret = (struct steer_counters){ 0 };
		err = i || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0 ? ask(s, ret) : -errno;
	}
	if (s)
		mnl_socket_close(s);
	return err;
}
