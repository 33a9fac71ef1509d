/* SPDX-License-Identifier: Apache-2.0 */
/* Only what is printable, so that no part of an endpoint can end a line of a head. */
#include "model/endpoint.h"

#include "base/array.h"
#include "http/authority.h"

#include <errno.h>

enum { NAME_BYTES_MAX = 253, LABEL_BYTES_MAX = 63 };

static const struct {
	struct str prefix;
	bool is_tls;
	uint16_t port;
} schemes[] = { { { "http://", 7 }, false, 80 }, { { "https://", 8 }, true, 443 } };

static bool is_path(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (memchr("\"<>?\\^`{|}", s.p[i], 10))
			return false;
	return true;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_label(struct str s)
{
	size_t i;

	if (!s.n || s.n > LABEL_BYTES_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (i = 0; i < s.n; i++)
		if (!is_letter_or_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

static bool is_number(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* A name whose last label is a number would be a mistyped address. */
static bool is_name(struct str s)
{
	struct str_cut c = { .tail = s, .found = true };

	while (c.found) {
		c = str_cut(c.tail, '.');
		if (!is_label(c.head))
			return false;
	}
	return s.n <= NAME_BYTES_MAX && !is_number(c.head);
}

/* The address of @host, or none when that is a name; "localhost" is an address (RFC 6761). */
static int read_host(struct endpoint *e, struct str host)
{
	e->name = host;
	if (host.n > 2 && host.p[0] == '[')
		e->name = str_first(str_skip(host, 1), host.n - 2);
	if (sock_addr_parse(str_eq_nocase(host, STR("localhost")) ? STR("127.0.0.1") : e->name,
			    &e->addr) == 0)
		return 0;
	e->addr = (struct sock_addr){ 0 };
	return is_name(host) ? 0 : -EINVAL;
}

/* Like endpoint_parse(), but the path is whatever follows, perhaps with a query. */
int endpoint_parse_url(struct str url, struct endpoint *ret)
{
	struct authority a;
	struct endpoint e;
	struct str rest;
	size_t i = 0, k;

	while (i < ARRAY_SIZE(schemes) && !str_starts(url, schemes[i].prefix))
		i++;
	if (i == ARRAY_SIZE(schemes))
		return -EINVAL;
	for (k = 0; k < url.n; k++)
		if (url.p[k] <= ' ' || url.p[k] > '~' || url.p[k] == '#')
			return -EINVAL;
	rest = str_skip(url, schemes[i].prefix.n);
	e.is_tls = schemes[i].is_tls;
	e.host = str_cut(rest, '/').head;
	e.path = str_skip(rest, e.host.n);
	a = authority_parse(e.host);
	if (a.reason || (a.has_port && !a.port) || read_host(&e, a.host))
		return -EINVAL;
	e.addr.port = a.has_port ? a.port : schemes[i].port;
	*ret = e;
	return 0;
}

/* 0 or -EINVAL. */
int endpoint_parse(struct str url, struct endpoint *ret)
{
	struct endpoint e;

	if (url.n > ENDPOINT_BYTES_MAX || endpoint_parse_url(url, &e) || !is_path(e.path))
		return -EINVAL;
	while (e.path.n && e.path.p[e.path.n - 1] == '/')
		e.path.n--;
	*ret = e;
	return 0;
}
