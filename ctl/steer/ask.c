/* SPDX-License-Identifier: Apache-2.0 */
/* Only what answers this question, by its sequence number, is taken. */
#include "steer/ask.h"

#include <errno.h>

enum { REPLY_BYTES = 16384 };

/*
 * Send @question, give each part of the answer to @each, and wait for its end. 0 or -errno: -EINTR
 * when what was listed changed meanwhile.
 */
int ask_kernel(struct mnl_socket *s, const struct nlmsghdr *question, mnl_cb_t each, void *context)
{
	unsigned port = mnl_socket_get_portid(s);
	char reply[REPLY_BYTES] __attribute__((aligned(8)));
	ssize_t n;
	int more;

	if (mnl_socket_sendto(s, question, question->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(s, reply, sizeof(reply));
		if (n < 0)
			return -errno;
		more = mnl_cb_run(reply, (size_t)n, question->nlmsg_seq, port, each, context);
	} while (more > MNL_CB_STOP);
	return more < 0 ? -errno : 0;
}
