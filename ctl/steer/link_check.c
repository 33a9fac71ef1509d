/* SPDX-License-Identifier: Apache-2.0 */
/* The broker trusts nothing that the plane says: every field is looked at here, before any use. */
#include "steer/link_check.h"

#include "steer/place.h"

#include <sys/socket.h>

static const char *check_place(const char place[LINK_PATH_BYTES])
{
	if (!memchr(place, 0, LINK_PATH_BYTES))
		return "path is not terminated";
	return place_check(str_of(place));
}

static const char *check_bindings(const struct link_msg *m)
{
	uint32_t i;

	if (m->count < 1 || m->count > LINK_BINDINGS_MAX)
		return "count of bindings out of range";
	for (i = 0; i < m->count; i++) {
		const struct sock_addr *a = &m->bindings[i].addr;

		if (a->family != AF_INET && a->family != AF_INET6)
			return "binding of an unknown address family";
		if (!a->port)
			return "binding without a port";
	}
	return NULL;
}

static const char *check_rules(const struct link_msg *m)
{
	uint32_t i;

	if (m->count < 1 || m->count > LINK_RULES_MAX)
		return "count of rules out of range";
	for (i = 0; i < m->count; i++) {
		if (!prefix_is_valid(&m->rules[i].source))
			return "rule of no prefix";
		if (!m->rules[i].port_min || m->rules[i].port_min > m->rules[i].port_max)
			return "rule of no port";
	}
	return NULL;
}

static const char *check_begin(const struct link_msg *m)
{
	if (m->count > LATTICE_BINDINGS_MAX)
		return "table too large";
	if (m->base && (m->has_filter || m->rule_count))
		return "change of a table with a filter";
	if (m->has_filter > 1 || m->rule_count > (m->has_filter ? LATTICE_FILTER_RULES_MAX : 0))
		return "count of rules out of range";
	return NULL;
}

static const char *check_any_sockets(const struct link_msg *m)
{
	if (m->count < 1 || m->count > LINK_SOCKETS_MAX)
		return "count of sockets out of range";
	if (m->family != AF_INET && m->family != AF_INET6)
		return "sockets of an unknown address family";
	return NULL;
}

static const char *check_sockets(const struct link_msg *m, unsigned workers)
{
	const char *wrong = check_any_sockets(m);

	return wrong || m->worker < workers ? wrong : "no such worker";
}

static const char *check_host_sockets(const struct link_msg *m)
{
	const char *wrong;

	/* To the system's logger. */
	if (m->family == AF_UNIX && m->type == SOCK_DGRAM && m->count == 1)
		return NULL;
	wrong = check_any_sockets(m);

	if (!wrong && m->type != SOCK_STREAM && m->type != SOCK_DGRAM)
		wrong = "sockets of an unknown type";
	return wrong;
}

/* NULL when @m is sound and of a kind that the plane sends; otherwise what is wrong with it. */
const char *link_check(const struct link_msg *m, unsigned workers)
{
	if (m->vpc >= LATTICE_VPCS_MAX)
		return "vpc out of range";
	switch (m->kind) {
	case LINK_VPC_SET:
		return check_place(m->path);
	case LINK_VPC_REMOVE:
	case LINK_SYNCED:
	case LINK_TABLE_COMMIT:
	case LINK_COUNTERS:
	case LINK_ALIVE:
		return NULL;
	case LINK_TABLE_BEGIN:
		return check_begin(m);
	case LINK_TABLE_ADD:
		return check_bindings(m);
	case LINK_TABLE_RULES:
		return check_rules(m);
	case LINK_SOCKETS:
		return check_sockets(m, workers);
	case LINK_CGROUP:
		return m->worker < workers ? NULL : "no such worker";
	case LINK_HOST_SOCKETS:
		return check_host_sockets(m);
	default:
		return "not a kind that the plane sends";
	}
}
