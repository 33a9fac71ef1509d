/* SPDX-License-Identifier: Apache-2.0 */
/* Only the lines that name a server count; what cannot be read is passed over, as libc does. */
#include "dns/resolv_conf.h"

#include "dns/wire.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str skip_space(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_skip(s, 1);
	return s;
}

static void take_line(struct str line, struct resolvers *ret)
{
	static const char keyword[] = "nameserver";
	struct str s = str_of(keyword);
	size_t n = 0;

	if (!str_starts(line, s) || line.n == s.n || !is_space(line.p[s.n]) ||
	    ret->count == RESOLVERS_MAX)
		return;
	line = skip_space(str_skip(line, s.n));
	while (n < line.n && !is_space(line.p[n]))
		n++;
	if (sock_addr_parse(str_first(line, n), &ret->at[ret->count]))
		return;
	ret->at[ret->count++].port = DNS_PORT;
}

/* A file that names none means the local host, as in libc. */
void resolv_conf_parse(struct str text, struct resolvers *ret)
{
	struct str_cut c = { .tail = text, .found = true };

	*ret = (struct resolvers){ .count = 0 };
	while (c.found) {
		c = str_cut(c.tail, '\n');
		take_line(c.head, ret);
	}
	if (ret->count)
		return;
	ret->at[0] = (struct sock_addr){ .family = AF_INET, .port = DNS_PORT };
	ret->at[0].v4.s_addr = htonl(INADDR_LOOPBACK);
	ret->count = 1;
}
