/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: addresses as values, and the few calls that every user would write alike. */
#ifndef LATTICE_IO_SOCK_H
#define LATTICE_IO_SOCK_H

#include "base/str.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/un.h>

/* An address and port; family AF_UNSPEC (all-zero) means none. Port in host order. */
struct sock_addr {
	uint16_t family;
	uint16_t port;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

/* Longest text of sock_addr_write(): "[" IPv6 "]:65535" and a terminator. */
enum { SOCK_ADDR_TEXT_MAX = INET6_ADDRSTRLEN + 9 };

int sock_addr_parse(struct str text, struct sock_addr *ret) __attribute__((warn_unused_result));
int sock_addr_parse_port(struct str text, struct sock_addr *ret)
	__attribute__((warn_unused_result));
struct str sock_addr_write(const struct sock_addr *a, char text[SOCK_ADDR_TEXT_MAX]);
struct str sock_addr_write_ip(const struct sock_addr *a, char text[SOCK_ADDR_TEXT_MAX]);
bool sock_addr_eq(const struct sock_addr *a, const struct sock_addr *b);
socklen_t sock_addr_to_os(const struct sock_addr *a, struct sockaddr_storage *ret);
int sock_addr_from_os(const struct sockaddr_storage *os, struct sock_addr *ret);
int sock_local(int fd, struct sock_addr *ret);

int sock_unix_addr(struct str path, struct sockaddr_un *ret) __attribute__((warn_unused_result));
int sock_unix_listen(struct str path, unsigned mode, int backlog)
	__attribute__((warn_unused_result));

#endif
