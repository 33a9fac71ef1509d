/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hand at the module's netlink family, for tests in the VM. It acts on the current namespace.
 *
 * nl serve SOCKETS [--rule ADDR LEN MIN MAX]... [--closed] ADDR PORT [ADDR PORT]...
 *	registers listeners and serves them until killed; prints "ready", then a line a
 *	connection: "from ADDR to ADDR PORT local UID CGROUP", or "remote" for a client that
 *	is no socket here
 *
 * nl misuse: every request that must be refused, as TAP
 *
 * nl expect ERRNO: HANDOFF_SET without sockets must answer ERRNO
 *
 * nl dump: the table: generation, then "ADDR PORT SERVICE" and "rule ADDR LEN MIN MAX"
 *
 * nl counter NUMBER: one counter of STATUS_GET
 *
 * nl services: "SERVICE STEERED NO_SOCKET FILTERED" of each
 *
 * nl audit [all]: events as they come, until killed; prints "ready" first
 *
 * nl raw KIND FROM TO PORT: one odd packet, see nl_raw.c
 */
#include "base/num.h"
#include "nl_talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RULES_MAX = 16 };

/* The number that @text is; what is none ends the program. */
static uint32_t number(const char *text)
{
	uint32_t v;

	if (num_parse_u32(str_of(text), &v)) {
		fprintf(stderr, "not a number: %s\n", text);
		exit(2);
	}
	return v;
}

/* A listener on the loopback address of @family, on any port for 0, which is then set. */
static int listener(int family, uint16_t *port)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in a4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *a = family == AF_INET ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6;
	socklen_t n = family == AF_INET ? sizeof(a4) : sizeof(a6);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	a4.sin_port = a6.sin6_port = htons(*port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(fd, a, n) || listen(fd, 1024) || getsockname(fd, a, &n)) {
		perror("listener");
		exit(1);
	}
	*port = ntohs(family == AF_INET ? a4.sin_port : a6.sin6_port);
	return fd;
}

static void print_end(const char *word, const struct sockaddr_storage *a)
{
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;

	if (a->ss_family == AF_INET)
		printf("%s %s ", word, nl_addr_text(AF_INET, &a4->sin_addr));
	else
		printf("%s %s ", word, nl_addr_text(AF_INET6, &a6->sin6_addr));
	if (*word == 't')
		printf("%u ", ntohs(a->ss_family == AF_INET ? a4->sin_port : a6->sin6_port));
}

static void print_peer(int fd, int family)
{
	struct lattice_peer p = { 0 };
	socklen_t n = sizeof(p);

	if (getsockopt(fd, family == AF_INET ? SOL_IP : SOL_IPV6, LATTICE_SO_PEER, &p, &n))
		printf("error %d\n", errno);
	else if (p.flags & LATTICE_PEER_LOCAL)
		printf("local %u %" PRIu64 "\n", p.uid, (uint64_t)p.cgroup_id);
	else
		printf("remote\n");
}

static void answer_one(int listen_fd)
{
	static const char reply[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
	struct sockaddr_storage peer, local;
	socklen_t n = sizeof(peer), m = sizeof(local);
	int fd = accept(listen_fd, (struct sockaddr *)&peer, &n);
	char request[4096];

	if (fd < 0)
		return;
	getsockname(fd, (struct sockaddr *)&local, &m);
	print_end("from", &peer);
	print_end("to", &local);
	print_peer(fd, local.ss_family);
	fflush(stdout);
	if (read(fd, request, sizeof(request)) > 0 && write(fd, reply, sizeof(reply) - 1) < 0)
		perror("write");
	close(fd);
}

struct wish {
	struct nl_rule rules[RULES_MAX];
	int rule_count; /* below 0: no filter */
	char **bindings;
	int binding_count;
};

/* Read the arguments behind SOCKETS. */
static struct wish read_wish(char **args)
{
	struct wish w = { .rule_count = -1 };

	for (; *args && (*args)[0] == '-'; args++) {
		if (w.rule_count < 0)
			w.rule_count = 0;
		if (strcmp(*args, "--rule") != 0)
			continue;
		if (w.rule_count == RULES_MAX)
			exit(2);
		w.rules[w.rule_count++] = (struct nl_rule){
			nl_addr_parse(args[1]),
			(uint8_t)number(args[2]),
			(uint16_t)number(args[3]),
			(uint16_t)number(args[4]),
		};
		args += 4;
	}
	w.bindings = args;
	while (args[2 * w.binding_count])
		w.binding_count++;
	return w;
}

static int set_table(const struct wish *w)
{
	int i, err = nl_table_begin(1, (uint32_t)w->binding_count, w->rule_count);

	for (i = 0; !err && i < w->binding_count; i++)
		err = nl_table_add(w->bindings[2 * i], (uint16_t)number(w->bindings[2 * i + 1]),
				   (uint32_t)i);
	for (i = 0; !err && i < w->rule_count; i++)
		err = nl_table_add_rule(&w->rules[i]);
	return err ? err : nl_table_commit(1);
}

static int serve(int count, char **args)
{
	struct pollfd fds[2 * LATTICE_SOCKETS_MAX];
	int raw[2 * LATTICE_SOCKETS_MAX], i, err;
	struct wish w = read_wish(args);
	uint16_t port4 = 0, port6 = 0;

	for (i = 0; i < 2 * count; i++) {
		raw[i] = i < count ? listener(AF_INET, &port4) : listener(AF_INET6, &port6);
		fds[i] = (struct pollfd){ .fd = raw[i], .events = POLLIN };
	}
	err = nl_handoff_set(raw, 2 * count);
	if (!err)
		err = set_table(&w);
	if (err) {
		fprintf(stderr, "%s: %s\n", strerror(-err), nl_words);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (poll(fds, (nfds_t)(2 * count), -1) > 0) {
		for (i = 0; i < 2 * count; i++) {
			if (fds[i].revents)
				answer_one(fds[i].fd);
		}
	}
	return 0;
}

static void see_entry(const struct nlattr *e)
{
	const struct nlattr *f;

	mnl_attr_for_each_nested(f, e)
	{
		switch (mnl_attr_get_type(f)) {
		case LATTICE_ENTRY_A_ADDR4:
			printf("%s", nl_addr_text(AF_INET, mnl_attr_get_payload(f)));
			break;
		case LATTICE_ENTRY_A_ADDR6:
			printf("%s", nl_addr_text(AF_INET6, mnl_attr_get_payload(f)));
			break;
		case LATTICE_ENTRY_A_PORT:
			printf(" %u", ntohs(mnl_attr_get_u16(f)));
			break;
		default:
			printf(" %u", mnl_attr_get_u32(f));
		}
	}
	puts("");
}

static void see_rule(const struct nlattr *e)
{
	const struct nlattr *f;

	printf("rule");
	mnl_attr_for_each_nested(f, e)
	{
		switch (mnl_attr_get_type(f)) {
		case LATTICE_RULE_A_ADDR4:
			printf(" %s", nl_addr_text(AF_INET, mnl_attr_get_payload(f)));
			break;
		case LATTICE_RULE_A_ADDR6:
			printf(" %s", nl_addr_text(AF_INET6, mnl_attr_get_payload(f)));
			break;
		case LATTICE_RULE_A_LEN:
			printf(" %u", mnl_attr_get_u8(f));
			break;
		default:
			printf(" %u", mnl_attr_get_u16(f));
		}
	}
	puts("");
}

static void see_table(const struct nlmsghdr *h)
{
	const struct nlattr *a, *e;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == LATTICE_A_GENERATION)
			printf("generation %" PRIu64 "\n", mnl_attr_get_u64(a));
		if (mnl_attr_get_type(a) == LATTICE_A_ENTRIES)
			mnl_attr_for_each_nested(e, a) see_entry(e);
		if (mnl_attr_get_type(a) == LATTICE_A_RULES)
			mnl_attr_for_each_nested(e, a) see_rule(e);
	}
}

static uint32_t counter_wanted;

static void see_counter(const struct nlmsghdr *h)
{
	const struct nlattr *a, *c;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) != LATTICE_A_COUNTERS)
			continue;
		mnl_attr_for_each_nested(c, a)
		{
			if (mnl_attr_get_type(c) == counter_wanted + 1)
				printf("%" PRIu64 "\n", mnl_attr_get_u64(c));
		}
	}
}

static void see_service(const struct nlmsghdr *h)
{
	const struct nlattr *a, *c;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == LATTICE_A_SERVICE)
			printf("%u", mnl_attr_get_u32(a));
		if (mnl_attr_get_type(a) != LATTICE_A_COUNTERS)
			continue;
		mnl_attr_for_each_nested(c, a) printf(" %" PRIu64, mnl_attr_get_u64(c));
	}
	puts("");
}

static int dump(uint8_t cmd, void (*each)(const struct nlmsghdr *))
{
	struct nlmsghdr *h = nl_begin(cmd);

	h->nlmsg_flags |= NLM_F_DUMP;
	return nl_talk(h, each) ? 1 : 0;
}

static void print_address(const uint32_t addr[4], uint16_t port)
{
	if (!addr[0] && !addr[1] && addr[2] == htonl(0xffff))
		printf(" %s %u", nl_addr_text(AF_INET, &addr[3]), ntohs(port));
	else
		printf(" %s %u", nl_addr_text(AF_INET6, addr), ntohs(port));
}

/* KIND VERDICT PROTO SADDR SPORT DADDR DPORT, then what there is of "service=N took=1 in=N out=N".
 */
static void see_record(const struct lattice_record *r)
{
	static const char *const kinds[] = { "refused", "start", "end" };

	printf("%s %u %u", kinds[r->kind % 3], r->verdict, r->proto);
	print_address(r->saddr, r->sport);
	print_address(r->daddr, r->dport);
	if (r->flags & LATTICE_RECORD_SERVICE)
		printf(" service=%u", r->service);
	if (r->kind == LATTICE_RECORD_END)
		printf(" took=%d in=%" PRIu64 " out=%" PRIu64, r->duration_ns > 0,
		       (uint64_t)r->bytes_in, (uint64_t)r->bytes_out);
	puts("");
}

static int see_events(const struct nlmsghdr *h, void *context)
{
	struct lattice_record r;
	const struct nlattr *a;
	uint32_t size = 0, at;

	(void)context;
	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == LATTICE_A_NETNS_INUM)
			printf("net %u\n", mnl_attr_get_u32(a));
		if (mnl_attr_get_type(a) == LATTICE_A_RECORD_SIZE)
			size = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) != LATTICE_A_RECORDS || size < sizeof(r))
			continue;
		for (at = 0; at + size <= mnl_attr_get_payload_len(a); at += size) {
			memcpy(&r, (const char *)mnl_attr_get_payload(a) + at, sizeof(r));
			see_record(&r);
		}
	}
	fflush(stdout);
	return MNL_CB_OK;
}

static int audit(uint32_t group)
{
	static char bytes[65536];
	ssize_t n;

	if (mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group))) {
		fprintf(stderr, "cannot join: %s\n", strerror(errno));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while ((n = mnl_socket_recvfrom(nl, bytes, sizeof(bytes))) > 0)
		mnl_cb_run(bytes, (size_t)n, 0, 0, see_events, NULL);
	return 1;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (nl_open()) {
		fprintf(stderr, "no family: %s\n", strerror(errno));
		return 1;
	}
	if (!strcmp(verb, "serve") && argc > 2)
		return serve((int)number(argv[2]), argv + 3);
	if (!strcmp(verb, "misuse"))
		return nl_misuse();
	if (!strcmp(verb, "expect") && argc > 2)
		return nl_handoff_set(NULL, 0) == -(int)number(argv[2]) ? 0 : 1;
	if (!strcmp(verb, "dump"))
		return dump(LATTICE_CMD_TABLE_GET, see_table);
	if (!strcmp(verb, "services"))
		return dump(LATTICE_CMD_SERVICE_GET, see_service);
	if (!strcmp(verb, "audit"))
		return audit(argc > 2 ? nl_group_audit_all : nl_group_audit);
	if (!strcmp(verb, "raw") && argc > 5)
		return nl_raw(argv[2], argv[3], argv[4], (uint16_t)number(argv[5]));
	if (!strcmp(verb, "counter") && argc > 2) {
		counter_wanted = number(argv[2]);
		return nl_talk(nl_begin(LATTICE_CMD_STATUS_GET), see_counter) ? 1 : 0;
	}
	fprintf(stderr, "usage: see the top of nl.c\n");
	return 2;
}
