/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and fds between broker and plane. */
#include "steer/link.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * LINK_FDS_MAX)];
};

/*
 * Send @m whole, with copies of @fds (or NULL): the caller's stay open. Returns 0 or -errno;
 * -EAGAIN when a nonblocking @fd has no room.
 */
int link_send(int fd, const struct link_msg *m, const struct link_fds *fds)
{
	struct iovec iov = { (void *)m, sizeof(*m) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control = { 0 };
	ssize_t n;

	if (fds && fds->count) {
		struct cmsghdr *c = &control.align;

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fds->count);
		memcpy(CMSG_DATA(c), fds->at, sizeof(int) * fds->count);
		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * fds->count);
	}
	do {
		n = sendmsg(fd, &h, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static void take_fds(struct msghdr *h, struct link_fds *ret)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		ret->count = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(ret->at, CMSG_DATA(c), ret->count * sizeof(int));
	}
}

/*
 * Receive one message; its fds (CLOEXEC) are the caller's. Returns 0, -EAGAIN, -ECONNRESET when
 * the other side is gone, or -EBADMSG for one of the wrong size or with fds cut off.
 */
int link_recv(int fd, struct link_msg *ret, struct link_fds *ret_fds)
{
	struct iovec iov = { ret, sizeof(*ret) };
	union control control;
	struct msghdr h = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	ret_fds->count = 0;
	do {
		n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ECONNRESET;
	take_fds(&h, ret_fds);
	if ((size_t)n != sizeof(*ret) || (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		link_fds_close(ret_fds);
		return -EBADMSG;
	}
	return 0;
}

/* Close all of @fds and make it empty. */
void link_fds_close(struct link_fds *fds)
{
	unsigned i;

	for (i = 0; i < fds->count; i++)
		close(fds->at[i]);
	fds->count = 0;
}
