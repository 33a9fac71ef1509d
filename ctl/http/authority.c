/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host and port, narrower than RFC 3986: a name that DNS can hold, an IPv4 address or an IPv6
 * address in brackets. Userinfo, escapes, commas and an empty port are what smugglers put there.
 */
#include "http/authority.h"

#include "base/num.h"
#include "http/chars.h"

#include <arpa/inet.h>

/* DNS: 253 bytes, and a last dot. */
enum { HOST_BYTES_MAX = 254 };

static struct authority refused(const char *reason)
{
	return (struct authority){ .reason = reason };
}

static bool is_ipv6(struct str s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

/* How many bytes at the front of @text are its host; 0 when none is valid. */
static size_t host_length(struct str text)
{
	size_t n = 0;

	if (text.n && text.p[0] == '[') {
		struct str_cut literal = str_cut(str_skip(text, 1), ']');

		if (!literal.found || !is_ipv6(literal.head))
			return 0;
		return literal.head.n + 2;
	}
	while (n < text.n && char_is(text.p[n], CHAR_HOST))
		n++;
	return n;
}

/* What @text names; its strings are borrowed from @text. */
struct authority authority_parse(struct str text)
{
	struct authority a = { 0 };
	struct str rest;

	if (!text.n)
		return refused("empty host");
	a.host = str_first(text, host_length(text));
	if (!a.host.n)
		return refused("malformed host");
	if (a.host.n > HOST_BYTES_MAX)
		return refused("host longer than a DNS name");
	rest = str_skip(text, a.host.n);
	if (!rest.n)
		return a;
	if (rest.p[0] != ':')
		return refused("byte in the host that no name or address has");
	if (num_parse_u16(str_skip(rest, 1), &a.port) < 0)
		return refused("malformed port in the host");
	a.has_port = true;
	return a;
}
