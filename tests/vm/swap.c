/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables exchanged under connections, beside a model that is an array. One thread a family connects
 * without pause to random destinations while the main thread commits one random table after
 * another, some with security group rules. What became of a connection, as the client and the audit
 * saw it, must be what one of the tables says that were in force while it was made. Repeats with
 * the same seed, as far as threads do.
 *
 *   nl-swap SWAPS SEED      in a namespace whose pools are local
 */
#include "base/num.h"
#include "nl_talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ADDRESSES = 16, PORTS = 2, KEYS = ADDRESSES * PORTS };
enum { FAMILIES = 2, SERVICES = 7, SWAPS_MAX = 10000 };
/* A connection is known by its source port, each of which is used once. */
enum { LISTEN_PORT = 9999, PORT_FIRST = 10000, ATTEMPTS_MAX = 50000 };
enum { RECEIVE_BYTES = 16 << 20, QUIET_MS = 2000 };

enum rules { RULES_NONE, RULES_CLOSED, RULES_PORT_80, RULES_PORT_8080, RULES_KINDS };

/* The model: the service of each key and family, 0 for none, and who is admitted. */
struct model {
	uint8_t service[FAMILIES][KEYS];
	enum rules rules;
};

struct outcome {
	uint8_t verdict; /* enum lattice_counter */
	uint32_t service;
};

struct attempt {
	uint32_t before, after; /* tables between which it was made */
	uint8_t key;
	bool is_connected, is_told;
	struct outcome told; /* by the audit */
};

struct client {
	pthread_t thread;
	int family, listener;
	uint32_t random;
	atomic_uint count;
	struct attempt attempts[ATTEMPTS_MAX];
};

static struct model models[SWAPS_MAX + 1];
static struct client clients[FAMILIES];
static atomic_uint begun, committed;
static atomic_bool is_over;

static uint32_t roll(uint32_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "nl-swap: %s: %s %s\n", what, strerror(errno), nl_words);
	exit(1);
}

static uint16_t port_of(uint8_t key)
{
	return key % PORTS ? 8080 : 80;
}

static struct nl_addr address_of(int family, uint8_t key)
{
	struct nl_addr a = { .family = family };
	uint8_t last = (uint8_t)(1 + key / PORTS);

	if (family == AF_INET) {
		a.v4.s_addr = htonl(0xa9feab00U | last);
	} else {
		inet_pton(AF_INET6, "fd00:ec2:80::", &a.v6);
		a.v6.s6_addr[15] = last;
	}
	return a;
}

/* @a in @ret; returns its length. */
static socklen_t sockaddr_of(const struct nl_addr *a, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *a4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = (sa_family_t)a->family;
	if (a->family == AF_INET) {
		a4->sin_addr = a->v4;
		a4->sin_port = htons(port);
		return sizeof(*a4);
	}
	a6->sin6_addr = a->v6;
	a6->sin6_port = htons(port);
	return sizeof(*a6);
}

static struct outcome expect(const struct model *m, int family, uint8_t key)
{
	uint32_t service = m->service[family == AF_INET6][key];
	bool is_admitted = m->rules == RULES_NONE ||
			   (m->rules == RULES_PORT_80 && port_of(key) == 80) ||
			   (m->rules == RULES_PORT_8080 && port_of(key) == 8080);

	if (!service)
		return (struct outcome){ LATTICE_COUNTER_NO_SERVICE, 0 };
	return (struct outcome){ is_admitted ? LATTICE_COUNTER_STEERED : LATTICE_COUNTER_FILTERED,
				 service };
}

/* The connection just made, which the listener must have: to where it was asked for. */
static void accept_it(const struct client *c, const struct sockaddr_storage *asked, socklen_t n)
{
	struct sockaddr_storage local = { 0 };
	int fd = accept(c->listener, NULL, NULL);
	socklen_t m = sizeof(local);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&local, &m))
		die("accept");
	if (m != n || memcmp(&local, asked, n) != 0)
		die("accepted is another connection than was made");
	close(fd);
}

/* A TCP socket of @family alone, bound to @port. */
static int open_bound(int family, uint16_t port)
{
	struct nl_addr any = { .family = family };
	struct sockaddr_storage addr;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	socklen_t n = sockaddr_of(&any, port, &addr);

	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, n))
		die("bind");
	return fd;
}

static void attempt(struct client *c, struct attempt *a, uint16_t port)
{
	struct linger at_once = { .l_onoff = 1 };
	int fd = open_bound(c->family, port);
	struct sockaddr_storage addr;
	struct nl_addr to;
	socklen_t n;

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	a->key = (uint8_t)roll(&c->random, KEYS);
	to = address_of(c->family, a->key);
	n = sockaddr_of(&to, port_of(a->key), &addr);
	a->before = atomic_load(&committed);
	a->is_connected = !connect(fd, (struct sockaddr *)&addr, n);
	a->after = atomic_load(&begun);
	if (!a->is_connected && errno != ECONNREFUSED)
		die("connect");
	if (a->is_connected)
		accept_it(c, &addr, n);
	close(fd);
}

static void *client_main(void *arg)
{
	struct client *c = arg;
	uint32_t i;

	for (i = 0; i < ATTEMPTS_MAX && !atomic_load(&is_over); i++) {
		attempt(c, &c->attempts[i], (uint16_t)(PORT_FIRST + i));
		atomic_fetch_add(&c->count, 1);
	}
	return NULL;
}

static void note_record(const struct lattice_record *r)
{
	bool is_ipv4 = !r->saddr[0] && !r->saddr[1] && r->saddr[2] == htonl(0xffff);
	struct client *c = &clients[!is_ipv4];
	uint32_t i = (uint32_t)(ntohs(r->sport) - PORT_FIRST);

	if (r->kind == LATTICE_RECORD_END || i >= ATTEMPTS_MAX)
		return;
	c->attempts[i].is_told = true;
	c->attempts[i].told = (struct outcome){
		r->verdict,
		r->flags & LATTICE_RECORD_SERVICE ? r->service : 0,
	};
}

static int note_event(const struct nlmsghdr *h, void *context)
{
	struct lattice_record r;
	const struct nlattr *a;
	uint32_t at;

	(void)context;
	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == LATTICE_A_LOST && mnl_attr_get_u64(a))
			die("the audit lost events");
		if (mnl_attr_get_type(a) != LATTICE_A_RECORDS)
			continue;
		for (at = 0; at + sizeof(r) <= mnl_attr_get_payload_len(a); at += sizeof(r)) {
			memcpy(&r, (const char *)mnl_attr_get_payload(a) + at, sizeof(r));
			note_record(&r);
		}
	}
	return MNL_CB_OK;
}

/* Until nothing came for a while after the last connection. */
static void *audit_main(void *arg)
{
	struct mnl_socket *audit = arg;
	struct pollfd p = { .fd = mnl_socket_get_fd(audit), .events = POLLIN };
	static char bytes[65536];

	for (;;) {
		int n = poll(&p, 1, QUIET_MS);
		ssize_t got;

		if (n == 0 && atomic_load(&is_over))
			return NULL;
		if (n <= 0)
			continue;
		got = mnl_socket_recvfrom(audit, bytes, sizeof(bytes));
		if (got <= 0)
			die("audit");
		mnl_cb_run(bytes, (size_t)got, 0, 0, note_event, NULL);
	}
}

static struct mnl_socket *open_audit(void)
{
	struct mnl_socket *audit = mnl_socket_open(NETLINK_GENERIC);
	int room = RECEIVE_BYTES;

	if (!audit || mnl_socket_bind(audit, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(audit), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    mnl_socket_setsockopt(audit, NETLINK_ADD_MEMBERSHIP, &nl_group_audit,
				  sizeof(nl_group_audit)))
		die("audit");
	return audit;
}

static int open_listener(int family)
{
	int fd = open_bound(family, LISTEN_PORT);

	if (listen(fd, 16))
		die("listen");
	return fd;
}

/* Commit @m, whose number is @generation. */
static void commit(const struct model *m, uint32_t generation)
{
	struct nl_entry entries[FAMILIES * KEYS];
	struct nl_rule rule = { .port_min = m->rules == RULES_PORT_80 ? 80 : 8080 };
	bool has_rules = m->rules == RULES_PORT_80 || m->rules == RULES_PORT_8080;
	int f, count = 0, rule_count = m->rules == RULES_NONE ? -1 : has_rules ? FAMILIES : 0;
	uint8_t key;

	for (f = 0; f < FAMILIES; f++) {
		for (key = 0; key < KEYS; key++) {
			if (m->service[f][key])
				entries[count++] = (struct nl_entry){
					address_of(clients[f].family, key),
					port_of(key),
					m->service[f][key],
				};
		}
	}
	if (nl_table_begin(generation, (uint32_t)count, rule_count) ||
	    nl_table_add_entries(entries, count))
		die("begin");
	rule.port_max = rule.port_min;
	for (f = 0; has_rules && f < FAMILIES; f++) {
		rule.addr.family = clients[f].family;
		if (nl_table_add_rule(&rule))
			die("add rule");
	}
	atomic_store(&begun, generation);
	if (nl_table_commit(generation))
		die("commit");
	atomic_store(&committed, generation);
}

static void choose(struct model *m, uint32_t *random)
{
	int f, key;

	for (f = 0; f < FAMILIES; f++) {
		for (key = 0; key < KEYS; key++)
			m->service[f][key] =
				roll(random, 2) ? (uint8_t)(1 + roll(random, SERVICES)) : 0;
	}
	m->rules = roll(random, 2) ? RULES_NONE : (enum rules)roll(random, RULES_KINDS);
}

/* Each family has connected once more, so that every table is met. */
static void wait_for_clients(const unsigned counts[FAMILIES])
{
	int f;

	for (f = 0; f < FAMILIES; f++) {
		while (atomic_load(&clients[f].count) == counts[f] && counts[f] < ATTEMPTS_MAX)
			sched_yield();
	}
}

static void swap_all(uint32_t swaps, uint32_t *random)
{
	uint32_t i;

	for (i = 1; i <= swaps; i++) {
		unsigned counts[FAMILIES] = { clients[0].count, clients[1].count };

		choose(&models[i], random);
		commit(&models[i], i);
		wait_for_clients(counts);
	}
}

static bool is_right(const struct client *c, const struct attempt *a)
{
	uint32_t g;

	if (!a->is_told || a->is_connected != (a->told.verdict == LATTICE_COUNTER_STEERED))
		return false;
	for (g = a->before; g <= a->after; g++) {
		struct outcome want = expect(&models[g], c->family, a->key);

		if (want.verdict == a->told.verdict && want.service == a->told.service)
			return true;
	}
	return false;
}

/* How many connections were steered wrongly; each is printed. */
static unsigned judge(const struct client *c)
{
	unsigned i, wrong = 0;

	for (i = 0; i < c->count; i++) {
		const struct attempt *a = &c->attempts[i];
		struct nl_addr to = address_of(c->family, a->key);

		if (is_right(c, a))
			continue;
		wrong++;
		printf("# wrong: %s %u of tables %u to %u: connected %d, told %d as %u, service "
		       "%u\n",
		       nl_addr_text(to.family, &to.v4), port_of(a->key), a->before, a->after,
		       a->is_connected, a->is_told, a->told.verdict, a->told.service);
	}
	return wrong;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void set_up(uint32_t seed)
{
	int fds[FAMILIES], f;

	if (nl_open())
		die("no family");
	for (f = 0; f < FAMILIES; f++) {
		clients[f].family = f ? AF_INET6 : AF_INET;
		clients[f].random = seed + 1 + (uint32_t)f;
		clients[f].listener = fds[f] = open_listener(clients[f].family);
	}
	if (nl_handoff_set(fds, FAMILIES))
		die("handoff");
}

int main(int argc, char **argv)
{
	uint32_t swaps, seed;
	pthread_t listening;
	unsigned count, wrong;
	double began;
	int f;

	if (argc < 3 || num_parse_u32(str_of(argv[1]), &swaps) || swaps > SWAPS_MAX ||
	    num_parse_u32(str_of(argv[2]), &seed) || !seed) {
		fprintf(stderr, "usage: nl-swap SWAPS SEED\n");
		return 2;
	}
	set_up(seed);
	pthread_create(&listening, NULL, audit_main, open_audit());
	began = seconds();
	for (f = 0; f < FAMILIES; f++)
		pthread_create(&clients[f].thread, NULL, client_main, &clients[f]);
	swap_all(swaps, &seed);
	atomic_store(&is_over, true);
	for (f = 0; f < FAMILIES; f++)
		pthread_join(clients[f].thread, NULL);
	count = clients[0].count + clients[1].count;
	printf("# %u tables, %u connections, %.0f a second\n", swaps, count,
	       count / (seconds() - began));
	pthread_join(listening, NULL);
	wrong = judge(&clients[0]) + judge(&clients[1]);
	return wrong ? 1 : 0;
}
