/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/steer/broker.c against the real kernel: a broker in a child, a namespace made for
 * it, and the test in the role of the plane. The process that the broker takes for its plane
 * only sleeps: what it would be given comes here. Needs root; skipped without. Steers by nf_tables,
 * or by the module where LATTICE_TEST_KMOD is set.
 */
#include "steer/broker.c"

#include "steer/kmod.h"
#include "steer/nft.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>

#include <cmocka.h>

enum { WAIT_MS = 10 * 1000, WORKERS = 2, VPC = 3 };

struct scene {
	pid_t broker;
	int control; /* link ends come from here, the sleeper's pid beside each */
	int link;
	pid_t plane;
	bool has_no_ipv6; /* what the broker is to find */
	char netns[32], path[64];
};

static struct scene scene;

static int shell(const char *format, ...)
{
	char command[256];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

/* In the broker: the plane is a sleeper, its end of the link goes to the test. */
static pid_t start_sleeper(void *context, int link_fd)
{
	const int *control = context;
	struct link_fds fds = { { link_fd }, 1 };
	struct link_msg m = { 0 };
	sigset_t none;
	pid_t pid = fork();

	if (pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close_range(3, ~0U, 0);
		for (;;)
			pause();
	}
	m.vpc = (uint32_t)pid;
	return link_send(*control, &m, &fds) ? -EIO : pid;
}

static void notify_nobody(void *context, bool is_ready)
{
	(void)context;
	(void)is_ready;
}

static void be_broker(int control)
{
	struct broker_config c = {
		.steer = &nft_steer_ops,
		.pool = { .addr.s_addr = htonl(0xa9feab00),
			  .bits = 24,
			  .addr6.s6_addr = { 0xfd, 0, 0x0e, 0xc2, 0, 0x80 },
			  .bits6 = 64 },
		.workers = WORKERS,
		.api_fd = STDIN_FILENO,
		.access_fd = STDIN_FILENO,
		.start_plane = start_sleeper,
		.notify = notify_nobody,
		.context = &control,
	};

	if (getenv("LATTICE_TEST_KMOD"))
		c.steer = &kmod_steer_ops;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log_open("broker", LOG_LEVEL_ERROR);
	_exit(broker_run(&c) ? 1 : 0);
}

static void receive(int fd, uint32_t kind, struct link_msg *ret, struct link_fds *ret_fds)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	assert_int_equal(link_recv(fd, ret, ret_fds), 0);
	assert_int_equal(ret->kind, kind);
}

/* The next plane is there: take its end of the link and its greeting. */
static void meet_plane(void)
{
	struct link_fds fds;
	struct link_msg m;

	receive(scene.control, 0, &m, &fds);
	assert_int_equal(fds.count, 1);
	scene.link = fds.at[0];
	scene.plane = (pid_t)m.vpc;
	receive(scene.link, LINK_HELLO, &m, &fds);
	assert_int_equal(fds.count, 2);
	link_fds_close(&fds);
}

static void say(const struct link_msg *m)
{
	struct pollfd p = { .fd = scene.link, .events = POLLOUT };

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	assert_int_equal(link_send(scene.link, m, NULL), 0);
}

static void set_vpc(uint32_t vpc)
{
	struct link_msg m = { .kind = LINK_VPC_SET, .vpc = vpc };

	snprintf(m.path, sizeof(m.path), "%s", scene.path);
	say(&m);
}

static void hear_state(uint32_t vpc, int error, struct link_fds *ret)
{
	struct link_msg m;

	receive(scene.link, LINK_VPC_STATE, &m, ret);
	assert_int_equal(m.vpc, vpc);
	assert_int_equal(m.error, error);
	assert_int_equal(m.count, error ? 0 : scene.has_no_ipv6 ? 2 : 4);
	assert_true(m.count <= ret->count);
	for (; m.count; m.count--)
		close(ret->at[--ret->count]);
	assert_int_equal(ret->count, error ? 0 : scene.has_no_ipv6 ? WORKERS : 2 * WORKERS);
}

static const struct sock_addr service4 = {
	.family = AF_INET, .v6.s6_addr = { 169, 254, 171, 9 }, /* which v4 is the beginning of */
};
static const struct sock_addr service6 = {
	.family = AF_INET6,
	.v6.s6_addr = { 0xfd, 0, 0x0e, 0xc2, 0, 0x80, [15] = 9 },
};

/* @a with @port. */
static struct sock_addr at_port(struct sock_addr a, uint16_t port)
{
	a.port = port;
	return a;
}

/* A table with @port of both addresses of a service in it, or an empty one for 0. */
static void set_table(uint16_t port, int error)
{
	struct link_msg m = { .kind = LINK_TABLE_BEGIN, .vpc = VPC, .generation = 5 };
	struct link_fds fds;

	m.count = port ? 2 : 0;
	say(&m);
	if (port) {
		m.kind = LINK_TABLE_ADD;
		m.bindings[0].addr = at_port(service4, port);
		m.bindings[1].addr = at_port(service6, port);
		say(&m);
	}
	m.kind = LINK_TABLE_COMMIT;
	say(&m);
	receive(scene.link, LINK_TABLE_DONE, &m, &fds);
	assert_int_equal(m.generation, 5);
	assert_int_equal(m.error, error);
}

/* A connection begun in the namespace to @to. */
static int begin_connect_to(struct sock_addr to)
{
	struct sockaddr_storage os;
	socklen_t size = sock_addr_to_os(&to, &os);
	struct netns home, n;
	int fd;

	assert_int_equal(netns_open_home(&home), 0);
	assert_int_equal(netns_open(&n, scene.path), 0);
	assert_int_equal(netns_enter(&n), 0);
	fd = socket((int)to.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	netns_leave(&home);
	netns_close(&home);
	netns_close(&n);
	assert_true(fd >= 0);
	assert_true(connect(fd, (struct sockaddr *)&os, size) == 0 || errno == EINPROGRESS ||
		    errno == ECONNREFUSED);
	return fd;
}

static int begin_connect(uint16_t port)
{
	return begin_connect_to(at_port(service4, port));
}

/* What becomes of a connection: 0 or an errno; it may not hang. */
static int end_connect(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t n = sizeof(int);
	int err = 0;

	assert_int_equal(poll(&p, 1, 1000), 1);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n), 0);
	if (!err && (p.revents & POLLHUP))
		err = ECONNREFUSED;
	return err;
}

static int connect_ends(uint16_t port)
{
	int fd = begin_connect(port), err = end_connect(fd);

	close(fd);
	return err;
}

/* Accept from whichever listener has a connection; its local address must be @service. */
static void accept_at(const struct link_fds *listeners, struct sock_addr service)
{
	struct pollfd p[2 * WORKERS];
	struct sock_addr at;
	unsigned i;
	int fd = -1;

	for (i = 0; i < listeners->count; i++)
		p[i] = (struct pollfd){ .fd = listeners->at[i], .events = POLLIN };
	assert_true(poll(p, listeners->count, WAIT_MS) > 0);
	for (i = 0; i < listeners->count && fd < 0; i++)
		fd = accept4(listeners->at[i], NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(sock_local(fd, &at), 0);
	assert_true(sock_addr_eq(&at, &service));
	close(fd);
}

static void accept_for(const struct link_fds *listeners, uint16_t port)
{
	accept_at(listeners, at_port(service4, port));
}

static void make_netns(void)
{
	assert_int_equal(shell("ip netns add %s", scene.netns), 0);
	assert_int_equal(
		shell("ip -n %s link add d0 type veth peer name d1 && ip -n %s link set d0 up && "
		      "ip -n %s addr add 10.0.0.1/24 dev d0",
		      scene.netns, scene.netns, scene.netns),
		0);
}

static int set_up(void **state)
{
	int pair[2];

	(void)state;
	snprintf(scene.netns, sizeof(scene.netns), "lattice-t%d", (int)getpid());
	snprintf(scene.path, sizeof(scene.path), "/run/netns/%s", scene.netns);
	make_netns();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -1;
	scene.broker = fork();
	if (scene.broker == 0) {
		close(pair[0]);
		be_broker(pair[1]);
	}
	close(pair[1]);
	scene.control = pair[0];
	meet_plane();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (scene.broker > 0) {
		kill(scene.broker, SIGKILL);
		waitpid(scene.broker, NULL, 0);
		kill(scene.plane, SIGKILL);
	}
	close(scene.link);
	close(scene.control);
	shell("ip netns del %s 2>/dev/null", scene.netns);
	shell("ip netns del %sb 2>/dev/null", scene.netns);
	return 0;
}

static void refuses_all_until_bound_and_then_hands_over(void **state)
{
	struct link_fds listeners;
	int fd;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	assert_int_equal(connect_ends(80), ECONNREFUSED);
	set_table(80, 0);
	fd = begin_connect(80);
	assert_int_equal(end_connect(fd), 0);
	accept_for(&listeners, 80);
	close(fd);
	assert_int_equal(connect_ends(81), ECONNREFUSED);
	set_table(0, 0);
	assert_int_equal(connect_ends(80), ECONNREFUSED);
	link_fds_close(&listeners);
}

static void ipv6_is_refused_and_handed_over_alike(void **state)
{
	struct link_fds listeners;
	int fd;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	set_table(80, 0);
	fd = begin_connect_to(at_port(service6, 80));
	assert_int_equal(end_connect(fd), 0);
	accept_at(&listeners, at_port(service6, 80));
	close(fd);
	fd = begin_connect_to(at_port(service6, 81));
	assert_int_equal(end_connect(fd), ECONNREFUSED);
	close(fd);
	link_fds_close(&listeners);
}

static void a_namespace_without_ipv6_is_served_in_ipv4(void **state)
{
	struct link_fds listeners;
	int fd;

	(void)state;
	assert_int_equal(shell("ip netns exec %s sysctl -qw net.ipv6.conf.all.disable_ipv6=1 "
			       "net.ipv6.conf.default.disable_ipv6=1",
			       scene.netns),
			 0);
	scene.has_no_ipv6 = true;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	scene.has_no_ipv6 = false;
	set_table(80, 0);
	fd = begin_connect(80);
	assert_int_equal(end_connect(fd), 0);
	accept_for(&listeners, 80);
	close(fd);
	link_fds_close(&listeners);
}

/* A second namespace whose default route is the first. */
static struct steer_counters ask_counters(uint32_t vpc, int error)
{
	struct link_msg m = { .kind = LINK_COUNTERS, .vpc = vpc };
	struct link_fds none;

	say(&m);
	receive(scene.link, LINK_COUNTERS, &m, &none);
	assert_int_equal(m.vpc, vpc);
	assert_int_equal(m.error, error);
	assert_int_equal(none.count, 0);
	return m.counters;
}

static void what_the_kernel_counted_is_told(void **state)
{
	struct link_fds listeners;
	struct steer_counters c;
	int fd, i;

	(void)state;
	assert_int_equal(ask_counters(VPC, -ENOENT).known, 0);
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	set_table(80, 0);
	for (i = 0; i < 3; i++) {
		fd = begin_connect(80);
		assert_int_equal(end_connect(fd), 0);
		accept_for(&listeners, 80);
		close(fd);
	}
	assert_int_equal(connect_ends(81), ECONNREFUSED);
	c = ask_counters(VPC, 0);
	assert_true(c.known & 1U << STEER_STEERED && c.known & 1U << STEER_NOT_TCP);
	assert_int_equal(c.at[STEER_STEERED], 3);
	assert_int_equal(c.at[STEER_NO_SERVICE], 1);
	assert_int_equal(c.at[STEER_FILTERED], 0);
	link_fds_close(&listeners);
}

static void a_client_behind_the_namespace_is_served_too(void **state)
{
	struct link_fds listeners;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	set_table(80, 0);
	assert_int_equal(shell("ip netns add %sb && ip -n %s link set d1 netns %sb", scene.netns,
			       scene.netns, scene.netns),
			 0);
	assert_int_equal(
		shell("ip -n %sb addr add 10.0.0.2/24 dev d1 && ip -n %sb link set d1 up && "
		      "ip -n %sb route add default via 10.0.0.1",
		      scene.netns, scene.netns, scene.netns),
		0);
	assert_int_equal(shell("ip netns exec %sb timeout 2 bash -c '</dev/tcp/169.254.171.9/80'",
			       scene.netns),
			 0);
	accept_for(&listeners, 80);
	/* 124 would be the timeout: refused means at once. */
	assert_int_equal(shell("ip netns exec %sb timeout 2 bash -c '</dev/tcp/169.254.171.9/81' "
			       "2>/dev/null; test $? = 1",
			       scene.netns),
			 0);
	link_fds_close(&listeners);
}

static void a_wildcard_listener_never_gets_lattice_traffic(void **state)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(81) };
	struct link_fds listeners;
	struct netns home, n;
	int fd;

	(void)state;
	assert_int_equal(netns_open_home(&home), 0);
	assert_int_equal(netns_open(&n, scene.path), 0);
	assert_int_equal(netns_enter(&n), 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	netns_leave(&home);
	netns_close(&home);
	netns_close(&n);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, 1), 0);
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	assert_int_equal(connect_ends(81), ECONNREFUSED);
	link_fds_close(&listeners);
	close(fd);
}

static void the_largest_table_comes_into_force(void **state)
{
	struct link_msg m = { .kind = LINK_TABLE_BEGIN, .vpc = VPC, .generation = 9 };
	struct link_fds listeners, none;
	uint32_t i, n = 0;
	int fd;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	m.count = LATTICE_BINDINGS_MAX;
	say(&m);
	m.kind = LINK_TABLE_ADD;
	for (i = 0; i < LATTICE_BINDINGS_MAX; i++) {
		m.bindings[n++].addr = (struct sock_addr){ AF_INET,
							   (uint16_t)(160 - i / 250),
							   { { htonl(0xa9feab01 + i % 250) } } };
		if (n < LINK_BINDINGS_MAX && i + 1 < LATTICE_BINDINGS_MAX)
			continue;
		m.count = n;
		n = 0;
		say(&m);
	}
	m.kind = LINK_TABLE_COMMIT;
	say(&m);
	receive(scene.link, LINK_TABLE_DONE, &m, &none);
	assert_int_equal(m.error, 0);
	fd = begin_connect(1);
	assert_int_equal(end_connect(fd), 0);
	accept_for(&listeners, 1);
	close(fd);
	assert_int_equal(connect_ends(161), ECONNREFUSED);
	link_fds_close(&listeners);
}

static void waiting_connections_outlive_the_plane(void **state)
{
	struct link_fds listeners;
	struct link_msg synced = { .kind = LINK_SYNCED };
	int fd;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	set_table(80, 0);
	link_fds_close(&listeners);
	kill(scene.plane, SIGKILL);
	fd = begin_connect(80);
	assert_int_equal(end_connect(fd), 0);
	close(scene.link);
	meet_plane();
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	say(&synced);
	accept_for(&listeners, 80);
	close(fd);
	link_fds_close(&listeners);
}

static void a_vpc_that_the_next_plane_does_not_know_goes(void **state)
{
	struct link_msg synced = { .kind = LINK_SYNCED };
	struct link_msg sockets = {
		.kind = LINK_SOCKETS, .vpc = VPC, .count = 1, .family = AF_INET
	};
	struct link_fds fds;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &fds);
	link_fds_close(&fds);
	kill(scene.plane, SIGKILL);
	close(scene.link);
	meet_plane();
	say(&synced);
	say(&sockets);
	receive(scene.link, LINK_SOCKETS, &sockets, &fds);
	assert_int_equal(sockets.error, -ENOENT);
	assert_int_not_equal(
		shell("ip netns exec %s nft list table inet lattice >/dev/null 2>&1", scene.netns),
		0);
}

static void upstream_sockets_are_of_the_namespace(void **state)
{
	struct link_msg m = {
		.kind = LINK_SOCKETS, .vpc = VPC, .count = 4, .family = AF_INET, .worker = 1
	};
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001) };
	struct link_fds fds;
	unsigned i;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &fds);
	link_fds_close(&fds);
	say(&m);
	receive(scene.link, LINK_SOCKETS, &m, &fds);
	assert_int_equal(m.error, 0);
	assert_int_equal(m.worker, 1);
	assert_int_equal(m.count, 4);
	assert_int_equal(fds.count, 4);
	for (i = 0; i < fds.count; i++)
		assert_int_equal(bind(fds.at[i], (struct sockaddr *)&own, sizeof(own)), 0);
	link_fds_close(&fds);
}

static void one_namespace_is_one_vpc(void **state)
{
	struct link_fds fds;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &fds);
	link_fds_close(&fds);
	set_vpc(VPC + 1);
	hear_state(VPC + 1, -EBUSY, &fds);
}

static void a_bad_message_costs_the_plane_its_life(void **state)
{
	struct link_msg bad = { .kind = LINK_VPC_SET, .vpc = LATTICE_VPCS_MAX };
	pid_t before = scene.plane;

	(void)state;
	say(&bad);
	close(scene.link);
	meet_plane();
	assert_int_not_equal(scene.plane, before);
	assert_int_equal(kill(scene.broker, 0), 0);
}

static void follows_a_namespace_that_goes_and_comes_back(void **state)
{
	struct link_fds listeners;
	int fd;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	set_table(80, 0);
	link_fds_close(&listeners);
	assert_int_equal(shell("ip netns del %s", scene.netns), 0);
	hear_state(VPC, -ENOENT, &listeners);
	make_netns();
	hear_state(VPC, 0, &listeners);
	fd = begin_connect(80);
	assert_int_equal(end_connect(fd), 0);
	accept_for(&listeners, 80);
	close(fd);
	link_fds_close(&listeners);
}

static void the_route_follows_the_address(void **state)
{
	const char *is_there = "timeout 5 sh -c 'until ip -n %s route show table local | "
			       "grep -q \"169.254.171.0/24.*src %s\"; do sleep 0.05; done'";
	struct link_fds listeners;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &listeners);
	link_fds_close(&listeners);
	assert_int_equal(shell(is_there, scene.netns, "10.0.0.1"), 0);
	assert_int_equal(shell("ip -n %s addr del 10.0.0.1/24 dev d0", scene.netns), 0);
	assert_int_equal(shell("ip -n %s addr add 10.9.0.7/24 dev d0", scene.netns), 0);
	assert_int_equal(shell(is_there, scene.netns, "10.9.0.7"), 0);
	assert_int_equal(shell("ip -n %s link set lo down", scene.netns), 0);
	assert_int_equal(shell(is_there, scene.netns, "10.9.0.7"), 0);
}

static void leaves_nothing_behind(void **state)
{
	struct link_fds fds;
	int status;

	(void)state;
	set_vpc(VPC);
	hear_state(VPC, 0, &fds);
	link_fds_close(&fds);
	set_table(80, 0);
	kill(scene.broker, SIGTERM);
	assert_int_equal(waitpid(scene.broker, &status, 0), scene.broker);
	scene.broker = 0;
	assert_int_equal(status, 0);
	assert_int_not_equal(
		shell("ip -n %s route show table all | grep -q 169.254.171", scene.netns), 0);
	assert_int_not_equal(
		shell("ip -n %s -6 route show table all | grep -q fd00:ec2:80", scene.netns), 0);
	assert_int_not_equal(
		shell("ip netns exec %s nft list table inet lattice >/dev/null 2>&1", scene.netns),
		0);
	assert_int_not_equal(shell("ip netns exec %s ss -Hltn | grep -q LISTEN", scene.netns), 0);
}

#define live(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		live(refuses_all_until_bound_and_then_hands_over),
		live(ipv6_is_refused_and_handed_over_alike),
		live(a_namespace_without_ipv6_is_served_in_ipv4),
		live(what_the_kernel_counted_is_told),
		live(a_client_behind_the_namespace_is_served_too),
		live(a_wildcard_listener_never_gets_lattice_traffic),
		live(the_largest_table_comes_into_force),
		live(waiting_connections_outlive_the_plane),
		live(a_vpc_that_the_next_plane_does_not_know_goes),
		live(upstream_sockets_are_of_the_namespace),
		live(one_namespace_is_one_vpc),
		live(a_bad_message_costs_the_plane_its_life),
		live(follows_a_namespace_that_goes_and_comes_back),
		live(the_route_follows_the_address),
		live(leaves_nothing_behind),
	};

	if (geteuid() != 0 || shell("ip netns add lattice-p%d 2>/dev/null", (int)getpid())) {
		printf("1..1\nok 1 - broker # SKIP needs root and network namespaces\n");
		return 0;
	}
	shell("ip netns del lattice-p%d", (int)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
