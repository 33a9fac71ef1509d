/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handoff listeners and upstream sockets. The listeners share one port of 127.0.0.1 as a
 * reuseport group, so that the kernel spreads connections over the workers. Anybody in the
 * namespace can also connect to that port itself: such a connection's local address is the
 * listener's own, which no service has.
 */
#include "steer/handoff.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANDOFF_BACKLOG = 4096 };

/* One listener on @port, any free one for 0. Returns the fd or -errno. */
static int open_listener(uint16_t port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd, err, on = 1;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_IP, IP_TRANSPARENT, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, HANDOFF_BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* Open @count listeners. 0 or -errno, and then @h is empty. */
int handoff_open(struct handoff *h, unsigned count)
{
	struct sock_addr at;
	int err;

	*h = (struct handoff){ 0 };
	while (h->count < count) {
		int fd = open_listener(h->port);

		if (fd < 0) {
			err = fd;
			goto err_close;
		}
		h->fds[h->count++] = fd;
		err = sock_local(fd, &at);
		if (err)
			goto err_close;
		h->port = at.port;
	}
	return 0;

err_close:
	handoff_close(h);
	return err;
}

void handoff_close(struct handoff *h)
{
	while (h->count)
		close(h->fds[--h->count]);
	h->port = 0;
}

/* @count unconnected, nonblocking TCP sockets in @ret. 0 or -errno, and then there are none. */
int handoff_make_upstreams(unsigned family, unsigned count, struct link_fds *ret)
{
	int err;

	ret->count = 0;
	while (ret->count < count) {
		int fd = socket((int)family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
				IPPROTO_TCP);

		if (fd < 0) {
			err = -errno;
			link_fds_close(ret);
			return err;
		}
		ret->at[ret->count++] = fd;
	}
	return 0;
}
