/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hand at the module's netlink family, for tests in the VM: registers listeners of the current
 * namespace and serves them, or says wrong things and prints what the kernel answers (TAP).
 *
 *   nl serve SOCKETS ADDR PORT [ADDR PORT]... until killed; prints "ready", then a line a
 * connection nl misuse                                 every refused request, as TAP nl expect
 * ERRNO                           HANDOFF_SET without sockets must answer ERRNO nl dump the table:
 * generation, then "ADDR PORT SERVICE" lines nl counter NUMBER                         one counter
 * of STATUS_GET
 */
#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/lattice.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 65536 };

static struct mnl_socket *nl;
static uint16_t family;
static char words[256]; /* the kernel's, of the last refusal */
static char bytes[MESSAGE_BYTES];

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

static struct nlmsghdr *begin(uint8_t cmd)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct genlmsghdr *g;

	h->nlmsg_type = family;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	h->nlmsg_seq = 1;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = cmd;
	g->version = LATTICE_GENL_VERSION;
	return h;
}

static void read_words(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	size_t skip = sizeof(*e);
	const struct nlattr *a;

	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - MNL_NLMSG_HDRLEN;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(a, h, skip)
	{
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(words, sizeof(words), "%s", mnl_attr_get_str(a));
	}
}

/* Send and give each answer to @each until the end. Returns 0 or -errno as the kernel says. */
static int talk(struct nlmsghdr *h, void (*each)(const struct nlmsghdr *))
{
	static char answer[MESSAGE_BYTES];

	words[0] = 0;
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		struct nlmsghdr *a = (struct nlmsghdr *)answer;
		int left = (int)n;

		if (n <= 0)
			return -errno;
		for (; mnl_nlmsg_ok(a, left); a = mnl_nlmsg_next(a, &left)) {
			if (a->nlmsg_type == NLMSG_ERROR) {
				read_words(a);
				return ((struct nlmsgerr *)mnl_nlmsg_get_payload(a))->error;
			}
			if (a->nlmsg_type == NLMSG_DONE)
				return 0;
			if (each)
				each(a);
		}
	}
}

static void see_family(const struct nlmsghdr *h)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(a);
	}
}

static int open_family(void)
{
	struct nlmsghdr *h;
	int one = 1;

	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &one, sizeof(one));
	family = GENL_ID_CTRL;
	h = begin(CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, LATTICE_GENL_NAME);
	return talk(h, see_family);
}

static int listener(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	socklen_t n = sizeof(a);

	a.sin_port = htons(*port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, n) || listen(fd, 1024) ||
	    getsockname(fd, (struct sockaddr *)&a, &n)) {
		perror("listener");
		exit(1);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

static int handoff_set(const int *fds, int count)
{
	struct nlmsghdr *h = begin(LATTICE_CMD_HANDOFF_SET);
	struct nlattr *nest;
	int i;

	if (count) {
		nest = mnl_attr_nest_start(h, LATTICE_A_SOCKETS);
		for (i = 0; i < count; i++)
			mnl_attr_put_u32(h, LATTICE_SOCKET_A_FD, (uint32_t)fds[i]);
		mnl_attr_nest_end(h, nest);
	}
	return talk(h, NULL);
}

static int table_begin(uint64_t generation, uint32_t count)
{
	struct nlmsghdr *h = begin(LATTICE_CMD_TABLE_BEGIN);

	mnl_attr_put_u64(h, LATTICE_A_GENERATION, generation);
	mnl_attr_put_u32(h, LATTICE_A_COUNT, count);
	return talk(h, NULL);
}

static int table_add(const char *addr, uint16_t port, uint32_t service)
{
	struct nlmsghdr *h = begin(LATTICE_CMD_TABLE_ADD);
	struct nlattr *nest = mnl_attr_nest_start(h, LATTICE_A_ENTRIES);
	struct nlattr *entry = mnl_attr_nest_start(h, LATTICE_ENTRIES_A_ENTRY);

	mnl_attr_put_u32(h, LATTICE_ENTRY_A_ADDR4, inet_addr(addr));
	mnl_attr_put_u16(h, LATTICE_ENTRY_A_PORT, htons(port));
	mnl_attr_put_u32(h, LATTICE_ENTRY_A_SERVICE, service);
	mnl_attr_nest_end(h, entry);
	mnl_attr_nest_end(h, nest);
	return talk(h, NULL);
}

static int table_commit(uint64_t generation)
{
	struct nlmsghdr *h = begin(LATTICE_CMD_TABLE_COMMIT);

	mnl_attr_put_u64(h, LATTICE_A_GENERATION, generation);
	return talk(h, NULL);
}

static void answer_one(int listen_fd)
{
	static const char reply[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
	struct sockaddr_in peer, local;
	socklen_t n = sizeof(peer), m = sizeof(local);
	int fd = accept(listen_fd, (struct sockaddr *)&peer, &n);
	char request[4096];

	if (fd < 0)
		return;
	getsockname(fd, (struct sockaddr *)&local, &m);
	if (read(fd, request, sizeof(request)) > 0 && write(fd, reply, sizeof(reply) - 1) < 0)
		perror("write");
	printf("from %s ", inet_ntoa(peer.sin_addr));
	printf("to %s:%u\n", inet_ntoa(local.sin_addr), ntohs(local.sin_port));
	fflush(stdout);
	close(fd);
}

static int serve(int count, char **bindings)
{
	struct pollfd fds[LATTICE_SOCKETS_MAX];
	int raw[LATTICE_SOCKETS_MAX], i, n, err;
	uint16_t port = 0;

	for (i = 0; i < count; i++) {
		raw[i] = listener(&port);
		fds[i] = (struct pollfd){ .fd = raw[i], .events = POLLIN };
	}
	err = handoff_set(raw, count);
	for (n = 0; bindings[2 * n]; n++)
		continue;
	if (!err)
		err = table_begin(1, (uint32_t)n);
	for (i = 0; !err && i < n; i++)
		err = table_add(bindings[2 * i], (uint16_t)number(bindings[2 * i + 1]),
				(uint32_t)i);
	if (!err)
		err = table_commit(1);
	if (err) {
		fprintf(stderr, "%s: %s\n", strerror(-err), words);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (poll(fds, (nfds_t)count, -1) > 0) {
		for (i = 0; i < count; i++) {
			if (fds[i].revents)
				answer_one(fds[i].fd);
		}
	}
	return 0;
}

static unsigned tests;

/* One test: the kernel answered @got; it should be -@want, with words whenever it is a refusal. */
static void expect(const char *name, int got, int want)
{
	bool good = got == -want && (!want || words[0]);

	printf("%sok %u - %s\n", good ? "" : "not ", ++tests, name);
	if (!good)
		printf("# answered %d (%s), wanted %d\n", got, words, -want);
}

static void misuse_sockets(void)
{
	uint16_t port = 0;
	int tcp = listener(&port), udp = socket(AF_INET, SOCK_DGRAM, 0);
	int idle = socket(AF_INET, SOCK_STREAM, 0), file = open("/dev/null", O_RDONLY);
	int six = socket(AF_INET6, SOCK_STREAM, 0), wrong = 9999;
	struct nlmsghdr *h;

	expect("refuses_a_bad_fd", handoff_set(&wrong, 1), EBADF);
	expect("refuses_a_file_as_socket", handoff_set(&file, 1), ENOTSOCK);
	expect("refuses_a_udp_socket", handoff_set(&udp, 1), EINVAL);
	expect("refuses_an_ipv6_socket", handoff_set(&six, 1), EINVAL);
	expect("refuses_a_socket_that_does_not_listen", handoff_set(&idle, 1), EINVAL);

	h = begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_nest_end(h, mnl_attr_nest_start(h, LATTICE_A_SOCKETS));
	expect("refuses_an_empty_set", talk(h, NULL), EINVAL);
	h = begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_MAX + 5, 1);
	expect("refuses_an_unknown_attribute", talk(h, NULL), EINVAL);
	h = begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_POOL4, inet_addr("10.0.0.1"));
	mnl_attr_put_u8(h, LATTICE_A_POOL4_LEN, 24);
	expect("refuses_a_pool_with_bits_behind_its_prefix", talk(h, NULL), EINVAL);
	h = begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_POOL4, inet_addr("10.0.0.0"));
	expect("refuses_a_pool_without_its_length", talk(h, NULL), EINVAL);
	h = begin(LATTICE_CMD_HANDOFF_SET);
	mnl_attr_put_u32(h, LATTICE_A_POOL4, inet_addr("10.0.0.0"));
	mnl_attr_put_u8(h, LATTICE_A_POOL4_LEN, 33);
	expect("refuses_a_length_out_of_range", talk(h, NULL), ERANGE);
	expect("refused_requests_registered_nothing", table_begin(1, 0), ENOENT);
	expect("takes_a_listening_socket", handoff_set(&tcp, 1), 0);
}

static void misuse_table(void)
{
	struct nlmsghdr *h;

	expect("refuses_add_without_begin", table_add("169.254.171.1", 80, 1), ENOENT);
	expect("refuses_commit_without_begin", table_commit(1), ENOENT);
	expect("refuses_too_many_entries_announced", table_begin(1, LATTICE_ENTRIES_MAX + 1),
	       ERANGE);
	h = begin(LATTICE_CMD_TABLE_BEGIN);
	expect("refuses_begin_without_its_attributes", talk(h, NULL), EINVAL);
	h = begin(LATTICE_CMD_TABLE_BEGIN);
	mnl_attr_put_u16(h, LATTICE_A_GENERATION, 1);
	mnl_attr_put_u32(h, LATTICE_A_COUNT, 1);
	expect("refuses_an_attribute_of_the_wrong_size", talk(h, NULL), EINVAL);

	expect("begins", table_begin(2, 1), 0);
	expect("refuses_to_commit_fewer_than_announced", table_commit(2), EINVAL);
	expect("begins_again", table_begin(3, 2), 0);
	expect("adds", table_add("169.254.171.1", 80, 1), 0);
	expect("refuses_a_duplicate", table_add("169.254.171.1", 80, 2), EEXIST);
	expect("a_refused_part_ends_the_transaction", table_commit(3), ENOENT);
	expect("begins_a_third", table_begin(4, 1), 0);
	expect("adds_to_it", table_add("169.254.171.1", 80, 1), 0);
	expect("refuses_more_than_announced", table_add("169.254.171.2", 80, 1), E2BIG);
	expect("begins_a_fourth", table_begin(5, 1), 0);
	expect("refuses_port_0", table_add("169.254.171.1", 0, 1), EINVAL);
	expect("begins_a_fifth", table_begin(6, 1), 0);
	h = begin(LATTICE_CMD_TABLE_ADD);
	mnl_attr_put_u32(h, LATTICE_A_ENTRIES, 1);
	expect("refuses_entries_that_are_no_nest", talk(h, NULL), EINVAL);
	h = begin(LATTICE_CMD_MAX + 1);
	expect("refuses_an_unknown_command", talk(h, NULL) == -EOPNOTSUPP ? 0 : -1, 0);
}

static int misuse(void)
{
	struct mnl_socket *mine = nl, *other;

	misuse_sockets();
	misuse_table();
	if (open_family())
		return 1;
	other = nl;
	expect("refuses_another_netlink_sockets_handoff", handoff_set(NULL, 0), EBUSY);
	expect("keeps_transactions_apart", table_begin(7, 0), EBUSY);
	nl = mine;
	expect("unregisters", talk(begin(LATTICE_CMD_UNREGISTER), NULL), 0);
	expect("refuses_to_unregister_twice", talk(begin(LATTICE_CMD_UNREGISTER), NULL), ENOENT);
	mnl_socket_close(other);
	printf("1..%u\n", tests);
	return 0;
}

static void see_table(const struct nlmsghdr *h)
{
	const struct nlattr *a, *e, *f;

	mnl_attr_for_each(a, h, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == LATTICE_A_GENERATION)
			printf("generation %llu\n", (unsigned long long)mnl_attr_get_u64(a));
		if (mnl_attr_get_type(a) != LATTICE_A_ENTRIES)
			continue;
		mnl_attr_for_each_nested(e, a)
		{
			mnl_attr_for_each_nested(f, e)
			{
				if (mnl_attr_get_type(f) == LATTICE_ENTRY_A_ADDR4)
					printf("%s",
					       inet_ntoa(
						       *(struct in_addr *)mnl_attr_get_payload(f)));
				else if (mnl_attr_get_type(f) == LATTICE_ENTRY_A_PORT)
					printf(" %u", ntohs(mnl_attr_get_u16(f)));
				else
					printf(" %u", mnl_attr_get_u32(f));
			}
			puts("");
		}
	}
}

static unsigned counter_wanted;

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
				printf("%llu\n", (unsigned long long)mnl_attr_get_u64(c));
		}
	}
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct nlmsghdr *h;

	if (open_family()) {
		fprintf(stderr, "no family: %s\n", strerror(errno));
		return 1;
	}
	if (!strcmp(verb, "serve") && argc > 2)
		return serve((int)number(argv[2]), argv + 3);
	if (!strcmp(verb, "misuse"))
		return misuse();
	if (!strcmp(verb, "expect") && argc > 2)
		return handoff_set(NULL, 0) == -(int)number(argv[2]) ? 0 : 1;
	if (!strcmp(verb, "dump")) {
		h = begin(LATTICE_CMD_TABLE_GET);
		h->nlmsg_flags |= NLM_F_DUMP;
		return talk(h, see_table) ? 1 : 0;
	}
	if (!strcmp(verb, "counter") && argc > 2) {
		counter_wanted = number(argv[2]);
		return talk(begin(LATTICE_CMD_STATUS_GET), see_counter) ? 1 : 0;
	}
	fprintf(stderr, "usage: see the top of nl.c\n");
	return 2;
}
