/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses only, and "localhost": nobody here looks up names. */
#include "model/endpoint.h"

#include "base/num.h"

#include <errno.h>

enum { HTTP_PORT = 80 };

static bool is_path(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || memchr("\"#<>?\\^`{|}", s.p[i], 11))
			return false;
	return true;
}

/* "127.0.0.1", "[::1]" or "localhost". */
static int parse_host(struct str host, struct sock_addr *ret)
{
	if (str_eq(host, STR("localhost")))
		host = STR("127.0.0.1");
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_first(str_skip(host, 1), host.n - 2);
	return sock_addr_parse(host, ret);
}

/* 0 or -EINVAL. */
int endpoint_parse(struct str url, struct endpoint *ret)
{
	static const struct str scheme = { "http://", 7 };
	struct str host;
	struct str_cut c;
	uint16_t port = HTTP_PORT;
	size_t n;

	if (!str_starts(url, scheme) || url.n > ENDPOINT_BYTES_MAX)
		return -EINVAL;
	c = str_cut(str_skip(url, scheme.n), '/');
	ret->host = c.head;
	ret->path = c.found ? (struct str){ c.tail.p - 1, c.tail.n + 1 } : STR("");
	while (ret->path.n && ret->path.p[ret->path.n - 1] == '/')
		ret->path.n--;
	n = ret->host.n;
	while (n && ret->host.p[n - 1] >= '0' && ret->host.p[n - 1] <= '9')
		n--;
	host = ret->host;
	if (n && n < ret->host.n && ret->host.p[n - 1] == ':') {
		host = str_first(ret->host, n - 1);
		if (num_parse_u16(str_skip(ret->host, n), &port) || !port)
			return -EINVAL;
	}
	if (!is_path(ret->path) || parse_host(host, &ret->addr))
		return -EINVAL;
	ret->addr.port = port;
	return 0;
}
