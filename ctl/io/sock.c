/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses to and from text and the kernel's form; unix listeners. */
#include "io/sock.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* An IPv4 or IPv6 address without port or brackets; the port of @ret is 0. 0 or -EINVAL. */
int sock_addr_parse(struct str text, struct sock_addr *ret)
{
	char cstr[INET6_ADDRSTRLEN];
	struct sock_addr a = { 0 };

	if (!text.n || text.n >= sizeof(cstr) || memchr(text.p, 0, text.n))
		return -EINVAL;
	memcpy(cstr, text.p, text.n);
	cstr[text.n] = 0;
	if (inet_pton(AF_INET, cstr, &a.v4) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, cstr, &a.v6) == 1)
		a.family = AF_INET6;
	else
		return -EINVAL;
	*ret = a;
	return 0;
}

/* "127.0.0.1:9901" or "[::1]:9901", with a port that is not 0. 0 or -EINVAL. */
int sock_addr_parse_port(struct str text, struct sock_addr *ret)
{
	const char *colon = text.n ? memrchr(text.p, ':', text.n) : NULL;
	struct str ip = { text.p, colon ? (size_t)(colon - text.p) : 0 };
	bool is_v6 = ip.n > 2 && ip.p[0] == '[' && ip.p[ip.n - 1] == ']';
	struct sock_addr a;
	uint16_t port;

	if (is_v6)
		ip = str_first(str_skip(ip, 1), ip.n - 2);
	if (!colon || sock_addr_parse(ip, &a) || (a.family == AF_INET6) != is_v6 ||
	    num_parse_u16(str_skip(text, (size_t)(colon - text.p) + 1), &port) || !port)
		return -EINVAL;
	a.port = port;
	*ret = a;
	return 0;
}

/* By hand: each request needs some of these, and libc takes the way through printf. */
static char *write_v4(char *to, struct in_addr v4)
{
	uint32_t a = ntohl(v4.s_addr);
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		to = num_write(to, a >> shift & 255);
		if (shift)
			*to++ = '.';
	}
	return to;
}

/* The address alone, in @text and terminated; empty for none. */
struct str sock_addr_write_ip(const struct sock_addr *a, char text[SOCK_ADDR_TEXT_MAX])
{
	char *end = text;

	if (a->family == AF_INET)
		end = write_v4(text, a->v4);
	else if (a->family == AF_INET6 && inet_ntop(AF_INET6, &a->v6, text, INET6_ADDRSTRLEN))
		end = text + strlen(text);
	*end = '\0';
	return (struct str){ text, (size_t)(end - text) };
}

/* As in a URL's authority, "10.0.0.1:80" or "[fd00::1]:80", terminated; empty for none. */
struct str sock_addr_write(const struct sock_addr *a, char text[SOCK_ADDR_TEXT_MAX])
{
	bool is_v6 = a->family == AF_INET6;
	struct str ip = sock_addr_write_ip(a, text + is_v6);
	char *end = text + is_v6 + ip.n;

	if (!ip.n) {
		text[0] = '\0';
		return (struct str){ text, 0 };
	}
	if (is_v6) {
		text[0] = '[';
		*end++ = ']';
	}
	*end++ = ':';
	end = num_write(end, a->port);
	*end = '\0';
	return (struct str){ text, (size_t)(end - text) };
}

bool sock_addr_eq(const struct sock_addr *a, const struct sock_addr *b)
{
	if (a->family != b->family || a->port != b->port)
		return false;
	if (a->family == AF_INET)
		return a->v4.s_addr == b->v4.s_addr;
	return a->family != AF_INET6 || memcmp(&a->v6, &b->v6, sizeof(a->v6)) == 0;
}

/* The kernel's form of @a in @ret; returns its length, 0 for none. */
socklen_t sock_addr_to_os(const struct sock_addr *a, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	/* The family is read as ss_family, so it is written as that: C minds the type. */
	memset(ret, 0, sizeof(*ret));
	ret->ss_family = a->family;
	if (a->family == AF_INET) {
		v4->sin_port = htons(a->port);
		v4->sin_addr = a->v4;
		return sizeof(*v4);
	}
	if (a->family == AF_INET6) {
		v6->sin6_port = htons(a->port);
		v6->sin6_addr = a->v6;
		return sizeof(*v6);
	}
	return 0;
}

/* The other way; an IPv4-mapped IPv6 address becomes IPv4. 0 or -EAFNOSUPPORT. */
int sock_addr_from_os(const struct sockaddr_storage *os, struct sock_addr *ret)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)os;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)os;
	struct sock_addr a = { .family = os->ss_family };

	if (os->ss_family == AF_INET) {
		a.port = ntohs(v4->sin_port);
		a.v4 = v4->sin_addr;
	} else if (os->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		a.family = AF_INET;
		a.port = ntohs(v6->sin6_port);
		memcpy(&a.v4, v6->sin6_addr.s6_addr + 12, 4);
	} else if (os->ss_family == AF_INET6) {
		a.port = ntohs(v6->sin6_port);
		a.v6 = v6->sin6_addr;
	} else {
		return -EAFNOSUPPORT;
	}
	*ret = a;
	return 0;
}

/* The local address of @fd: on a steered connection, the original destination. 0 or -errno. */
int sock_local(int fd, struct sock_addr *ret)
{
	struct sockaddr_storage os;
	socklen_t n = sizeof(os);

	if (getsockname(fd, (struct sockaddr *)&os, &n))
		return -errno;
	return sock_addr_from_os(&os, ret);
}

/* The address of the unix socket at @path. 0 or -ENAMETOOLONG. */
int sock_unix_addr(struct str path, struct sockaddr_un *ret)
{
	if (!path.n || path.n >= sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, path.p, path.n);
	return 0;
}

/*
 * A listening unix stream socket at @path with @mode, nonblocking, replacing what a dead process
 * left there. Returns the fd or -errno. Access between bind and chmod is closed by the umask.
 */
int sock_unix_listen(struct str path, unsigned mode, int backlog)
{
	struct sockaddr_un addr;
	mode_t umask_before;
	int fd, err;

	err = sock_unix_addr(path, &addr);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(addr.sun_path);
	umask_before = umask(0777);
	err = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
	umask(umask_before);
	if (!err && (chmod(addr.sun_path, mode) || listen(fd, backlog)))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}
