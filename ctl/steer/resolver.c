/* SPDX-License-Identifier: Apache-2.0 */
/* The broker only opens these sockets; what comes to them is read by the plane. */
#include "steer/resolver.h"

#include "model/address.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RESOLVER_BACKLOG = 128 };

/* A local route is no address of IPv6's, which binds to it only when told not to look. */
static int set_freebind(int fd, unsigned family)
{
	int on = 1;

	if (family == AF_INET)
		return 0;
	return setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, &on, sizeof(on)) ||
	       setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &on, sizeof(on));
}

/* Open a socket of @type. The fd or -errno. */
static int open_socket(unsigned family, int type)
{
	struct sock_addr at = address_resolver(family);
	struct sockaddr_storage os;
	socklen_t n = sock_addr_to_os(&at, &os);
	int fd, err, on = 1;

	fd = socket((int)family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A connection that rests from before must not be in the way of a listener. */
	if ((type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on))) ||
	    set_freebind(fd, family) || bind(fd, (struct sockaddr *)&os, n) ||
	    (type == SOCK_STREAM && listen(fd, RESOLVER_BACKLOG))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* Add a socket of @type, the one that was kept or a new one. 0 or -errno. */
static int add_socket(struct resolver *r, unsigned family, int type, struct kept_set *kept)
{
	int fd = kept_set_take(kept, KEPT_RESOLVER, family, type);

	if (fd < 0)
		fd = open_socket(family, type);
	if (fd < 0)
		return fd;
	r->fds[r->count++] = fd;
	return 0;
}

/* Open all sockets that are not among @kept. 0 or -errno, and then there are none. */
int resolver_open(struct resolver *r, bool with_ipv6, struct kept_set *kept)
{
	int err;

	*r = (struct resolver){ .count = 0 };
	err = add_socket(r, AF_INET, SOCK_DGRAM, kept);
	if (!err)
		err = add_socket(r, AF_INET, SOCK_STREAM, kept);
	if (!err && with_ipv6)
		err = add_socket(r, AF_INET6, SOCK_DGRAM, kept);
	if (!err && with_ipv6)
		err = add_socket(r, AF_INET6, SOCK_STREAM, kept);
	if (err)
		resolver_close(r);
	return err;
}

void resolver_close(struct resolver *r)
{
	while (r->count)
		close(r->fds[--r->count]);
}
