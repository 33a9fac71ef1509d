/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handoff listeners and upstream sockets. The listeners of a family share one port of its
 * loopback address as a reuseport group, so that the kernel spreads connections over the workers.
 * Anybody in the namespace can also connect to that port itself: such a connection's local address
 * is the listener's own, which no service has.
 */
#include "steer/handoff.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANDOFF_BACKLOG = 4096 };

static int set_transparent(int fd, unsigned family)
{
	int on = 1;

	if (family == AF_INET)
		return setsockopt(fd, SOL_IP, IP_TRANSPARENT, &on, sizeof(on));
	return setsockopt(fd, SOL_IPV6, IPV6_TRANSPARENT, &on, sizeof(on));
}

/* One listener on @port, any free one for 0. Returns the fd or -errno. */
static int open_listener(unsigned family, uint16_t port)
{
	struct sock_addr at = { .family = family, .port = port };
	struct sockaddr_storage os;
	socklen_t n;
	int fd, err, on = 1;

	if (family == AF_INET)
		at.v4.s_addr = htonl(INADDR_LOOPBACK);
	else
		at.v6 = in6addr_loopback;
	n = sock_addr_to_os(&at, &os);
	fd = socket((int)family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	/* Transparent only when bound: else ::1 could be had where IPv6 is switched off. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&os, n) || set_transparent(fd, family) ||
	    listen(fd, HANDOFF_BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* The next of those that were kept, on @port if that is not 0, or a new one. The fd or -errno. */
static int next_listener(struct kept_set *kept, unsigned family, uint16_t port)
{
	struct sock_addr at;
	int fd;

	while ((fd = kept_set_take(kept, KEPT_HANDOFF, family, SOCK_STREAM)) >= 0) {
		if (sock_local(fd, &at) == 0 && (!port || at.port == port))
			return fd;
		close(fd);
	}
	return open_listener(family, port);
}

/* Add @count listeners of @family on one port, which goes to *@port. 0 or -errno. */
static int add_listeners(struct handoff *h, unsigned family, unsigned count, uint16_t *port,
			 struct kept_set *kept)
{
	struct sock_addr at;
	int err;

	for (; count; count--) {
		int fd = next_listener(kept, family, *port);

		if (fd < 0)
			return fd;
		h->fds[h->count++] = fd;
		err = sock_local(fd, &at);
		if (err)
			return err;
		*port = at.port;
	}
	return 0;
}

/*
 * Open @count listeners, and as many for IPv6 if there is any, from @kept as far as it has some. 0
 * or -errno, and then @h is empty.
 */
int handoff_open(struct handoff *h, unsigned count, struct kept_set *kept)
{
	int err;

	*h = (struct handoff){ .module = -1 };
	err = add_listeners(h, AF_INET, count, &h->port, kept);
	if (!err)
		err = add_listeners(h, AF_INET6, count, &h->port6, kept);
	if (h->count == count && (err == -EAFNOSUPPORT || err == -EADDRNOTAVAIL))
		err = 0;
	if (err)
		handoff_close(h);
	return err;
}

void handoff_close(struct handoff *h)
{
	while (h->count)
		close(h->fds[--h->count]);
	h->port = h->port6 = 0;
}

/*
 * @count unconnected, nonblocking sockets in @ret, TCP or, with SOCK_DGRAM, UDP. 0 or -errno, and
 * then there are none.
 */
int handoff_make_upstreams(unsigned family, int type, unsigned count, struct link_fds *ret)
{
	int err;

	ret->count = 0;
	while (ret->count < count) {
		int fd = socket((int)family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd < 0) {
			err = -errno;
			link_fds_close(ret);
			return err;
		}
		ret->at[ret->count++] = fd;
	}
	return 0;
}
