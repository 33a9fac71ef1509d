/* SPDX-License-Identifier: Apache-2.0 */
/* Asked of sock_diag, as ss does: sockets that are closed but whose end is not acknowledged. */
#include "steer/unsent.h"

#include "steer/ask.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum { REQUEST_BYTES = 128 };

static const unsigned states = 1U << TCP_FIN_WAIT1 | 1U << TCP_CLOSING | 1U << TCP_LAST_ACK;

struct sum {
	const struct pool *pool;
	uint64_t bytes;
};

/* Add one socket of the answer to @context, a struct sum. */
static int see(const struct nlmsghdr *h, void *context)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
	struct sock_addr a = { 0 };
	struct sum *to = context;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return MNL_CB_OK;
	a.family = m->idiag_family;
	if (a.family == AF_INET)
		memcpy(&a.v4, m->id.idiag_src, sizeof(a.v4));
	else
		memcpy(&a.v6, m->id.idiag_src, sizeof(a.v6));
	if (address_in_pool(to->pool, &a))
		to->bytes += m->idiag_wqueue;
	return MNL_CB_OK;
}

/* Ask for the sockets of @family, and add them up. 0 or -errno. */
static int add(struct mnl_socket *s, unsigned family, struct sum *to)
{
	char request[REQUEST_BYTES] __attribute__((aligned(8)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct inet_diag_req_v2 *q;

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = family;
	q = mnl_nlmsg_put_extra_header(h, sizeof(*q));
	q->sdiag_family = (uint8_t)family;
	q->sdiag_protocol = IPPROTO_TCP;
	q->idiag_states = states;
	return ask_kernel(s, h, see, to);
}

/*
 * How much of that there is from addresses of @pool in the namespace entered, the end of each
 * connection counted as a byte. 0 or -errno; a kernel need not have sock_diag (-ENOENT).
 */
int unsent_count(const struct pool *pool, uint64_t *ret_bytes)
{
	struct sum sum = { .pool = pool };
	struct mnl_socket *s = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int err;

	if (!s)
		return -errno;
	err = mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) ? -errno : add(s, AF_INET, &sum);
	if (!err)
		err = add(s, AF_INET6, &sum);
	mnl_socket_close(s);
	*ret_bytes = sum.bytes;
	return err;
}
